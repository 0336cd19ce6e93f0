using System.Buffers.Binary;
using System.IO.Compression;
using VkNet.Formats;

namespace VkNet.Tests.Formats;

internal sealed class PngTests
{
    // 5 x 3 pictures written by Pillow 9.4 from a = 0..14.
    private const string OneBit = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAQAAAABzTfhVAAAADklEQVR4nGOYwODBoAAAA84A+Roaf/wAAAAASUVORK5CYII="; // a % 3 == 0
    private const string TwoBitPalette = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAADFBMVEX/AAAA/wAAAP8JCAei0mLAAAAAA3RSTlP/AICpVnMTAAAAEUlEQVR4nGOQZmDIcWDY2AAABd8B+aEJsXkAAAAASUVORK5CYII="; // a % 4, alphas 255 0 128
    private const string Grey16 = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADEAAAAAAuzUZnAAAAFUlEQVR4nGNkYBCEAsbQUBiTBcEEAC0kAvNoLdnIAAAAAElFTkSuQmCC"; // a * 4369
    private const string GreyAlpha = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAQAAADxPw1zAAAAEklEQVR4nGNk+M8FhSxGv7EwAfzwD8+wSSJtAAAAAElFTkSuQmCC"; // a * 10, 255 - a
    private const string RgbWithTransparentColour = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAADUVFKvAAAABnRSTlMABAAIAAycg7zCAAAAGElEQVR4nGNkYGBgZGJGIFYufmQ+CxofAAwQAIvekRHZAAAAAElFTkSuQmCC"; // a, 2 a, 3 a; 4 8 12 is transparent

    [Test]
    public void Pictures_of_another_encoder_are_read()
    {
        for (var i = 0; i < 15; i++)
        {
            var (x, y) = (i % 5, i / 5);
            Assert.That(Pixel(Load(OneBit), x, y), Is.EqualTo(new[] { i % 3 == 0 ? 255 : 0 }));
            int[][] palette = [[255, 0, 0, 255], [0, 255, 0, 0], [0, 0, 255, 128], [9, 8, 7, 255]];
            Assert.That(Pixel(Load(TwoBitPalette), x, y), Is.EqualTo(palette[i % 4]));
            Assert.That(Pixel(Load(Grey16), x, y), Is.EqualTo(new[] { i * 4369 }));
            Assert.That(Pixel(Load(GreyAlpha), x, y), Is.EqualTo(new[] { i * 10, i * 10, i * 10, 255 - i }));
            Assert.That(Pixel(Load(RgbWithTransparentColour), x, y), Is.EqualTo(new[] { i, 2 * i, 3 * i, i == 4 ? 0 : 255 }));
        }
    }

    [Test]
    public void A_photograph_has_the_samples_that_Pillow_finds()
    {
        var fish = PictureFile.Load(TestData.Require("photos", "winml_fish.png"));
        Assert.That((fish.Width, fish.Height, fish.Channels, fish.BitDepth), Is.EqualTo((224, 224, 3, 8)));
        Assert.That(fish.Bytes.ToArray().Sum(b => (long)b), Is.EqualTo(12_511_666));
        Assert.That(Pixel(fish, 9, 7), Is.EqualTo(new[] { 56, 108, 33 }));
    }

    [Test]
    public void The_picture_of_the_examples_is_there()
    {
        var landscape = PictureFile.Load(Path.Combine(TestData.Repository, "examples", "pictures", "landscape.png"));
        Assert.That(landscape.ToString(), Is.EqualTo("256 x 256, 3 channels of 8 bits"));
    }

    [Test]
    public void Pictures_come_back_as_they_were_saved([Values(1, 3, 4)] int channels, [Values(8, 16)] int depth, [Values(1, 7)] int width)
    {
        var random = new Random(3);
        var samples = width * 5 * channels;
        // Smooth in the first half, noise in the second, so that different filters win.
        var values = Enumerable.Range(0, samples).Select(i => i < samples / 2 ? i * 300 : random.Next(65536)).ToArray();
        var picture = depth == 8
            ? new Picture(width, 5, channels, values.Select(v => (byte)v).ToArray())
            : new Picture(width, 5, channels, values.Select(v => (ushort)v).ToArray());
        using var folder = new ScratchFolder();
        PictureFile.Save(folder["a.png"], picture);
        var loaded = PictureFile.Load(folder["a.png"]);
        Assert.That(loaded.ToString(), Is.EqualTo(picture.ToString()));
        if (depth == 8) Assert.That(loaded.Bytes.ToArray(), Is.EqualTo(picture.Bytes.ToArray()));
        else Assert.That(loaded.Words.ToArray(), Is.EqualTo(picture.Words.ToArray()));
    }

