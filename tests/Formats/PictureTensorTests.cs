using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

internal sealed class PictureTensorTests
{
    private static readonly Picture Pattern = new(14, 10, 1, Enumerable.Range(0, 140).Select(i => (byte)((i % 14 * 37) + (i / 14 * 91))).ToArray());

    // Corner, a pixel in the first rows, last corner and the sum of all, as Pillow 9.4 resizes the same picture in mode F.
    [TestCase(7, 5, new[] { 86.20408630371094, 126.0, 137.551025390625, 4273.18359375 })]
    [TestCase(21, 15, new[] { 0.0, 88.66667175292969, 20.0, 38286.0 })]
    public void Resizing_agrees_with_Pillow(int width, int height, double[] expected)
    {
        var tensor = PictureTensor.FromPicture(Pattern, 1, height, width, PicturePreprocessing.Byte);
        Assert.That(tensor.Type, Is.EqualTo(TensorType.Float(1, 1, height, width)));
        var values = tensor.ToArray<float>();
        double[] actual = [values[0], values[width + 2], values[^1], values.Sum(v => (double)v)];
        Assert.That(actual, Is.EqualTo(expected).Within(1e-5).Percent.Or.EqualTo(expected).Within(1e-3));
    }

    [TestCase("winml_fish.png", 60, new[] { 40.20926, 62.96242, 29.968445 }, new[] { 158.63164, 175.17874, 136.62875 }, 897786.06)]
    [TestCase("winml_cat.jpg", 224, new[] { 237.79427, 227.99768, 215.97603 }, new[] { 218.50568, 214.5518, 196.16989 }, 15971039.0)]
    public void Photographs_are_resized_as_Pillow_does(string name, int size, double[] corner, double[] inside, double sum)
    {
        if (name.EndsWith("jpg", StringComparison.Ordinal) && TurboJpeg.Library is null) Assert.Ignore("libturbojpeg is not installed");
        var tensor = PictureTensor.FromPicture(PictureFile.Load(TestData.Require("photos", name)), 3, size, size, PicturePreprocessing.Byte);
        var values = tensor.ToArray<float>();
        Assert.Multiple(() =>
        {
            for (var c = 0; c < 3; c++)
            {
                Assert.That(values[c * size * size], Is.EqualTo(corner[c]).Within(0.5));
                Assert.That(values[(((c * size) + 30) * size) + 50], Is.EqualTo(inside[c]).Within(0.5));
            }
            Assert.That(values.Sum(v => (double)v), Is.EqualTo(sum).Within(0.01).Percent);
        });
    }

    [Test]
    public void The_same_size_changes_nothing()
    {
        var values = PictureTensor.FromPicture(Pattern).ToArray<float>();
        Assert.That(values, Is.EqualTo(Pattern.Bytes.ToArray().Select(b => b / 255f)));
    }

    [Test]
    public void The_middle_is_cropped()
    {
        // 6 x 2, of which a square keeps columns 2 and 3; 2 x 6 likewise rows 2 and 3.
        var wide = new Picture(6, 2, 1, new byte[] { 0, 0, 255, 255, 0, 0, 0, 0, 255, 255, 0, 0 });
        Assert.That(PictureTensor.FromPicture(wide, 1, 2, 2).ToArray<float>(), Is.All.EqualTo(1f));
        Assert.That(PictureTensor.FromPicture(wide, 1, 5, 5).ToArray<float>(), Is.All.EqualTo(1f));
        var tall = new Picture(2, 6, 1, new byte[] { 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0 });
        Assert.That(PictureTensor.FromPicture(tall, 1, 1, 1).ToArray<float>(), Is.All.EqualTo(1f));
    }

    [Test]
    public void Grey_is_repeated_and_colour_weighted()
    {
        var colour = new Picture(1, 1, 4, new byte[] { 255, 0, 51, 0 });
        Assert.That(PictureTensor.FromPicture(colour, 1).ToArray<float>()[0], Is.EqualTo(0.299f + (0.2f * 0.114f)).Within(1e-6));
        Assert.That(PictureTensor.FromPicture(colour).Shape, Is.EqualTo(new Shape(1, 3, 1, 1)));
        var grey = new Picture(1, 1, 1, new ushort[] { 13107 });
        Assert.That(PictureTensor.FromPicture(grey, 3).ToArray<float>(), Is.All.EqualTo(0.2f).Within(1e-6));
    }

    [Test]
    public void Preprocessing_reorders_shifts_and_scales()
    {
        var picture = new Picture(1, 1, 3, new byte[] { 255, 102, 51 });
        float[] Apply(string text) => PictureTensor.FromPicture(picture, preprocessing: PicturePreprocessing.Parse(text)).ToArray<float>();
        Assert.That(Apply("unit"), Is.EqualTo(new[] { 1f, 0.4f, 0.2f }).Within(1e-6));
        Assert.That(Apply("byte"), Is.EqualTo(new[] { 255f, 102f, 51f }).Within(1e-4));
        Assert.That(Apply("imagenet"), Is.EqualTo(new[] { (1 - .485f) / .229f, (.4f - .456f) / .224f, (.2f - .406f) / .225f }).Within(1e-5));
        Assert.That(Apply("range=255,order=bgr,mean=103.94/116.78/123.68,std=1"), Is.EqualTo(new[] { 51 - 103.94f, 102 - 116.78f, 255 - 123.68f }).Within(1e-4));
        Assert.That(Apply(" std = 2 , mean=0.5"), Is.EqualTo(new[] { 0.25f, -0.05f, -0.15f }).Within(1e-6));
        Assert.That(PicturePreprocessing.Parse(PicturePreprocessing.ImageNet.ToString()).Std, Is.EqualTo(PicturePreprocessing.ImageNet.Std));
    }

