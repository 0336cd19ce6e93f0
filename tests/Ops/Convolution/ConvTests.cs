using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Convolution;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Convolution;

/// <summary>Shape rules, the lectures' numbers, and gradients of convolutions and transposed convolutions, on the host.</summary>
internal sealed class ConvTests
{
    private static AttributeSet Window(long[]? stride = null, long[]? padding = null, long[]? dilation = null, long groups = 1) => AttributeSet.Empty
        .With(WindowAttributes.Stride, stride ?? [1]).With(WindowAttributes.Padding, padding ?? [0]).With(WindowAttributes.Dilation, dilation ?? [1]).With(Conv.Groups, groups);

    private static Shape ConvShape(long size, long kernel, long stride, long padding, long channels = 1, long filters = 1)
    {
        var y = OnHost.Run("conv2d", Window([stride], [padding]), Tensor.Zeros(DataType.Float32, [1, channels, size, size]), Tensor.Zeros(DataType.Float32, [filters, channels, kernel, kernel]));
        return y[0].Shape;
    }

    [Test]
    public void Sizes_of_the_lectures()
    {
        Assert.That(ConvShape(7, 3, 1, 0)[2], Is.EqualTo(5));
        Assert.That(ConvShape(7, 3, 2, 0)[2], Is.EqualTo(3));
        Assert.That(ConvShape(7, 3, 3, 0)[2], Is.EqualTo(2), "the rest is cut off");
        Assert.That(ConvShape(7, 3, 1, 1)[2], Is.EqualTo(7));
        Assert.That(ConvShape(32, 5, 1, 0, 3, 6), Is.EqualTo(new Shape(1, 6, 28, 28)));
        Assert.That(ConvShape(28, 5, 1, 0, 6, 10), Is.EqualTo(new Shape(1, 10, 24, 24)));
        Assert.That(ConvShape(32, 5, 1, 2, 3, 10), Is.EqualTo(new Shape(1, 10, 32, 32)));
        Assert.That(ConvShape(227, 11, 4, 0, 3, 96), Is.EqualTo(new Shape(1, 96, 55, 55)));
        foreach (var kernel in new long[] { 3, 5, 7 }) Assert.That(ConvShape(9, kernel, 1, (kernel - 1) / 2)[2], Is.EqualTo(9));
    }

    [Test]
    public void Parameters_of_the_lectures()
    {
        // Ten 5x5 filters on 3 channels: 760 numbers; AlexNet's first layer: 34,944.
        Assert.That(CountParameters([1, 3, 32, 32], 10, 5), Is.EqualTo(760));
        Assert.That(CountParameters([1, 3, 227, 227], 96, 11), Is.EqualTo(34944));
    }

    [Test]
    public void One_dimensional_numbers_of_the_lectures()
    {
        var filter = Tensor.From([1f, 2, 3], 1, 1, 3);
        var four = Tensor.From([4f, 5, 6, 7], 1, 1, 4);
        Assert.That(OnHost.Reals("conv1d", Window(padding: [1]), four, filter), Is.EqualTo(new float[] { 23, 32, 38, 20 }));
        Assert.That(OnHost.Reals("conv1d", Window([2], [1]), four, filter), Is.EqualTo(new float[] { 23, 38 }));
        Assert.That(OnHost.Reals("conv_transpose1d", Window(), four, filter), Is.EqualTo(new float[] { 4, 13, 28, 34, 32, 21 }));
        Assert.That(OnHost.Reals("conv_transpose1d", Window(padding: [1]), four, filter), Is.EqualTo(new float[] { 13, 28, 34, 32 }));
        var two = Tensor.From([4f, 5], 1, 1, 2);
        Assert.That(OnHost.Reals("conv_transpose1d", Window([2]), two, filter), Is.EqualTo(new float[] { 4, 8, 17, 10, 15 }));
        Assert.That(OnHost.Reals("conv_transpose1d", Window([2]).With(ConvTranspose.OutputPadding, [1]), two, filter), Is.EqualTo(new float[] { 4, 8, 17, 10, 15, 0 }));
        Assert.That(OnHost.Reals("conv_transpose1d", Window([2], [1]).With(ConvTranspose.OutputPadding, [1]), two, filter), Is.EqualTo(new float[] { 8, 17, 10, 15 }));
    }