    [TestCase(1, 1)]
    [TestCase(3, 2)]
    [TestCase(5, 9)]
    [TestCase(8, 8)]
    [TestCase(17, 13)]
    public void Interlaced_pictures_are_put_together(int width, int height)
    {
        // The passes of Adam7 written out as the grid of the specification: the pass in which each pixel of an 8 x 8 tile comes.
        string[] tile = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];
        var rows = new List<byte>();
        for (var pass = '1'; pass <= '7'; pass++)
        {
            for (var y = 0; y < height; y++)
            {
                var row = Enumerable.Range(0, width).Where(x => tile[y % 8][x % 8] == pass).Select(x => (byte)((y * 16) + x)).ToArray();
                if (row.Length > 0) rows.AddRange([0, .. row]);
            }
        }
        var picture = Load(Make(width, height, 8, 0, [.. rows], interlace: 1));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++) Assert.That(picture.Bytes[(y * width) + x], Is.EqualTo((byte)((y * 16) + x)), $"{x}, {y}");
    }

    [TestCase(2, new byte[] { 0b00_01_10_11 }, new byte[] { 0, 85, 170, 255 })]
    [TestCase(4, new byte[] { 0x0F, 0x3A }, new byte[] { 0, 255, 51, 170 })]
    public void Small_depths_are_stretched(int depth, byte[] row, byte[] expected) =>
        Assert.That(Load(Make(4, 1, depth, 0, [0, .. row])).Bytes.ToArray(), Is.EqualTo(expected));

    [Test]
    public void Every_cut_and_every_changed_byte_is_noticed()
    {
        var whole = Convert.FromBase64String(RgbWithTransparentColour);
        for (var length = 8; length < whole.Length; length++) Faults.Expect("VKN6503", () => Load(whole[..length]));
        for (var i = 8; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 0x20;
            Assert.That(() => Load(changed), Throws.InstanceOf<VkNetException>(), $"byte {i}");
        }
    }

    [Test]
    public void A_wrong_check_sum_names_the_chunk()
    {
        var bytes = Convert.FromBase64String(OneBit);
        bytes[^1] ^= 1; // in the CRC of IEND
        Assert.That(Faults.Expect("VKN6506", () => Load(bytes)).Message, Does.Contain("IEND"));
    }

    [Test]
    public void Malformed_pictures_are_refused()
    {
        Faults.Expect("VKN6504", () => Load(Make(4, 1, 8, 0, [0, 1, 2, 3, 4], interlace: 2)));
        Faults.Expect("VKN6504", () => Load(Make(4, 1, 4, 2, [0, 1, 2])));
        Faults.Expect("VKN6504", () => Load(Make(4, 1, 8, 5, [0, 1, 2, 3, 4])));
        Faults.Expect("VKN6504", () => Load(Make(4, 1, 8, 3, [0, 1, 2, 3, 4])));
        Faults.Expect("VKN6507", () => Load(Make(4, 1, 8, 0, [5, 1, 2, 3, 4])));
        Faults.Expect("VKN6507", () => Load(Make(2, 1, 8, 3, [0, 0, 1], extra: ("PLTE", [1, 2, 3]))));
        Faults.Expect("VKN6503", () => Load(Make(4, 2, 8, 0, [0, 1, 2, 3, 4])));
        Faults.Expect("VKN6504", () => Load(Make(4, 1, 8, 0, [0, 1, 2, 3, 4], extra: ("CRIT", []))));
        Assert.That(Load(Make(4, 1, 8, 0, [0, 1, 2, 3, 4], extra: ("tEXt", [65]))).Width, Is.EqualTo(4), "chunks that may be left out");
    }

    [Test]
    public void Damaged_compressed_data_with_right_check_sums_are_refused()
    {
        using var stream = new MemoryStream();
        stream.Write(PngChunks.Signature);
        PngChunks.Write(stream, "IHDR", Header(4, 1, 8, 0, 0));
        PngChunks.Write(stream, "IDAT", [0x78, 0x9C, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3]);
        PngChunks.Write(stream, "IEND", []);
        Faults.Expect("VKN6507", () => Load(stream.ToArray()));
    }

    [Test]
    public void Bombs_are_refused_before_allocating()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Faults.Expect("VKN6505", () => Load(Make(int.MaxValue, int.MaxValue, 8, 0, [0])));
        Faults.Expect("VKN6505", () => Load(Make(0, 5, 8, 0, [0])));
        Faults.Expect("VKN6505", () => Load(Make(-1, 1, 16, 6, [0])));
        Faults.Expect("VKN6505", () => Load(Make(10_000, 10_000, 16, 6, [0])));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2_000_000));
    }

    private static Picture Load(string base64) => Load(Convert.FromBase64String(base64));

    private static Picture Load(byte[] content) => PictureFile.Load(new MemoryStream(content), "a.png");

    private static int[] Pixel(Picture picture, int x, int y) =>
        [.. Enumerable.Range(0, picture.Channels).Select(c => (int)MathF.Round(picture[x, y, c] * (picture.BitDepth == 8 ? 255 : 65535)))];

    private static byte[] Header(int width, int height, int depth, int colour, int interlace)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)depth;
        header[9] = (byte)colour;
        header[12] = (byte)interlace;
        return header;
    }

    private static byte[] Make(int width, int height, int depth, int colour, byte[] rows, int interlace = 0, (string Type, byte[] Content)? extra = null)
    {
        using var stream = new MemoryStream();
        stream.Write(PngChunks.Signature);
        PngChunks.Write(stream, "IHDR", Header(width, height, depth, colour, interlace));
        if (extra is var (type, content)) PngChunks.Write(stream, type, content);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(rows);
        // Two chunks, so that reading across their border is tried each time.
        PngChunks.Write(stream, "IDAT", packed.ToArray().AsSpan(0, 5));
        PngChunks.Write(stream, "IDAT", packed.ToArray().AsSpan(5));
        PngChunks.Write(stream, "IEND", []);
        return stream.ToArray();
    }
}