    [TestCase("imagenett", "did you mean 'imagenet'?")]
    [TestCase("range=255,ordr=bgr", "did you mean 'order'?")]
    [TestCase("range=255,range=1", "twice")]
    [TestCase("range=0", "positive")]
    [TestCase("range=1/2", "positive")]
    [TestCase("mean=a/b", "no number")]
    [TestCase("mean=1,2,3", "'/'")]
    [TestCase("std=1/0/1", "zero")]
    [TestCase("order=grb", "rgb or bgr")]
    [TestCase("std=nan", "no number")]
    [TestCase("", "no preset")]
    public void Misspelt_preprocessing_is_explained(string text, string hint) =>
        Assert.That(Faults.Expect("VKN6510", () => PicturePreprocessing.Parse(text)).Message, Does.Contain(hint));

    [Test]
    public void Numbers_for_other_channels_and_impossible_sizes_are_refused()
    {
        Faults.Expect("VKN6510", () => PictureTensor.FromPicture(Pattern, preprocessing: PicturePreprocessing.ImageNet));
        Faults.Expect("VKN6511", () => PictureTensor.FromPicture(Pattern, channels: 2));
        Faults.Expect("VKN6511", () => PictureTensor.FromPicture(Pattern, height: 0));
        Faults.Expect("VKN6005", () => PictureTensor.FromPicture(Pattern, height: 1 << 20, width: 1 << 20));
    }

    [Test]
    public void Tensors_become_pictures()
    {
        var tensor = Tensor.From([0f, 1f, 0.5f, 2f, -1f, float.NaN], 1, 3, 1, 2);
        Assert.That(PictureTensor.ToPicture(tensor).Bytes.ToArray(), Is.EqualTo(new byte[] { 0, 128, 0, 255, 255, 0 }));
        Assert.That(PictureTensor.ToPicture(tensor, bitDepth: 16).Words.ToArray(), Is.EqualTo(new ushort[] { 0, 32768, 0, 65535, 65535, 0 }));
        Assert.That(PictureTensor.ToPicture(Tensor.From([-0.5f, 0, 0.5f], 1, 3), PictureRange.Symmetric).Bytes.ToArray(), Is.EqualTo(new byte[] { 0, 128, 255 }));
        Assert.That(PictureTensor.ToPicture(Tensor.From(new byte[] { 7, 200 }, 1, 1, 2), PictureRange.Byte).Bytes.ToArray(), Is.EqualTo(new byte[] { 7, 200 }));
        Assert.That(PictureTensor.ToPicture(Tensor.From([0f, 1f], 2, 1, 1, 1), item: 1).Bytes.ToArray(), Is.EqualTo(new byte[] { 255 }));
    }

    [Test]
    public void Other_tensors_are_no_pictures()
    {
        foreach (var shape in new long[][] { [], [3], [1, 2, 4, 4], [1, 1, 1, 4, 4], [1, 3, 0, 4] })
            Faults.Expect("VKN6512", () => PictureTensor.ToPicture(Tensor.Zeros(DataType.Float32, new Shape(shape))));
        Faults.Expect("VKN6512", () => PictureTensor.ToPicture(Tensor.Zeros(DataType.Float32, [1, 1, 1, 1]), item: 1));
    }

    [Test]
    public void Ranges_are_parsed()
    {
        Assert.That(PictureRange.Parse("symmetric"), Is.EqualTo(new PictureRange(-0.5f, 0.5f)));
        Assert.That(PictureRange.Parse("-1..1"), Is.EqualTo(new PictureRange(-1, 1)));
        Faults.Expect("VKN6510", () => PictureRange.Parse("1..1"));
        Faults.Expect("VKN6510", () => PictureRange.Parse("bits"));
    }

    [TestCase("unit")]
    [TestCase("imagenet")]
    [TestCase("range=255,order=bgr,mean=103.94/116.78/123.68,std=2")]
    public void Bytes_are_converted_as_samples_of_pictures_are(string how)
    {
        var preprocessing = PicturePreprocessing.Parse(how);
        var random = new Random(1);
        var samples = new byte[2 * 3 * 5 * 7];
        random.NextBytes(samples);
        var stack = PictureTensor.FromSamples(Tensor.From(samples, 2, 3, 5, 7), preprocessing);
        for (var n = 0; n < 2; n++)
        {
            var pixels = new byte[3 * 5 * 7];
            for (var i = 0; i < pixels.Length; i++) pixels[i] = samples[(n * pixels.Length) + (i % 3 * 35) + (i / 3)];
            var picture = PictureTensor.FromPicture(new Picture(7, 5, 3, pixels), preprocessing: preprocessing).ToArray<float>();
            Assert.That(stack.ToArray<float>().AsSpan(n * pixels.Length, pixels.Length).ToArray(), Is.EqualTo(picture).Within(1e-4));
        }
    }

    [Test]
    public void Transparent_pixels_show_the_background()
    {
        var bytes = new Picture(2, 1, 4, (byte[])[10, 20, 30, 255, 10, 20, 30, 51]).OnBackground(1);
        Assert.That((bytes.Channels, bytes.BitDepth), Is.EqualTo((3, 8)));
        Assert.That(bytes.Bytes.ToArray(), Is.EqualTo(new byte[] { 10, 20, 30, 206, 208, 210 }));
        var words = new Picture(2, 1, 4, (ushort[])[65535, 1, 40000, 65535, 65535, 7, 9, 0]).OnBackground(0);
        Assert.That(words.Words.ToArray(), Is.EqualTo(new ushort[] { 65535, 1, 40000, 0, 0, 0 }));
        var grey = new Picture(1, 1, 1, (byte[])[7]);
        Assert.That(grey.OnBackground(1), Is.SameAs(grey));
    }
}
