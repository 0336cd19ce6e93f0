using System.Diagnostics;
using System.Globalization;
using System.Text;
using VkNet.Tests.Device;

namespace VkNet.Tests.Examples;

/// <summary>
/// Somebody new who has the .NET SDK, a clone and the README, and follows it to the letter: run within five minutes, trained within three more, a
/// program with the packages within five. Their home folder is empty: no caches, no packages.
/// </summary>
[Category("Full")]
internal sealed class NewcomerTests
{
    private const string Mark = "@@newcomer";
    private static readonly (string Heading, double Minutes, string Expected)[] Parts = [("Run", 5, " 7\n"), ("Train", 3, "test: loss "), ("Embed", 5, "class 7 on ")];

    [Test]
    public void The_readme_alone_leads_from_nothing_to_a_program()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        if (!File.Exists("/bin/bash")) Assert.Ignore("there is no bash on this machine");
        using var folder = new ScratchFolder();
        Clone(folder["vknet"]);
        var script = new StringBuilder("cd vknet\n");
        foreach (var (heading, _, _) in Parts)
            script.Append('\n').AppendJoin('\n', Commands(heading)).Append(CultureInfo.InvariantCulture, $"\necho \"{Mark} $? $SECONDS\"\n");
        File.WriteAllText(folder["all.bash"], script.ToString());
        var start = new ProcessStartInfo("/bin/bash", ["all.bash"]) { WorkingDirectory = folder[""], RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = start.Environment["DOTNET_CLI_HOME"] = Directory.CreateDirectory(folder["home"]).FullName;
        start.Environment.Remove("XDG_CACHE_HOME");
        start.Environment.Remove("NUGET_PACKAGES");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var parts = process.StandardOutput.ReadToEnd().Split(Mark);
        var before = 0.0;
        for (var i = 0; i < Parts.Length; i++)
        {
            Assert.That(parts, Has.Length.GreaterThan(i + 1), error.Result);
            var (code, seconds) = parts[i + 1].Split('\n')[0].Trim().Split(' ') is [var c, var s] ? (c, double.Parse(s, CultureInfo.InvariantCulture)) : ("?", 0);
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Parts[i].Heading}: {seconds - before:F0} s"));
            Assert.That(code, Is.EqualTo("0"), $"{Parts[i].Heading}\n{parts[i]}\n{error.Result}");
            Assert.That(parts[i], Does.Contain(Parts[i].Expected), Parts[i].Heading);
            Assert.That(seconds - before, Is.LessThan(60 * Parts[i].Minutes), $"{Parts[i].Heading} took too long");
            before = seconds;
        }
    }

    // The indented lines below a heading.
    private static IEnumerable<string> Commands(string heading)
    {
        var text = File.ReadAllText(Path.Combine(TestData.Repository, "README.md"));
        var begin = text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        Assert.That(begin, Is.Positive, heading);
        var end = text.IndexOf("\n## ", begin + 4, StringComparison.Ordinal);
        return text[begin..end].Split('\n').Where(l => l.StartsWith("    ", StringComparison.Ordinal)).Select(l => l.Trim());
    }

    // The files as they are now, without what builds have left beside them.
    private static void Clone(string target)
    {
        var files = Command.Run(TestData.Repository, "git", "ls-files", "--cached", "--others", "--exclude-standard").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var file in files.Where(f => File.Exists(Path.Combine(TestData.Repository, f))))
        {
            var path = Path.Combine(target, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(Path.Combine(TestData.Repository, file), path);
        }
    }
}
