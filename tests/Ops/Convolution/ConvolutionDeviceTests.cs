using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Convolution;

/// <summary>Convolutions, transposed convolutions and weight gradients on every device against the host, dense and channels-last, over odd sizes.</summary>
internal sealed class ConvolutionDeviceTests(string driver) : OnEveryDevice(driver)
{
    private sealed record Case(long[] Input, long Filters, long[] Kernel, long[] Stride, long[] Padding, long[] Dilation, long Groups)
    {
        public AttributeSet Attributes => AttributeSet.Empty.With(WindowAttributes.Stride, Stride).With(WindowAttributes.Padding, Padding).With(WindowAttributes.Dilation, Dilation).With(Conv.Groups, Groups);
    }

    private static readonly Case[] Cases =
    [
        new([1, 1, 5, 5], 1, [3, 3], [1], [0], [1], 1),
        new([2, 3, 7, 6], 5, [3, 2], [2, 1], [1, 0, 0, 1], [1], 1),
        new([1, 4, 9, 9], 8, [3, 3], [1], [1], [1], 1),
        new([1, 8, 6, 7], 65, [1, 1], [1], [0], [1], 1),
        new([1, 12, 8, 8], 70, [3, 3], [1], [2], [2], 1),
        new([3, 16, 5, 5], 4, [5, 5], [1], [2], [1], 1),
        new([1, 7, 4, 4], 3, [1, 1], [2], [0], [1], 1),
        new([1, 8, 6, 5], 8, [3, 3], [1], [1], [1], 8),
        new([2, 6, 7, 9], 6, [3, 5], [2], [1, 2], [1], 6),
        new([1, 16, 6, 6], 24, [3, 3], [1], [1], [1], 2),
        new([1, 6, 5, 5], 9, [2, 2], [1], [0], [1], 3),
        new([1, 2, 11], 3, [4], [3], [2, 1], [1], 1),
        new([1, 4, 3, 5, 6], 5, [2, 3, 2], [1, 2, 1], [1, 0, 1], [1], 1),
        new([1, 3, 40, 40], 17, [7, 7], [2], [3], [1], 1),
        new([0, 3, 5, 5], 2, [3, 3], [1], [0], [1], 1),
    ];

    private static void AddForward(OperatorTester tester, int seed, Case c, bool bias)
    {
        var axes = c.Input.Length - 2;
        var (x, w) = (TestTensors.Reals(seed, [.. c.Input]), TestTensors.Reals(seed + 1, [c.Filters, c.Input[1] / c.Groups, .. c.Kernel]));
        tester.Add($"conv{axes}d", c.Attributes, x, w, bias ? TestTensors.Reals(seed + 2, [c.Filters]) : null);
    }

    [Test]
    public void Forward([Values] bool channelsLast)
    {
        var tester = new OperatorTester();
        for (var i = 0; i < Cases.Length; i++) AddForward(tester, 10 * i, Cases[i], bias: i % 2 == 0);
        tester.Check(Device, 1e-5, 1e-5, o => o with { ChannelsLast = channelsLast });
    }

    [Test]
    public void Transposed([Values] bool channelsLast)
    {
        var tester = new OperatorTester();
        for (var i = 0; i < Cases.Length; i++)
        {
            var c = Cases[i];
            var axes = c.Input.Length - 2;
            if (c.Padding.Any(p => p > 1)) continue;
            var (x, w) = (TestTensors.Reals(i, [.. c.Input]), TestTensors.Reals(i + 1, [c.Input[1], c.Filters / (c.Groups == c.Filters ? c.Groups : 1) / (c.Groups == c.Filters || c.Groups == 1 ? 1 : c.Groups), .. c.Kernel]));
            tester.Add($"conv_transpose{axes}d", c.Attributes, x, w, i % 2 == 0 ? TestTensors.Reals(i + 2, [w.Shape[1] * c.Groups]) : null);
        }
        var extra = AttributeSet.Empty.With(WindowAttributes.Stride, [3, 2]).With(WindowAttributes.Dilation, [2, 1]).With(ConvTranspose.OutputPadding, [2, 1]);
        tester.Add("conv_transpose2d", extra, TestTensors.Reals(91, [2, 5, 4, 3]), TestTensors.Reals(92, [5, 6, 3, 2]));
        tester.Add("conv_transpose2d", extra.With(WindowAttributes.Dilation, [3, 2]).With(WindowAttributes.Padding, [1, 0]), TestTensors.Reals(93, [1, 8, 4, 3]), TestTensors.Reals(94, [8, 66, 3, 3]));
        tester.Check(Device, 1e-5, 1e-5, o => o with { ChannelsLast = channelsLast });
    }

    [Test]
    public void Weight_gradient([Values] bool channelsLast)
    {
        var tester = new OperatorTester();
        for (var i = 0; i < Cases.Length; i++)
        {
            var c = Cases[i];
            var axes = c.Input.Length - 2;
            var x = TestTensors.Reals(i, [.. c.Input]);
            var w = Tensor.Zeros(DataType.Float32, [c.Filters, c.Input[1] / c.Groups, .. c.Kernel]);
            var y = OnHost.Run($"conv{axes}d", c.Attributes, x, w)[0].Shape;
            tester.Add($"conv{axes}d_weight_gradient", c.Attributes.With(WindowAttributes.Kernel!, c.Kernel), x, TestTensors.Reals(i + 1, y));
        }
        tester.Check(Device, 1e-5, 1e-4, o => o with { ChannelsLast = channelsLast });
    }

    [Test]
    public void A_chain_with_residual_and_activation_is_fused([Values] bool channelsLast)
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        var x = tester.Input(TestTensors.Reals(1, [2, 8, 9, 7]));
        Value Weight(int seed, params long[] shape) => tester.Input(TestTensors.Reals(seed, [.. shape]));
        var pad = AttributeSet.Empty.With(WindowAttributes.Padding, [1]);
        var y = b.Apply("relu", null, b.Apply("conv2d", pad, x, Weight(2, 10, 8, 3, 3), Weight(3, 10)));
        y = b.Apply("conv2d", pad, y, Weight(4, 8, 10, 3, 3), Weight(5, 8));
        y = b.Apply("relu", null, b.Apply("add", null, b.Apply("mul", null, y, Weight(6, 8, 1, 1)), x));
        tester.Output(b.Apply("max_pool2d", AttributeSet.Empty.With(WindowAttributes.Kernel!, [2, 2]).With(WindowAttributes.Stride, [2]), y), "residual block");
        var plan = tester.Check(Device, 1e-5, 1e-4, o => o with { ChannelsLast = channelsLast });
        // Conversions of layout are named after the value that they convert.
        Assert.That(plan.Main.Calls.Where(c => c.Kernel.StartsWith("pointwise", StringComparison.Ordinal) && !c.Node.Contains('/', StringComparison.Ordinal)).Select(c => c.Node), Is.Empty, "every pointwise operator is an epilogue");
    }
}