    [Test]
    public void Two_dimensional_numbers_of_the_lectures()
    {
        var input = Tensor.From([1f, 2, 3, 4], 1, 1, 2, 2);
        var filter = Tensor.From([1f, 2, 3, 4, 5, 6, 7, 8, 9], 1, 1, 3, 3);
        float[] full = [1, 2, 5, 4, 6, 4, 5, 14, 10, 12, 10, 14, 36, 24, 30, 12, 15, 34, 20, 24, 21, 24, 55, 32, 36];
        Assert.That(OnHost.Reals("conv_transpose2d", Window([2]), input, filter), Is.EqualTo(full));
        var cut = Window([2], [1]).With(ConvTranspose.OutputPadding, [1]);
        Assert.That(OnHost.Reals("conv_transpose2d", cut, input, filter), Is.EqualTo(new float[] { 5, 14, 10, 12, 14, 36, 24, 30, 15, 34, 20, 24, 24, 55, 32, 36 }));
        var ones = TestTensors.Repeat([1, 1, 3, 3], 1);
        Assert.That(OnHost.Reals("conv_transpose2d", cut, input, ones), Is.EqualTo(new float[] { 1, 3, 2, 2, 4, 10, 6, 6, 3, 7, 4, 4, 3, 7, 4, 4 }));
    }

    [Test]
    public void Upsampling_by_the_binomial_filter()
    {
        // Inserting zeros and filtering by [1 4 6 4 1] takes 4 to 8 samples as the lecture's matrix does.
        var binomial = Tensor.From([1f, 4, 6, 4, 1], 1, 1, 5);
        var attributes = Window([2], [2]).With(ConvTranspose.OutputPadding, [1]);
        float[][] columns = [[6, 4, 1, 0, 0, 0, 0, 0], [1, 4, 6, 4, 1, 0, 0, 0], [0, 0, 1, 4, 6, 4, 1, 0], [0, 0, 0, 0, 1, 4, 6, 4]];
        for (var i = 0; i < 4; i++)
        {
            var unit = new float[4];
            unit[i] = 1;
            Assert.That(OnHost.Reals("conv_transpose1d", attributes, Tensor.From(unit, 1, 1, 4), binomial), Is.EqualTo(columns[i]));
        }
    }

    [Test]
    public void Same_padding_rounds_up_and_puts_the_odd_element_where_told()
    {
        var (x, w) = (Tensor.From([1f, 2, 3, 4], 1, 1, 4), Tensor.From([1f, 10], 1, 1, 2));
        Assert.That(OnHost.Reals("conv1d", Window().With(WindowAttributes.AutoPadding, "same"), x, w), Is.EqualTo(new float[] { 21, 32, 43, 4 }));
        Assert.That(OnHost.Reals("conv1d", Window().With(WindowAttributes.AutoPadding, "same_lower"), x, w), Is.EqualTo(new float[] { 10, 21, 32, 43 }));
        Assert.That(OnHost.Reals("conv1d", Window().With(WindowAttributes.AutoPadding, "valid"), x, w), Is.EqualTo(new float[] { 21, 32, 43 }));
        Assert.That(OnHost.Reals("conv1d", Window([3]).With(WindowAttributes.AutoPadding, "same"), x, w), Is.EqualTo(new float[] { 21, 4 }));
    }

