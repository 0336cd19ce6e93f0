using VkNet.Formats;

namespace VkNet.Tests.Formats;

internal sealed class AtomicFileTests
{
    [Test]
    public void A_failure_leaves_the_old_content_and_no_temporary_file()
    {
        using var folder = new ScratchFolder();
        AtomicFile.WriteAllText(folder["a"], "old");
        Assert.That(
            () => AtomicFile.Write(folder["a"], stream =>
            {
                stream.Write("new"u8);
                throw new InvalidOperationException("on purpose");
            }),
            Throws.InvalidOperationException);
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("old"));
        Assert.That(folder.Files, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void A_full_disk_is_a_diagnostic()
    {
        using var folder = new ScratchFolder();
        Faults.Expect("VKN6003", () => AtomicFile.Write(folder["a"], _ => throw new IOException("No space left on device")));
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void Missing_folders_and_folders_as_targets_are_named()
    {
        using var folder = new ScratchFolder();
        Assert.That(Faults.Expect("VKN6003", () => AtomicFile.WriteAllText(folder["none/a"], "")).Message, Does.Contain("create").And.Contain("none"));
        Directory.CreateDirectory(folder["sub"]);
        Faults.Expect("VKN6003", () => AtomicFile.WriteAllText(folder["sub"], ""));
        Faults.Expect("VKN6003", () => AtomicFile.WriteAllText("", ""));
        Assert.That(folder.Files, Is.EqualTo(new[] { "sub" }));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Links_are_followed_permissions_kept_and_devices_never_replaced()
    {
        using var folder = new ScratchFolder();
        AtomicFile.WriteAllText(folder["real"], "old");
        File.SetUnixFileMode(folder["real"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(folder["link"], folder["real"]);
        AtomicFile.WriteAllText(folder["link"], "new");
        Assert.That(File.ReadAllText(folder["real"]), Is.EqualTo("new"));
        Assert.That(new FileInfo(folder["link"]).LinkTarget, Is.Not.Null);
        Assert.That(File.GetUnixFileMode(folder["real"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        AtomicFile.WriteAllText("/dev/null", "nowhere");
        AtomicFile.WriteAllText("/dev/null", "nowhere");
        Assert.That(new FileInfo("/dev/null").Length, Is.Zero);
    }
}
