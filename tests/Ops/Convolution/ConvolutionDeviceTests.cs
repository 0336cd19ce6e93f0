using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Shaders.Kernels;
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
    public void Weights_in_half_precision_are_read_as_they_are()
    {
        var variants = ConvolutionImplicit.Family.Variants.Where(v => Device.Profile.WhyNot(v) is null && v.Defines.ContainsKey("Half") && !v.Variant.EndsWith("_single", StringComparison.Ordinal)).Select(v => v.Variant);
        foreach (var variant in variants.Prepend(null))
        {
            var tester = new OperatorTester();
            for (var i = 0; i < Cases.Length; i++)
            {
                var c = Cases[i];
                // Halves exactly, so that any difference is the kernel's.
                var weight = TestTensors.Reals(10 * i + 1, [c.Filters, c.Input[1] / c.Groups, .. c.Kernel]);
                foreach (ref var value in weight.Values<float>()) value = (float)(Half)value;
                tester.Output(tester.Builder.Apply($"conv{c.Input.Length - 2}d", c.Attributes, tester.Input(TestTensors.Reals(10 * i, [.. c.Input])), tester.Builder.Constant(weight)), $"case {i}");
            }
            var plan = tester.Check(Device, 1e-5, 1e-5, o => o with { Variant = variant, Precision = StoragePrecision.Float16 });
            if (variant is not null) Assert.That(plan.Main.Calls.OfType<DispatchCall>().Any(c => c.Descriptor.Variant.StartsWith(variant, StringComparison.Ordinal)), Is.True, variant);
        }
    }

    [Test]
    public void Every_variant_equals_the_host()
    {
        foreach (var variant in ConvolutionImplicit.Family.Variants.Where(v => Device.Profile.WhyNot(v) is null && !v.Defines.ContainsKey("Half") && !v.Variant.EndsWith("_single", StringComparison.Ordinal)).Concat(PositionsConvolution.Variants(Device.Profile)))
        {
            var tester = new OperatorTester();
            for (var i = 0; i < Cases.Length; i++) AddForward(tester, 10 * i, Cases[i], bias: i % 2 == 1);
            var shared = tester.Input(TestTensors.Reals(190, [1, 8, 9, 7], -1, 1));
            Value[] parts = [.. new long[] { 8, 12, 5 }.Select((filters, i) => tester.Builder.Apply("conv2d", AttributeSet.Empty, shared, tester.Input(TestTensors.Reals(191 + i, [filters, 8, 3, 3], -1, 1))))];
            tester.Output(tester.Builder.Apply("concat", AttributeSet.Empty.With("axis", 1L), parts), "results that are parts of one tensor");
            var plan = tester.Check(Device, 1e-5, 1e-5, o => o with { Variant = variant.Variant });
            Assert.That(plan.Main.Calls.OfType<DispatchCall>().Where(c => c.Descriptor.Variant.StartsWith(variant.Variant, StringComparison.Ordinal)).Any(c => c.Kernel == variant.Name), Is.True, variant.Variant);
        }
    }

    // Stride 1 and 3 x 3 taps: what minimal filtering can do. Tiles hang over both edges, channels and filters fill nothing.
    private static readonly Case[] Minimal =
    [
        new([1, 1, 1, 1], 1, [3, 3], [1], [1], [1], 1),
        new([1, 3, 5, 5], 2, [3, 3], [1], [0], [1], 1),
        new([2, 6, 7, 9], 10, [3, 3], [1], [1, 0, 2, 1], [1], 1),
        new([1, 9, 13, 14], 65, [3, 3], [1], [1], [1], 1),
        new([3, 16, 6, 4], 24, [3, 3], [1], [1], [1], 2),
        new([1, 20, 1, 2], 67, [3, 3], [1], [1], [1], 1),
        new([1, 64, 17, 16], 64, [3, 3], [1], [1], [1], 1),
    ];

    [Test]
    public void Winograd_convolutions_stay_within_their_error([Values("f4", "f2")] string variant)
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        for (var i = 0; i < Minimal.Length; i++)
        {
            var c = Minimal[i];
            var w = b.Constant(TestTensors.Reals(5 * i, [c.Filters, c.Input[1] / c.Groups, .. c.Kernel], -1, 1));
            var y = b.Apply("conv2d", c.Attributes, tester.Input(TestTensors.Reals(5 * i + 1, [.. c.Input], -1, 1)), w, b.Constant(TestTensors.Reals(5 * i + 2, [c.Filters])));
            if (i % 2 == 1) y = b.Apply("relu", null, b.Apply("add", null, y, tester.Input(TestTensors.Reals(5 * i + 3, y.Shape))));
            tester.Output(y, $"{variant} {y.Shape}");
        }
        var (shared, padded) = (tester.Input(TestTensors.Reals(90, [1, 8, 9, 7], -1, 1)), AttributeSet.Empty.With(WindowAttributes.Padding, [1]));
        Value[] parts = [.. new long[] { 8, 12, 5 }.Select((filters, i) => b.Apply("conv2d", padded, shared, b.Constant(TestTensors.Reals(91 + i, [filters, 8, 3, 3], -1, 1))))];
        tester.Output(b.Apply("concat", AttributeSet.Empty.With("axis", 1L), parts), "results that are parts of one tensor");
        // Sums of 9 C products of magnitude below 1: errors are typically a thousandth of the bound.
        var bound = WinogradConvolution.ErrorBound(variant == "f4" ? 4 : 2, 64);
        var plan = tester.Check(Device, 1e-5, bound / 100, o => o with { Variant = variant });
        Assert.That(plan.Main.Calls.Count(c => c.Kernel == ConvolutionWinogradOutput.Family.Name), Is.EqualTo(PackedTiles.Of(Device.Profile).Count > 0 ? Minimal.Length + parts.Length : 0));
    }

    [Test]
    public void Winograd_is_chosen_for_large_layers_unless_exactness_is_asked_for()
    {
        if (PackedTiles.Of(Device.Profile).Count == 0) Assert.Ignore("the device has no kernels for channels-last products");
        foreach (var exact in new[] { false, true })
        {
            var tester = new OperatorTester();
            var w = tester.Builder.Constant(TestTensors.Reals(1, [128, 128, 3, 3], -1, 1));
            tester.Output(tester.Builder.Apply("conv2d", Minimal[6].Attributes, tester.Input(TestTensors.Reals(2, [1, 128, 28, 28], -1, 1)), w), "large layer");
            var plan = tester.Check(Device, 1e-5, 2e-4, o => o with { Exact = exact });
            Assert.That(plan.Main.Calls.Any(c => c.Kernel == ConvolutionWinogradOutput.Family.Name), Is.Not.EqualTo(exact));
        }
    }

    [Test]
    public void Windows_of_pictures_are_unfolded([Values] bool constant)
    {
        var tester = new OperatorTester();
        var b = tester.Builder;
        var seed = 0;
        foreach (var (input, filters, kernel, stride) in new (long[], long, long[], long)[]
        {
            ([1, 1, 9, 9], 6, [5, 5], 1), ([2, 2, 8, 7], 5, [3, 5], 1), ([1, 3, 23, 19], 9, [7, 7], 2), ([1, 3, 31, 30], 66, [11, 11], 4), ([2, 4, 6, 6], 8, [3, 3], 1),
            ([1, 3, 240, 240], 3, [3, 3], 1), ([1, 1, 5, 6, 7], 3, [2, 3, 2], 1), ([3, 2, 40], 3, [9], 2),
        })
        {
            var attributes = AttributeSet.Empty.With(WindowAttributes.Stride, [stride]).With(WindowAttributes.Padding, [kernel[0] / 2]);
            var weights = TestTensors.Reals(++seed, [filters, input[1], .. kernel], -1, 1);
            var y = b.Apply($"conv{kernel.Length}d", attributes, tester.Input(TestTensors.Reals(++seed, [.. input], -1, 1)), constant ? b.Constant(weights) : tester.Input(weights), b.Constant(TestTensors.Reals(++seed, [filters])));
            tester.Output(b.Apply("add", null, y, tester.Input(TestTensors.Reals(++seed, y.Shape))), $"{y.Shape}");
        }
        var tiles = PackedTiles.Of(Device.Profile);
        var plan = tester.Check(Device, 1e-5, 3e-5, o => o with { Exact = true, Variant = tiles.Count > 0 ? tiles[0].Variant : null });
        if (tiles.Count > 0) Assert.That(plan.Main.Calls.Count(c => c.Kernel == ConvolutionUnfold.Family.Name), Is.GreaterThan(8), "a large picture takes several calls");
    }

    // Strides and dilations with and without a common divisor: which taps meet an element differs.
    [Test]
    public void Transposed_depthwise()
    {
        var tester = new OperatorTester();
        var (seed, count) = (100, 0);
        foreach (var axes in new[] { 1, 2, 3 })
            foreach (var (stride, dilation, kernel) in new (long, long, long)[] { (1, 1, 3), (2, 1, 5), (2, 2, 3), (2, 3, 4), (3, 2, 4), (4, 6, 3), (5, 1, 2) })
            {
                long[] Spatial(long size) => [.. Enumerable.Repeat(size, axes)];
                var channels = 3 + 2 * (count++ % 3);
                var attributes = AttributeSet.Empty.With(Conv.Groups, (long)channels).With(WindowAttributes.Stride, [stride]).With(WindowAttributes.Dilation, [dilation]).With(WindowAttributes.Padding, [count % 2]);
                tester.Add($"conv_transpose{axes}d", attributes, TestTensors.Reals(++seed, [2, channels, .. Spatial(5 - axes)]), TestTensors.Reals(++seed, [channels, 1, .. Spatial(kernel)]), count % 3 == 0 ? null : TestTensors.Reals(++seed, [channels]));
            }
        var plan = tester.Check(Device, 1e-5, 1e-5);
        if (Device.Profile.Has(DeviceFeatures.TexelBuffer)) Assert.That(plan.Main.Calls.Count(c => c.Kernel == ConvolutionDepthwiseTransposed.Family.Name), Is.EqualTo(count));
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

    // Few filters and stride 1: the adjoint with positions along the lanes, in every variant.
    [Test]
    public void Transposed_convolutions_without_stride_run_in_every_variant()
    {
        foreach (var variant in ConvolutionTransposed.Family.Variants.Where(v => Device.Profile.WhyNot(v) is null && !v.Variant.EndsWith("_single", StringComparison.Ordinal)).Concat(PositionsConvolution.Variants(Device.Profile)))
        {
            var tester = new OperatorTester();
            var seed = 300;
            foreach (var (channels, filters, groups, kernel, padding, dilation) in new (long, long, long, long[], long[], long[])[]
            {
                (5, 3, 1, [5, 5], [2], [1]), (16, 6, 1, [5, 5], [0], [1]), (8, 16, 2, [3, 2], [1, 0], [1]), (4, 33, 1, [2, 4], [0], [2, 1]), (9, 2, 1, [3, 3], [1], [2]), (7, 10, 1, [1, 9], [0, 3], [1]),
            })
            {
                var attributes = AttributeSet.Empty.With(WindowAttributes.Padding, padding).With(WindowAttributes.Dilation, dilation).With(Conv.Groups, groups);
                tester.Add("conv_transpose2d", attributes, TestTensors.Reals(++seed, [2, channels, 6, 7]), TestTensors.Reals(++seed, [channels, filters / groups, .. kernel]), TestTensors.Reals(++seed, [filters]));
            }
            var plan = tester.Check(Device, 1e-5, 1e-4, o => o with { Variant = variant.Variant });
            Assert.That(plan.Main.Calls.OfType<DispatchCall>().Any(c => c.Kernel == variant.Name && c.Descriptor.Variant.StartsWith(variant.Variant, StringComparison.Ordinal)), Is.True, variant.Variant);
        }
    }

    [Test]
    public void Weight_gradients_run_in_every_variant()
    {
        foreach (var variant in ConvolutionWeightGradient.Family.Variants.Concat(ConvolutionWeightGradientRows.Family.Variants).Where(v => Device.Profile.WhyNot(v) is null))
        {
            // Lanes are those of the first variant that runs, unless one is asked for that has others.
            var tester = new OperatorTester();
            AddWeightGradients(tester);
            var plan = tester.Check(Device, 1e-5, 1e-4, o => o with { Variant = variant.Variant });
            if (ConvolutionWeightGradient.Defines.Lanes(variant) == Device.Profile.SubgroupSize)
                Assert.That(plan.Main.Calls.OfType<DispatchCall>().Any(c => c.Descriptor == variant), Is.True, variant.Variant);
        }
    }

    [Test]
    public void Weight_gradient([Values] bool channelsLast)
    {
        var tester = new OperatorTester();
        AddWeightGradients(tester);
        tester.Check(Device, 1e-5, 1e-4, o => o with { ChannelsLast = channelsLast });
    }

    private static void AddWeightGradients(OperatorTester tester)
    {
        for (var i = 0; i < Cases.Length; i++)
        {
            var c = Cases[i];
            var axes = c.Input.Length - 2;
            var x = TestTensors.Reals(i, [.. c.Input]);
            var w = Tensor.Zeros(DataType.Float32, [c.Filters, c.Input[1] / c.Groups, .. c.Kernel]);
            var y = OnHost.Run($"conv{axes}d", c.Attributes, x, w)[0].Shape;
            tester.Add($"conv{axes}d_weight_gradient", c.Attributes.With(WindowAttributes.Kernel!, c.Kernel).With(ConvWeightGradient.WithBias, i % 2 == 0), x, TestTensors.Reals(i + 1, y));
        }
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
