using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Lectures;

/// <summary>
/// Numbers that courses on vision and networks print on their slides (CS231n 2018; MIT 6.869, 2016; a computer vision course of 2023),
/// computed on every device and on the host. What the slides have wrong is not copied: where they disagree with their own formulas,
/// the formula's value stands here.
/// </summary>
internal sealed class ForwardVectorTests(string driver) : OnEveryDevice(driver)
{
    // Convolution arithmetic (lectures 5, 9 and 11): size = (N - F + 2 P) / S + 1, rounded down.
    [TestCase(7, 3, 1, 0, 5)]
    [TestCase(7, 3, 2, 0, 3)]
    [TestCase(7, 3, 3, 0, 2)]
    [TestCase(7, 3, 1, 1, 7)]
    [TestCase(32, 5, 1, 0, 28)]
    [TestCase(28, 5, 1, 0, 24)]
    [TestCase(32, 5, 1, 2, 32)]
    [TestCase(56, 1, 1, 0, 56)]
    [TestCase(227, 11, 4, 0, 55)]
    [TestCase(27, 5, 1, 2, 27)]
    [TestCase(4, 3, 1, 1, 4)]
    [TestCase(4, 3, 2, 1, 2)]
    public void Convolution_sizes(int size, int kernel, int stride, int padding, int expected)
    {
        var attributes = Attributes(("stride", [stride]), ("padding", [padding]));
        Assert.That(OnHost.Run("conv2d", attributes, TestTensors.Reals(1, [1, 2, size, size]), TestTensors.Reals(2, [3, 2, kernel, kernel]))[0].Shape, Is.EqualTo(new Shape(1, 3, expected, expected)));
    }

    // Pooling arithmetic (lectures 5 and 9).
    [TestCase(224, 2, 2, 112)]
    [TestCase(55, 3, 2, 27)]
    [TestCase(27, 3, 2, 13)]
    [TestCase(13, 3, 2, 6)]
    public void Pooling_sizes(int size, int kernel, int stride, int expected) =>
        Assert.That(OnHost.Run("max_pool2d", Attributes(("kernel", [kernel]), ("stride", [stride])), TestTensors.Reals(1, [1, 3, size, size]))[0].Shape, Is.EqualTo(new Shape(1, 3, expected, expected)));

