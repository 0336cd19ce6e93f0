using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Examples;

/// <summary>The pyramids of examples/pyramid: against loops written out here, on pictures of any size, and on photographs.</summary>
internal sealed class PyramidTests(string driver) : OnEveryDevice(driver)
{
    private static readonly double[] Binomial = [1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0];

    [TestCase(1, 1, 1, 1)]
    [TestCase(1, 3, 2, 3)]
    [TestCase(2, 1, 5, 7)]
    [TestCase(1, 3, 8, 16)]
    [TestCase(1, 4, 37, 64)]
    [TestCase(2, 3, 63, 101)]
    public void Levels_are_blurred_and_halved(int items, int channels, int height, int width)
    {
        var image = TestTensors.Reals(height + width, [items, channels, height, width], 0, 1);
        var levels = Run(ExampleFiles.Graph("pyramid", "gaussian.yaml"), ("image", image));
        var expected = image;
        for (var level = 1; level <= 4; level++)
        {
            expected = Reduce(expected);
            OperatorTester.Compare(levels[$"level{level}"], expected, 0, 2e-6, $"level {level}");
        }
    }

    [TestCase(1, 1, 1, 1)]
    [TestCase(1, 3, 2, 3)]
    [TestCase(2, 1, 5, 7)]
    [TestCase(1, 3, 8, 16)]
    [TestCase(1, 4, 37, 64)]
    [TestCase(2, 3, 63, 101)]
    public void Bands_are_what_the_next_level_lacks(int items, int channels, int height, int width)
    {
        var image = TestTensors.Reals(height * width, [items, channels, height, width], 0, 1);
        var outputs = Run(ExampleFiles.Graph("pyramid", "laplacian.yaml"), ("image", image));
        var level = image;
        for (var band = 1; band <= 3; band++)
        {
            var next = Reduce(level);
            OperatorTester.Compare(outputs[$"band{band}"], Subtract(level, Enlarge(next, level.Shape)), 0, 3e-6, $"band {band}");
            level = next;
        }
        OperatorTester.Compare(outputs["residual"], level, 0, 2e-6, "residual");
        OperatorTester.Compare(outputs["reconstruction"], image, 0, 1e-5, "reconstruction");
    }

    [Test]
    public void An_even_picture_has_empty_bands()
    {
        var image = Tensor.Zeros(DataType.Float32, [1, 3, 19, 26]);
        image.Values<float>().Fill(0.75f);
        var outputs = Run(ExampleFiles.Graph("pyramid", "laplacian.yaml"), ("image", image));
        foreach (var band in new[] { "band1", "band2", "band3" }) Assert.That(outputs[band].ToArray<float>(), Is.All.EqualTo(0).Within(1e-6), band);
    }

    [TestCase("winml_cat.jpg")]
    [TestCase("winml_dog.jpg")]
    [TestCase("winml_fish.png")]
    [TestCase("winml_kitten_224.png")]
    public void Photographs_come_back(string name) => CheckPicture(PictureFile.Load(TestData.Require("photos", name)));

    [Test]
    public void The_shipped_picture_comes_back() => CheckPicture(ExampleFiles.Picture("landscape.png"));

    [Test]
    public void Blending_takes_each_picture_where_the_mask_says_so()
    {
        var a = TestTensors.Reals(1, [1, 3, 45, 70], 0, 1);
        var b = TestTensors.Reals(2, [1, 3, 45, 70], 0, 1);
        var mask = Tensor.Zeros(DataType.Float32, [1, 1, 45, 70]);
        var model = ExampleFiles.Graph("pyramid", "blend.yaml");
        OperatorTester.Compare(Run(model, ("a", a), ("b", b), ("mask", mask))["blended"], b, 0, 1e-5, "black mask");
        mask.Values<float>().Fill(1);
        OperatorTester.Compare(Run(model, ("a", a), ("b", b), ("mask", mask))["blended"], a, 0, 1e-5, "white mask");
    }