    [Test]
    public void An_output_shape_decides_the_padding()
    {
        var (x, w) = (TestTensors.Reals(1, [1, 1, 3, 3]), TestTensors.Reals(2, [1, 2, 3, 3]));
        var larger = OnHost.Run("conv_transpose2d", Window([3, 2]).With(ConvTranspose.OutputShape, [10, 8]), x, w)[0];
        var padded = OnHost.Run("conv_transpose2d", Window([3, 2]).With(ConvTranspose.OutputPadding, [1, 1]), x, w)[0];
        Assert.That(larger.Shape, Is.EqualTo(new Shape(1, 2, 10, 8)));
        Assert.That(larger.ToArray<float>(), Is.EqualTo(padded.ToArray<float>()));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        Tensor Zeros(params long[] shape) => Tensor.Zeros(DataType.Float32, new Shape(shape));
        Faults.Expect("VKN2302", () => OnHost.Run("conv2d", null, Zeros(1, 1, 2, 2), Zeros(1, 1, 3, 3)));
        Faults.Expect("VKN2307", () => OnHost.Run("conv2d", null, Zeros(1, 2, 5, 5), Zeros(1, 1, 3, 3)));
        Faults.Expect("VKN2310", () => OnHost.Run("conv2d", Window(groups: 2), Zeros(1, 3, 5, 5), Zeros(2, 1, 3, 3)));
        Faults.Expect("VKN2309", () => OnHost.Run("conv2d", null, Zeros(1, 1, 5, 5), Zeros(2, 1, 3, 3), Zeros(3)));
        Faults.Expect("VKN2304", () => OnHost.Run("conv2d", Window([0]), Zeros(1, 1, 5, 5), Zeros(2, 1, 3, 3)));
        Faults.Expect("VKN2301", () => OnHost.Run("conv2d", Window([1, 1, 1]), Zeros(1, 1, 5, 5), Zeros(2, 1, 3, 3)));
        Faults.Expect("VKN2101", () => OnHost.Run("conv2d", null, Zeros(1, 5, 5), Zeros(2, 1, 3, 3)));
        Faults.Expect("VKN2013", () => OnHost.Run("conv2d", Window(dilation: [long.MaxValue / 2]), Zeros(1, 1, 5, 5), Zeros(2, 1, 4, 4)));
        Faults.Expect("VKN2312", () => OnHost.Run("conv_transpose1d", Window(padding: [9]), Zeros(1, 1, 2), Zeros(1, 1, 3)));
    }

    [Test]
    public void Gradients()
    {
        GradientTester.Check("conv1d", Window([2], [2, 1], [2]), 1e-7, TestTensors.Reals(1, [2, 2, 9]), TestTensors.Reals(2, [3, 2, 3]), TestTensors.Reals(3, [3]));
        GradientTester.Check("conv2d", Window([2, 1], [1]), 1e-7, TestTensors.Reals(1, [2, 2, 5, 4]), TestTensors.Reals(2, [3, 2, 3, 2]), TestTensors.Reals(3, [3]));
        GradientTester.Check("conv2d", Window([3, 2], [1, 0, 2, 1], [1, 2], 2), 1e-7, TestTensors.Reals(1, [1, 4, 6, 7]), TestTensors.Reals(2, [2, 2, 2, 3]));
        GradientTester.Check("conv2d", Window(groups: 3), 1e-7, TestTensors.Reals(1, [1, 3, 4, 4]), TestTensors.Reals(2, [3, 1, 3, 3]));
        GradientTester.Check("conv3d", Window([2, 1, 1], [1]), 1e-7, TestTensors.Reals(1, [1, 2, 3, 3, 3]), TestTensors.Reals(2, [2, 2, 2, 2, 2]), TestTensors.Reals(3, [2]));
        GradientTester.Check("conv_transpose1d", Window([2], [1]).With(ConvTranspose.OutputPadding, [1]), 1e-7, TestTensors.Reals(1, [2, 2, 4]), TestTensors.Reals(2, [2, 3, 3]), TestTensors.Reals(3, [3]));
        GradientTester.Check("conv_transpose2d", Window([2, 1], [1, 0, 0, 1], [1, 2], 2), 1e-7, TestTensors.Reals(1, [1, 4, 3, 4]), TestTensors.Reals(2, [4, 2, 3, 2]), TestTensors.Reals(3, [4]));
        GradientTester.Check("conv_transpose3d", Window([2, 1, 1]), 1e-7, TestTensors.Reals(1, [1, 2, 2, 2, 2]), TestTensors.Reals(2, [2, 1, 2, 2, 2]));
    }

    [Test]
    public void Gradients_of_gradients()
    {
        var window = Window([2, 1], [1, 0, 1, 1], groups: 2);
        GradientTester.Check("conv2d_weight_gradient", window.With(WindowAttributes.Kernel, [3, 2]), 1e-7, TestTensors.Reals(1, [2, 4, 6, 4]), TestTensors.Reals(2, [2, 2, 3, 4]));
    }

    private static long CountParameters(long[] input, long filters, long kernel)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var x = builder.Input("x", new TensorType(DataType.Float32, new Shape(input)));
        var attributes = AttributeSet.Empty.With(Conv.Filters, filters).With(WindowAttributes.Kernel!, [kernel]);
        var conv = (Conv)StandardOperators.Registry.Get("conv2d");
        return conv.DeclareParameters(new InferenceContext(conv, attributes, [x], "c", null)).Sum(d => d.Type.Shape.ElementCount);
    }
}
