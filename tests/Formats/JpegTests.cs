using VkNet.Formats;

namespace VkNet.Tests.Formats;

internal sealed class JpegTests
{
    [Test]
    public void A_photograph_has_the_samples_that_Pillow_finds()
    {
        var cat = PictureFile.Load(Photograph());
        Assert.That(cat.ToString(), Is.EqualTo("1000 x 1000, 3 channels of 8 bits"));
        // Decoders may differ by a unit here and there.
        Assert.That(cat.Bytes.ToArray().Sum(b => (long)b), Is.EqualTo(318_300_205).Within(30_000));
        Assert.That(cat[9, 7, 0] * 255, Is.EqualTo(237).Within(2));
    }

    [Test]
    public void Cut_photographs_are_refused()
    {
        var content = File.ReadAllBytes(Photograph());
        foreach (var part in new[] { 0.001, 0.01, 0.3, 0.9 })
        {
            var cut = content[..(int)(content.Length * part)];
            Assert.That(Assert.Throws<VkNetException>(() => Load(cut))!.Diagnostic.Code, Is.EqualTo("VKN6503").Or.EqualTo("VKN6505").Or.EqualTo("VKN6509"));
        }
    }

    [Test]
    public void A_huge_declared_size_is_refused_before_allocating()
    {
        var content = File.ReadAllBytes(Photograph());
        var frame = content.AsSpan().IndexOfAny((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        while (!(content[frame] == 0xFF && content[frame + 1] is 0xC0 or 0xC2)) frame++;
        // Height and width stand 5 bytes into the frame header.
        content.AsSpan(frame + 5, 4).Fill(0xF0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Faults.Expect("VKN6505", () => Load(content));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(5_000_000));
    }

    [Test]
    public void What_is_no_jpeg_behind_its_first_bytes_is_refused()
    {
        Require();
        Faults.Expect("VKN6509", () => Load([0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3]));
    }

    [Test]
    public void A_missing_library_is_a_diagnostic_that_says_what_to_install()
    {
        var error = Faults.Expect("VKN6508", () => JpegReader.Read([0xFF, 0xD8, 0xFF], "a.jpg", library: null));
        Assert.That(error.Diagnostic.Help, Does.Contain("install"));
    }

    private static Picture Load(byte[] content) => PictureFile.Load(new MemoryStream(content), "a.jpg");

    private static string Photograph()
    {
        Require();
        return TestData.Require("photos", "winml_cat.jpg");
    }

    private static void Require()
    {
        if (TurboJpeg.Library is null) Assert.Ignore("libturbojpeg is not installed");
    }
}
