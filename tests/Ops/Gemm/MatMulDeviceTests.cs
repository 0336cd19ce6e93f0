using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Gemm;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Gemm;

/// <summary>Matrix products on every device against the host.</summary>
internal sealed class MatMulDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static readonly (long[] A, long[] B, bool TransposeA, bool TransposeB)[] Cases =
    [
        ([1, 1], [1, 1], false, false), ([3], [3], false, false), ([5], [5, 7], false, false), ([6, 5], [5], false, false), ([4, 33, 5], [5], false, false),
        ([17, 9], [9, 65], false, false), ([9, 17], [9, 65], true, false), ([17, 9], [65, 9], false, true), ([9, 17], [65, 9], true, true),
        ([16, 64], [64, 64], false, false), ([64, 16], [64, 64], true, false), ([16, 64], [64, 64], false, true), ([5, 2, 3], [3, 4], false, false),
        ([5, 2, 3], [5, 3, 4], false, false), ([2, 1, 4, 8], [3, 8, 5], false, false), ([4, 8], [2, 3, 8, 5], false, false), ([2, 3, 4, 8], [2, 1, 5, 8], false, true),
        ([2, 1, 2, 1, 3, 4], [1, 3, 1, 2, 4, 5], false, false), ([0, 3], [3, 4], false, false), ([2, 0], [0, 4], false, false), ([200, 1], [1, 30], false, false),
        // Large enough to be packed.
        ([130, 129], [129, 260], false, false), ([129, 130], [260, 129], true, true), ([256, 128], [128, 256], false, false), ([3, 100, 132], [132, 140], false, false), ([3, 100, 132], [3, 140, 132], false, true),
    ];

    private static AttributeSet Attributes(bool transposeA, bool transposeB) => AttributeSet.Empty.With(MatMul.TransposeA, transposeA).With(MatMul.TransposeB, transposeB);

    private static OperatorTester AllCases(bool constantRight)
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (var (a, b, transposeA, transposeB) in Cases)
        {
            var (x, y) = (TestTensors.Reals(++seed, new Shape(a)), TestTensors.Reals(++seed, new Shape(b)));
            var right = constantRight ? tester.Builder.Constant(y) : tester.Input(y);
            tester.Output(tester.Builder.Apply("matmul", Attributes(transposeA, transposeB), tester.Input(x), right), $"[{string.Join(", ", a)}] {transposeA} * [{string.Join(", ", b)}] {transposeB}");
        }
        return tester;
    }

    [Test]
    public void Every_product_equals_the_host([Values] bool constantRight) => AllCases(constantRight).Check(Device, 1e-5, 3e-5);

    [Test]
    public void The_baseline_equals_the_host() => AllCases(true).Check(Device, 1e-5, 3e-5, o => o with { Variant = "baseline" });

    [Test]
    public void Every_packed_variant_equals_the_host()
    {
        foreach (var variant in VkNet.Shaders.Kernels.GemmPacked.Family.Variants.Where(v => Device.Profile.WhyNot(v) is null))
            AllCases(true).Check(Device, 1e-5, 3e-5, o => o with { Variant = variant.Variant });
    }

    [Test]
    public void Whole_numbers_are_exact()
    {
        var tester = new OperatorTester();
        foreach (var (a, b, transposeA, transposeB) in Cases.Take(20))
            tester.Add("matmul", Attributes(transposeA, transposeB), TestTensors.Integers(1, DataType.Int32, new Shape(a), -999, 999), TestTensors.Integers(2, DataType.Int32, new Shape(b), -999, 999));
        tester.Check(Device);
    }

    [Test]
    public void Dense_layers_with_what_follows_them()
    {
        var tester = new OperatorTester();
        var (builder, seed) = (tester.Builder, 0);
        foreach (var (rows, features, units) in new long[][] { [1, 3, 5], [1, 784, 100], [64, 100, 10], [33, 128, 128] }.Select(s => (s[0], s[1], s[2])))
        {
            var (w, b) = (builder.Constant(TestTensors.Reals(++seed, [units, features], -1, 1)), builder.Constant(TestTensors.Reals(++seed, [units])));
            var x = tester.Input(TestTensors.Reals(++seed, [rows, features], -1, 1));
            tester.Output(builder.Apply("dense", null, x, w), "dense");
            tester.Output(builder.Apply("dense", null, tester.Input(TestTensors.Reals(++seed, [2, rows, features], -1, 1)), w, b), "dense with bias");
            var residual = tester.Input(TestTensors.Reals(++seed, [rows, units]));
            var scale = tester.Input(TestTensors.Reals(++seed, [units]));
            var y = builder.Apply("relu", null, builder.Apply("add", null, builder.Apply("mul", null, builder.Apply("dense", null, x, w, b), scale), residual));
            tester.Output(y, "dense with bias, scale, residual and relu");
        }
        var plan = tester.Check(Device, 1e-5, 3e-5);
        Assert.That(plan.Main.Calls.OfType<DispatchCall>().Count(c => c.Kernel.StartsWith("pointwise", StringComparison.Ordinal)), Is.Zero, "what follows a layer runs in its kernel");
    }
}
