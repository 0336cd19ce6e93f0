using System.Text;
using VkNet.Formats;

namespace VkNet.Tests.Formats;

internal sealed class PnmTests
{
    [TestCase("P2\n# a comment\n3 1\n255\n0 128 255\n", new byte[] { 0, 128, 255 })]
    [TestCase("P2 3 1 15 0 5 15", new byte[] { 0, 85, 255 })]
    [TestCase("P3\n1 1 # here too\n255\n1 2 3", new byte[] { 1, 2, 3 })]
    [TestCase("P5 3 1 255\nABC", new byte[] { 65, 66, 67 })]
    [TestCase("P6\n1 1\n255\nABC and more", new byte[] { 65, 66, 67 })]
    public void Small_pictures_are_read(string text, byte[] expected) => Assert.That(Load(text).Bytes.ToArray(), Is.EqualTo(expected));

    [Test]
    public void Sixteen_bits_are_kept_and_odd_ranges_stretched()
    {
        Assert.That(Load("P5 2 1 65535\n\u0001\u0002\u00FF\u00FF").Words.ToArray(), Is.EqualTo(new ushort[] { 258, 65535 }));
        Assert.That(Load("P2 2 1 1023 1023 0").Words.ToArray(), Is.EqualTo(new ushort[] { 65535, 0 }));
    }

    [Test]
    public void Pictures_come_back_as_they_were_saved()
    {
        using var folder = new ScratchFolder();
        PictureFile.Save(folder["a.ppm"], new Picture(2, 1, 4, new byte[] { 1, 2, 3, 9, 4, 5, 6, 9 }));
        Assert.That(PictureFile.Load(folder["a.ppm"]).Bytes.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6 }));
        PictureFile.Save(folder["a.pgm"], new Picture(2, 1, 1, new ushort[] { 1, 40_000 }));
        Assert.That(PictureFile.Load(folder["a.pgm"]).Words.ToArray(), Is.EqualTo(new ushort[] { 1, 40_000 }));
        Faults.Expect("VKN6502", () => PictureFile.Save(folder["b.pgm"], new Picture(1, 1, 3, new byte[3])));
        Faults.Expect("VKN6502", () => PictureFile.Save(folder["b.jpg"], new Picture(1, 1, 3, new byte[3])));
    }

    [TestCase("P5 3 1 255\nAB", "VKN6505")]
    [TestCase("P5 3 1 255", "VKN6504")]
    [TestCase("P5 3", "VKN6503")]
    [TestCase("P2 3 1 255 1 2", "VKN6505")]
    [TestCase("P2 2 1 255 1 x2", "VKN6504")]
    [TestCase("P2 2 1 255 1 256", "VKN6507")]
    [TestCase("P2 2 1 0 1 0", "VKN6504")]
    [TestCase("P2 2 1 65536 1 0", "VKN6504")]
    [TestCase("P5 0 1 255\n", "VKN6505")]
    [TestCase("P6 99999999999999999999 99999999999999999999 255\n", "VKN6505")]
    [TestCase("P6 10000 10000 65535\n", "VKN6505")]
    [TestCase("P3 -1 1 255\n", "VKN6504")]
    public void Bad_pictures_are_refused(string text, string code) => Faults.Expect(code, () => Load(text));

    [TestCase("GIF89a...", "GIF")]
    [TestCase("RIFF....WEBP", "WebP")]
    [TestCase("P4 1 1 1", "PBM")]
    [TestCase("hello", "no picture")]
    [TestCase("", "no picture")]
    public void Other_formats_are_named(string text, string name) =>
        Assert.That(Faults.Expect("VKN6501", () => Load(text)).Message, Does.Contain(name));

    private static Picture Load(string text) => PictureFile.Load(new MemoryStream(Encoding.Latin1.GetBytes(text)), "a.pnm");
}
