using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Convolution;
using VkNet.Operators.Pooling;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Pooling;

/// <summary>Poolings on every device against the host, dense.</summary>
internal sealed class PoolingDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static readonly (long[] Kernel, long[] Stride, long[] Padding, long[] Dilation, bool Ceil)[] Windows =
    [
        ([2, 2], [2, 2], [0], [1], false), ([3, 3], [2, 2], [1], [1], false), ([3, 2], [1, 2], [1, 0, 1, 1], [1], true), ([2, 3], [2, 1], [0, 2, 1, 0], [2, 2], false), ([1, 1], [1, 1], [0], [1], false),
    ];

    private static AttributeSet Window(long[] kernel, long[] stride, long[] padding, long[] dilation, bool ceil) => AttributeSet.Empty
        .With(WindowAttributes.Kernel!, kernel).With(WindowAttributes.Stride, stride).With(WindowAttributes.Padding, padding).With(WindowAttributes.Dilation, dilation).With(PoolAttributes.CeilMode, ceil);

    private static OperatorTester Cases()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (Shape shape in (Shape[])[[1, 1, 4, 4], [2, 3, 7, 5], [1, 5, 9, 8], [3, 4, 6, 17], [0, 2, 5, 5]])
        foreach (var (kernel, stride, padding, dilation, ceil) in Windows)
        {
            var (x, window) = (TestTensors.Reals(++seed, shape), Window(kernel, stride, padding, dilation, ceil));
            tester.Add("max_pool2d", window, x).Add("avg_pool2d", window, x).Add("avg_pool2d", window.With(PoolAttributes.CountIncludePad, true), x);
            tester.Add("lp_pool2d", window, x).Add("lp_pool2d", window.With(LpPool.P, 1), x).Add("lp_pool2d", window.With(LpPool.P, 3), x);
            tester.Add("max_pool2d", window.With(MaxPool.WithIndices, true).With(MaxPool.ColumnMajor, seed % 2 == 0), x);
            var pooled = OnHost.Run("max_pool2d", window, x)[0].Shape;
            var gradient = window.With(PoolGradient.InputSize, shape.AsSpan()[2..].ToArray());
            tester.Add("pool2d_gradient", gradient, TestTensors.Reals(++seed, pooled));
            tester.Add("pool2d_gradient", gradient.With(PoolGradient.Kind, "sum"), TestTensors.Reals(++seed, pooled));
            tester.Add("pool2d_gradient", gradient.With(PoolGradient.Kind, "maximum"), TestTensors.Reals(++seed, pooled), x);
        }
        foreach (Shape shape in (Shape[])[[1, 1, 1, 1], [2, 3, 7, 5], [1, 5, 33, 32], [3, 4, 2, 2]])
        {
            var x = TestTensors.Reals(++seed, shape);
            foreach (var kind in new[] { "avg", "max", "lp" }) tester.Add($"global_{kind}_pool2d", null, x);
            tester.Add("unpool2d", AttributeSet.Empty.With(Unpool.Factor, [2, 3]), x);
            tester.Add("unpool2d", AttributeSet.Empty.With(Unpool.Factor, [3, 2]).With(Unpool.Mode, "bed_of_nails"), x);
            foreach (var size in new long[][] { [1, 1], [2, 3], [7, 5] })
            {
                var adaptive = AttributeSet.Empty.With(PoolAttributes.OutputSize!, size);
                tester.Add("adaptive_avg_pool2d", adaptive, x).Add("adaptive_max_pool2d", adaptive, x);
                var gradient = adaptive.With(PoolGradient.InputSize, shape.AsSpan()[2..].ToArray());
                tester.Add("pool2d_gradient", gradient, TestTensors.Reals(++seed, [shape[0], shape[1], .. size]));
            }
        }
        tester.Add("max_pool1d", Window([3], [2], [1], [1], false), TestTensors.Reals(1, [2, 3, 11])).Add("max_pool3d", Window([2], [1], [1], [1], false), TestTensors.Reals(1, [1, 2, 3, 4, 5]));
        tester.Add("avg_pool1d", Window([3], [2], [1], [1], true), TestTensors.Reals(1, [2, 3, 12])).Add("avg_pool3d", Window([2, 3, 1], [2], [1], [1], false), TestTensors.Reals(1, [1, 2, 3, 4, 5]));
        tester.Add("global_avg_pool3d", null, TestTensors.Reals(1, [2, 2, 3, 4, 5])).Add("global_max_pool1d", null, TestTensors.Reals(1, [2, 2, 2000]));
        tester.Add("max_unpool2d", Window([2, 2], [2, 2], [0], [1], false), TestTensors.Reals(1, [1, 1, 2, 2]), Tensor.From([5L, 2, 12, -4], 1, 1, 2, 2));
        tester.Add("max_unpool2d", Window([2, 2], [2, 2], [0], [1], false), TestTensors.Reals(1, [1, 1, 2, 2]), Tensor.From([5L, 1_000_000_000, 12, 16], 1, 1, 2, 2));
        var special = TestTensors.Repeat([2, 2, 5, 5], 1, -2, float.NaN, float.NegativeInfinity, 3, -0f, 7, float.PositiveInfinity);
        tester.Add("max_pool2d", Window([2, 2], [1, 1], [1], [1], false), special).Add("max_pool2d", Window([2, 2], [1, 1], [1], [1], false).With(MaxPool.WithIndices, true), special);
        return tester;
    }

    [Test]
    public void Every_pooling_equals_the_host() => Cases().Check(Device, 1e-5, 1e-6);

    [Test]
    public void The_baseline_equals_the_host() => Cases().Check(Device, 1e-5, 1e-6, o => o with { Variant = "baseline" });

    [Test]
    public void Channels_last_kernels_store_and_read_dense()
    {
        foreach (var variant in new[] { null, "baseline" })
        {
            var tester = new OperatorTester();
            var (builder, seed, pooled, repeated) = (tester.Builder, 0, 0, 0);
            foreach (Shape shape in (Shape[])[[1, 1, 4, 4], [2, 3, 7, 5], [1, 5, 9, 8], [3, 8, 6, 17]])
            {
                Value Prefers(Value value) => builder.Add(new PreferringChannelsLast(), AttributeSet.Empty, [value])[0];
                Value Flat(Value value) => builder.Apply("reshape", AttributeSet.Empty.With("shape", new[] { shape[0], -1 }), value);
                Value Random(Shape of) => tester.Input(TestTensors.Reals(++seed, of));
                foreach (var (kernel, stride, padding, dilation, ceil) in Windows.Where(w => w.Dilation.All(d => d == 1)))
                foreach (var name in new[] { "max_pool2d", "avg_pool2d" })
                {
                    var value = builder.Apply(name, Window(kernel, stride, padding, dilation, ceil), Prefers(Random(shape)));
                    // With what is fused into it: a tensor of the result's shape, and one number for each channel.
                    if (seed % 2 == 0) value = builder.Apply("mul", null, builder.Apply("add", null, value, Prefers(Random(value.Shape))), Random([1, shape[1], 1, 1]));
                    tester.Output(Flat(value), $"{name} {shape} dense");
                    pooled++;
                }
                foreach (var nails in new[] { false, true })
                {
                    // The larger tensor, of which there is an operand, lies channels-last already.
                    var flat = builder.Apply("reshape", AttributeSet.Empty.With("shape", shape.ToArray()), builder.Apply("relu", null, Random([shape.ElementCount])));
                    var blocks = builder.Apply("unpool2d", AttributeSet.Empty.With(Unpool.Factor, [2, 3]).With(Unpool.Mode, nails ? "bed_of_nails" : "nearest"), flat);
                    tester.Output(Prefers(builder.Apply("mul", null, blocks, Prefers(Random(blocks.Shape)))), $"unpool2d {shape} of dense, nails {nails}");
                    repeated++;
                }
            }
            var calls = tester.Check(Device, 1e-5, 1e-6, o => o with { Variant = variant }).Main.Calls.OfType<DispatchCall>().ToList();
            Assert.That(calls.Count(c => c.Kernel == "pooling/channels"), Is.EqualTo(pooled));
            // No conversion stands by itself between a kernel and what is dense.
            Assert.That(calls.Where(c => c.SourceNodes.Any(n => n.EndsWith("/dense", StringComparison.Ordinal))).Count(c => c.Kernel == "pooling/channels"), Is.EqualTo(pooled));
            Assert.That(calls.Where(c => c.Kernel == "pooling/repeat").Count(c => c.SourceNodes.Any(n => n.EndsWith("/channels-last", StringComparison.Ordinal))), Is.EqualTo(repeated));
        }
    }

    /// <summary>A small input may be read as texels, but not a fused operand beyond the device's limit, which SwiftShader's 65,536 texels are soon.</summary>
    [TestCase(64, false)]
    [TestCase(256, true)]
    public void Fused_operands_count_where_texels_are_limited(int texels, bool expected)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var blocks = builder.Apply("unpool2d", null, builder.Input("x", TensorType.Float(1, 4, 8, 8)));
        builder.Output("y", builder.Apply("mul", null, blocks, builder.Input("operand", TensorType.Float(1, 4, 16, 16))));
        var plan = GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile with { MaxTexelBufferElements = texels } });
        var call = plan.Main.Calls.OfType<DispatchCall>().Single(c => c.Kernel == "pooling/repeat");
        Assert.That(call.Descriptor.Requirements.Texels, Is.EqualTo(expected));
    }
}