    // Weights of a layer with biases where the slide counts them: lecture 5, 32x32x3 with 10 filters of 5x5; AlexNet's first layer.
    [TestCase(3, 10, 5, 760)]
    [TestCase(3, 96, 11, 34_944)]
    public void Convolution_parameters(int channels, int filters, int kernel, int expected)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var conv = StandardOperators.Registry.Get("conv2d");
        var attributes = AttributeSet.Empty.With("filters", (long)filters).With("kernel", new long[] { kernel, kernel });
        var declared = conv.DeclareParameters(new InferenceContext(conv, attributes, [builder.Input("x", TensorType.Float(1, channels, 32, 32))], "c", null));
        Assert.That(declared.Sum(d => d.Type.Shape.ElementCount), Is.EqualTo(expected));
    }

    // Lecture 9: multiplications of an inception module on 28x28x256. The slide's 854 million is right for the plain one; for the one with
    // 1x1 reductions its rows add up to 271 million, not the 358 million it prints.
    [TestCase("1x1x128:256 3x3x192:256 5x5x96:256", 854_196_224)]
    [TestCase("1x1x64:256 1x1x64:256 1x1x128:256 3x3x192:64 5x5x96:64 1x1x64:256", 271_351_808)]
    public void Inception_multiplications(string convolutions, long expected)
    {
        var conv = StandardOperators.Registry.Get("conv2d");
        var sum = 0.0;
        foreach (var text in convolutions.Split(' '))
        {
            var numbers = text.Split('x', ':').Select(long.Parse).ToArray();
            var builder = new GraphBuilder(StandardOperators.Registry);
            var (x, w) = (builder.Input("x", TensorType.Float(1, numbers[3], 28, 28)), builder.Input("w", TensorType.Float(numbers[2], numbers[3], numbers[0], numbers[1])));
            sum += conv.Cost(builder.Add(conv, AttributeSet.Empty.With("padding", new[] { numbers[0] / 2 }), [x, w])[0].Producer!).Flops / 2;
        }
        Assert.That(sum, Is.EqualTo(expected));
    }

    // Lecture 2: four pixels, three classes. The slide's ship score of 61.95 lacks the bias.
    [Test]
    public void Linear_classifier() => Check([-96.8f, 437.9f, 60.75f], "dense", null,
        T([56, 231, 24, 2], 1, 4), T([0.2f, -0.5f, 0.1f, 2.0f, 1.5f, 1.3f, 2.1f, 0.0f, 0, 0.25f, 0.2f, -0.3f], 3, 4), T([1.1f, 3.2f, -1.2f], 3));

    [Test]
    public void Matrix_product() => Check([-1, -1, 2, 6, 5, 2, 11, 7], "matmul", null, T([2, 1, -3, -3, 4, 2], 2, 3), T([3, 2, 1, -1, 2, 1, 3, 2, 3, 2, 1, -2], 3, 4));

    // Lecture 3: scores of a cat, a car and a frog; the probabilities, and -log of the right class's: 2.04 (0.89, which one slide prints, is
    // the decimal logarithm).
    [Test]
    public void Softmax()
    {
        var scores = T([3.2f, 5.1f, -1.7f, 1.3f, 4.9f, 2.0f, 2.2f, 2.5f, -3.1f], 3, 3);
        Check([0.1299825f, 0.8690495f, 0.0009679f, 0.0252449f, 0.9239182f, 0.0508370f, 0.4246554f, 0.5732249f, 0.0021197f], "softmax", null, scores);
        var logarithms = Run("log_softmax", null, scores)[0].ToArray<float>();
        Assert.That(new[] { -logarithms[0], -logarithms[4], -logarithms[8] }, Is.EqualTo(new[] { 2.0403551528f, 0.0791317783f, 6.1564772017f }).Within(1e-5f));
        // Ten classes that are all alike.
        Check([.. Enumerable.Repeat(0.1f, 10)], "softmax", null, T(new float[10], 1, 10));
    }

    // Gates of lecture 4: (x + y) z at (-2, 5, -4), and the sigmoid.
    [Test]
    public void Gates()
    {
        Check([3], "add", null, T([-2], 1), T([5], 1));
        Check([-12], "mul", null, T([3], 1), T([-4], 1));
        Check([0.731059f, 4.54e-5f], "sigmoid", null, T([1, -10], 2));
        Check([1, 0, 3, 0], "relu", null, T([1, -2, 3, -1], 4));
    }

    // Lecture 5 (maximum pooling), lecture 11 (with places, and the three ways back).
    [Test]
    public void Pooling_and_unpooling()
    {
        var windows = Attributes(("kernel", [2]), ("stride", [2]));
        Check([6, 8, 3, 4], "max_pool2d", windows, T([1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4], 1, 1, 4, 4));
        var picture = T([1, 2, 6, 3, 3, 5, 2, 1, 1, 2, 2, 1, 7, 3, 4, 8], 1, 1, 4, 4);
        var pooled = Run("max_pool2d", windows.With("indices", true), picture);
        Assert.That(pooled[0].ToArray<float>(), Is.EqualTo(new float[] { 5, 6, 7, 8 }));
        Assert.That(ElementConversion.LoadIntegers(pooled[1]), Is.EqualTo(new long[] { 5, 2, 12, 15 }));
        var small = T([1, 2, 3, 4], 1, 1, 2, 2);
        Check([0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 4], "max_unpool2d", windows, small, pooled[1]);
        Check([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4], "unpool2d", AttributeSet.Empty.With("mode", "nearest"), small);
        Check([1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0], "unpool2d", AttributeSet.Empty.With("mode", "bed_of_nails"), small);
    }

    // Lecture 11: convolutions along a line as matrices, with (x, y, z) = (1, 2, 3) and (a, b, c, d) = (4, 5, 6, 7).
    [TestCase("conv1d", 1, 1, 0, new float[] { 4, 5, 6, 7 }, new float[] { 23, 32, 38, 20 })]
    [TestCase("conv1d", 2, 1, 0, new float[] { 4, 5, 6, 7 }, new float[] { 23, 38 })]
    [TestCase("conv_transpose1d", 1, 0, 0, new float[] { 4, 5, 6, 7 }, new float[] { 4, 13, 28, 34, 32, 21 })]
    [TestCase("conv_transpose1d", 1, 1, 0, new float[] { 4, 5, 6, 7 }, new float[] { 13, 28, 34, 32 })]
    [TestCase("conv_transpose1d", 2, 0, 1, new float[] { 4, 5 }, new float[] { 4, 8, 17, 10, 15, 0 })]
    [TestCase("conv_transpose1d", 2, 1, 1, new float[] { 4, 5 }, new float[] { 8, 17, 10, 15 })]
    public void Convolutions_along_a_line(string name, int stride, int padding, int outputPadding, float[] input, float[] expected)
    {
        var attributes = Attributes(("stride", [stride]), ("padding", [padding]));
        if (outputPadding > 0) attributes = attributes.With("output_padding", new long[] { outputPadding });
        Check(expected, name, attributes, T(input, 1, 1, input.Length), T([1, 2, 3], 1, 1, 3));
    }

    // Lecture 11: 2 x 2 to 4 x 4, "sum where outputs overlap"; stride 2, padding 1, and one element more at the end.
    [Test]
    public void Transposed_convolutions_of_a_picture()
    {
        var input = T([1, 2, 3, 4], 1, 1, 2, 2);
        var counting = T([1, 2, 3, 4, 5, 6, 7, 8, 9], 1, 1, 3, 3);
        var ones = T([1, 1, 1, 1, 1, 1, 1, 1, 1], 1, 1, 3, 3);
        var cropped = Attributes(("stride", [2]), ("padding", [1]), ("output_padding", [1]));
        Check([1, 2, 5, 4, 6, 4, 5, 14, 10, 12, 10, 14, 36, 24, 30, 12, 15, 34, 20, 24, 21, 24, 55, 32, 36], "conv_transpose2d", Attributes(("stride", [2])), input, counting);
        Check([5, 14, 10, 12, 14, 36, 24, 30, 15, 34, 20, 24, 24, 55, 32, 36], "conv_transpose2d", cropped, input, counting);
        Check([1, 3, 2, 2, 4, 10, 6, 6, 3, 7, 4, 4, 3, 7, 4, 4], "conv_transpose2d", cropped, input, ones);
    }

    // MIT 6.869, lecture 6: the rows of the matrix that doubles four samples with [1 4 6 4 1].
    [Test]
    public void Doubling_as_a_matrix()
    {
        float[][] rows = [[6, 1, 0, 0], [4, 4, 0, 0], [1, 6, 1, 0], [0, 4, 4, 0], [0, 1, 6, 1], [0, 0, 4, 4], [0, 0, 1, 6], [0, 0, 0, 4]];
        for (var column = 0; column < 4; column++)
        {
            var unit = new float[4];
            unit[column] = 1;
            Check([.. rows.Select(r => r[column])], "conv_transpose1d", Attributes(("stride", [2]), ("padding", [2]), ("output_padding", [1])), T(unit, 1, 1, 4), T([1, 4, 6, 4, 1], 1, 1, 5));
        }
    }

    // MIT 6.869: a filter steered by 60 degrees is half of one and sqrt(3) / 2 of the other.
    [Test]
    public void Filters_are_steered()
    {
        var image = TestTensors.Reals(5, [1, 1, 17, 19]);
        var (across, down, steered) = (Derivative(1, 0), Derivative(0, 1), Derivative(0.5, Math.Sqrt(3) / 2));
        var (x, y) = (Run("conv2d", null, image, across)[0].ToArray<float>(), Run("conv2d", null, image, down)[0].ToArray<float>());
        Check([.. x.Zip(y, (a, b) => (float)(0.5 * a + Math.Sqrt(3) / 2 * b))], "conv2d", null, image, steered);

        static Tensor Derivative(double u, double v)
        {
            var values = new float[81];
            for (var i = 0; i < values.Length; i++)
            {
                var (column, row) = (i % 9 - 4, i / 9 - 4);
                values[i] = (float)(-(u * column + v * row) / (2 * Math.PI * 16) * Math.Exp(-(column * column + row * row) / 8.0));
            }
            return T(values, 1, 1, 9, 9);
        }
    }

    // Both the device's result and the host's are the printed numbers.
    private void Check(float[] expected, string name, AttributeSet? attributes, params Tensor[] inputs)
    {
        Assert.That(Run(name, attributes, inputs)[0].ToArray<float>(), Is.EqualTo(expected).Within(1e-4f), $"{name} on {Driver}");
        Assert.That(OnHost.Reals(name, attributes, inputs), Is.EqualTo(expected).Within(1e-4f), $"{name} on the host");
    }

    private List<Tensor> Run(string name, AttributeSet? attributes, params Tensor[] inputs)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, name);
        var values = inputs.Select((t, i) => (Value?)builder.Input($"x{i}", t.Type)).ToArray();
        var outputs = builder.Add(StandardOperators.Registry.Get(name), attributes ?? AttributeSet.Empty, values);
        for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile }));
        using var session = model.CreateSession(slots: 1);
        var results = session.Run(inputs.Select((t, i) => (t, i)).ToDictionary(p => $"x{p.i}", p => p.t));
        return [.. Enumerable.Range(0, outputs.Count).Select(i => results[$"y{i}"])];
    }

    private static AttributeSet Attributes(params (string Name, long[] Values)[] lists) => lists.Aggregate(AttributeSet.Empty, (set, list) => set.With(list.Name, list.Values));

    private static Tensor T(float[] values, params long[] shape) => Tensor.From(new TensorType(DataType.Float32, new Shape(shape)), values);
}