    [Test]
    public void Blending_hides_the_seam_and_leaves_the_rest()
    {
        var inputs = new[] { ("a", "landscape.png"), ("b", "landscape-night.png"), ("mask", "mask.png") }
            .Select(i => (i.Item1, PictureTensor.FromPicture(ExampleFiles.Picture(i.Item2), i.Item1 == "mask" ? 1 : 3))).ToArray();
        var blended = Run(ExampleFiles.Graph("pyramid", "blend.yaml"), inputs)["blended"];
        var (day, night) = (inputs[0].Item2, inputs[1].Item2);
        // Far from the seam, the pictures themselves; along it no step as large as the one between day and night.
        Assert.Multiple(() =>
        {
            Assert.That(At(blended, 20, 5), Is.EqualTo(At(day, 20, 5)).Within(0.02));
            Assert.That(At(blended, 20, 250), Is.EqualTo(At(night, 20, 250)).Within(0.02));
            Assert.That(LargestStep(blended, 20), Is.LessThan(0.1));
            Assert.That(Enumerable.Range(100, 80).Max(x => Math.Abs(At(day, 20, x) - At(night, 20, x))), Is.GreaterThan(0.3));
        });
    }

    private void CheckPicture(Picture picture)
    {
        var image = IsSlow ? PictureTensor.FromPicture(picture, 3, 120, 180) : PictureTensor.FromPicture(picture);
        var outputs = Run(ExampleFiles.Graph("pyramid", "laplacian.yaml"), ("image", image));
        OperatorTester.Compare(outputs["reconstruction"], image, 0, 1e-5, "reconstruction");
        foreach (var band in new[] { "band1", "band2", "band3" })
        {
            var values = outputs[band].ToArray<float>();
            // Differences lie about zero, and a photograph has some at every scale.
            Assert.That(values.Average(), Is.EqualTo(0).Within(2e-3), band);
            Assert.That(values.Max(Math.Abs), Is.InRange(0.05, 1), band);
        }
    }

    private IReadOnlyDictionary<string, Tensor> Run(ModelDefinition model, params (string Name, Tensor Tensor)[] given)
    {
        var inputs = given.ToDictionary(g => g.Name, g => g.Tensor);
        using var compiled = CompiledModel.Load(Device, GraphCompiler.Compile(model.BuildFor(inputs), new CompilerOptions { Profile = Device.Profile }));
        using var session = compiled.CreateSession(slots: 1);
        return session.Run(inputs);
    }

    // Every second element of the blurred picture, which goes on beyond its edges as its last elements.
    private static Tensor Reduce(Tensor image) => Map(image, (image.Shape[2] + 1) / 2, (image.Shape[3] + 1) / 2, (plane, y, x) =>
    {
        var sum = 0.0;
        for (var i = -2; i <= 2; i++)
            for (var j = -2; j <= 2; j++) sum += Binomial[i + 2] * Binomial[j + 2] * plane((2 * y) + i, (2 * x) + j);
        return sum;
    });

    // Elements spread apart with zeros between them, blurred by the kernel times four.
    private static Tensor Enlarge(Tensor image, Shape shape) => Map(image, shape[2], shape[3], (plane, y, x) =>
    {
        var sum = 0.0;
        for (var i = -2; i <= 2; i++)
            for (var j = -2; j <= 2; j++)
                if ((y + i) % 2 == 0 && (x + j) % 2 == 0) sum += 4 * Binomial[i + 2] * Binomial[j + 2] * plane((y + i) / 2, (x + j) / 2);
        return sum;
    });

    private static Tensor Map(Tensor image, long height, long width, Func<Func<long, long, double>, long, long, double> function)
    {
        var (from, rows, columns) = (image.ToArray<float>(), image.Shape[2], image.Shape[3]);
        var result = Tensor.Zeros(DataType.Float32, [image.Shape[0], image.Shape[1], height, width]);
        var to = result.Values<float>();
        for (var plane = 0L; plane < image.Shape[0] * image.Shape[1]; plane++)
            for (var y = 0L; y < height; y++)
                for (var x = 0L; x < width; x++)
                    to[checked((int)((((plane * height) + y) * width) + x))] = (float)function((r, c) => from[(((plane * rows) + Math.Clamp(r, 0, rows - 1)) * columns) + Math.Clamp(c, 0, columns - 1)], y, x);
        return result;
    }

    private static Tensor Subtract(Tensor a, Tensor b) => Tensor.From(a.Type, a.ToArray<float>().Zip(b.ToArray<float>(), (x, y) => x - y).ToArray());

    // Green, row 20 and so on: enough to see a seam.
    private static double At(Tensor image, int row, int column) => image.Values<float>()[(int)(((image.Shape[2] + row) * image.Shape[3]) + column)];

    private static double LargestStep(Tensor image, int row) => Enumerable.Range(90, 90).Max(x => Math.Abs(At(image, row, x) - At(image, row, x + 1)));
}
