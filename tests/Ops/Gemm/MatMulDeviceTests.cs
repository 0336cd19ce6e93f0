using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Formats;
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
        ([16, 64], [64, 64], false, false), ([64, 16], [64, 64], true, false), ([16, 64], [64, 64], false, true), ([1, 132], [70, 132], false, true), ([3, 260], [9, 260], false, true), ([5, 2, 3], [3, 4], false, false),
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
    public void Every_packed_variant_equals_the_host([Values] bool constantRight)
    {
        foreach (var variant in VkNet.Shaders.Kernels.GemmPacked.Family.Variants.Where(v => Device.Profile.WhyNot(v) is null))
            AllCases(constantRight).Check(Device, 1e-5, 3e-5, o => o with { Variant = variant.Variant });
    }

    [Test]
    public void Tiles_of_matrices_as_they_lie_equal_the_host([Values] bool constantRight)
    {
        var variants = DirectTiles.Of(Device.Profile);
        if (variants.Count == 0) Assert.Ignore("the device has no subgroups of 8 or 16");
        foreach (var variant in variants)
        {
            var plan = AllCases(constantRight).Check(Device, 1e-5, 3e-5, o => o with { Variant = variant.Variant });
            Assert.That(plan.Main.Calls.OfType<DispatchCall>().Select(c => c.Descriptor), Has.Member(variant));
        }
    }

    [TestCase(1, 4096, 64, true)]
    [TestCase(2, 4096, 32, true)]
    [TestCase(1, 4099, 10, false)]
    [TestCase(1, 4096, 65, false)]
    [TestCase(3, 4096, 10, false)]
    public void Few_results_of_long_sums_leave_a_constant_matrix_as_it_lies(long rows, long depth, long columns, bool asItLies)
    {
        if (DirectTiles.Of(Device.Profile).Count == 0) Assert.Ignore("the device has no subgroups of 8 or 16");
        var tester = new OperatorTester();
        var (x, w) = (tester.Input(TestTensors.Reals(1, [rows, depth], -1, 1)), tester.Builder.Constant(TestTensors.Reals(2, [columns, depth], -1, 1)));
        tester.Output(tester.Builder.Apply("dense", null, x, w), "y");
        var kernels = tester.Check(Device, 1e-5, 1e-4).Main.Calls.OfType<DispatchCall>().Select(c => c.Descriptor.Name).ToList();
        Assert.That(kernels, asItLies ? Has.Member("gemm/dots") : Has.No.Member("gemm/dots"));
    }

    [Test]
    public void Tiles_in_shared_memory_equal_the_host([Values] bool constantRight)
    {
        if (Device.Profile.WhyNot(VkNet.Shaders.Kernels.GemmShared.Family.Variants[0]) is { } reason) Assert.Ignore(reason);
        var plan = AllCases(constantRight).Check(Device, 1e-5, 3e-5, o => o with { Variant = MatrixProductLowering.SharedTiles });
        Assert.That(plan.Main.Calls.Where(c => c.Kernel.StartsWith("gemm", StringComparison.Ordinal)).Select(c => c.Kernel).Distinct(), Is.EqualTo(new[] { "gemm/shared" }));
    }

    [TestCase(null)]
    [TestCase("split2")]
    [TestCase("split4")]
    [TestCase("split8")]
    public void Products_split_in_depth_equal_the_host(string? variant)
    {
        var tester = new OperatorTester();
        var (builder, seed) = (tester.Builder, 0);
        foreach (var (rows, depth, columns) in new[] { (1L, 64L, 5L), (3, 128, 65), (16, 4096, 10), (33, 192, 132), (5, 100, 7), (0, 64, 3) })
        {
            var w = builder.Constant(TestTensors.Reals(++seed, [columns, depth], -1, 1));
            var (x, b) = (tester.Input(TestTensors.Reals(++seed, [rows, depth], -1, 1)), builder.Constant(TestTensors.Reals(++seed, [columns])));
            tester.Output(builder.Apply("relu", null, builder.Apply("dense", null, x, w, b)), $"dense {rows}x{depth}x{columns}");
            // Left and right turned, and a batch that shares neither.
            tester.Output(builder.Apply("matmul", Attributes(true, true), tester.Input(TestTensors.Reals(++seed, [3, depth, rows], -1, 1)), tester.Input(TestTensors.Reals(++seed, [3, columns, depth], -1, 1))), $"matmul {rows}x{depth}x{columns}");
        }
        var plan = tester.Check(Device, 1e-5, 1e-4, o => o with { Variant = variant });
        if (variant is null) return;
        var parts = long.Parse(variant["split".Length..], System.Globalization.CultureInfo.InvariantCulture);
        var split = new[] { 64, 128, 4096, 192 }.Count(depth => depth % (8 * parts) == 0);
        Assert.That(plan.Main.Calls.Count(c => c.Kernel == "gemm/join"), Is.EqualTo(2 * split), "every product whose depth suits is split");
    }

    [Test]
    public void Weights_in_half_precision_are_within_their_rounding()
    {
        foreach (var variant in VkNet.Shaders.Kernels.GemmPacked.Family.Variants.Where(v => Device.Profile.WhyNot(v) is null && !v.Defines.ContainsKey("Half")).Select(v => v.Variant).Append("split2"))
        {
            var tester = new OperatorTester();
            var (builder, seed) = (tester.Builder, 0);
            foreach (var (rows, depth, columns) in new[] { (1L, 640L, 300L), (17, 129, 131), (64, 136, 96), (2, 1024, 65) })
            {
                // Halves exactly, so that any difference is the kernel's.
                var exact = TestTensors.Reals(++seed, [depth, columns], -2, 2);
                foreach (ref var value in exact.Values<float>()) value = (float)(Half)value;
                exact.Values<float>()[0] = 65504;
                tester.Output(builder.Apply("matmul", null, tester.Input(TestTensors.Reals(++seed, [rows, depth], -1, 1)), builder.Constant(exact)), $"{rows}x{depth}x{columns}");
            }
            tester.Check(Device, 1e-5, 1e-1, o => o with { Variant = variant, Precision = StoragePrecision.Float16 });
        }
    }

    [Test]
    public void Rounding_weights_to_half_precision_is_bounded_and_halves_their_memory()
    {
        var (x, w) = (TestTensors.Reals(1, [9, 512], -1, 1), TestTensors.Reals(2, [512, 256], -1, 1));
        var builder = new GraphBuilder(StandardOperators.Registry, "half");
        builder.Output("y", builder.Apply("matmul", null, builder.Input("x", x.Type), builder.Constant(w)));
        var graph = builder.Build();
        var (single, plan) = (Run(StoragePrecision.Float32), Run(StoragePrecision.Float16));
        var (a, b) = (x.Values<float>().ToArray(), w.Values<float>().ToArray());
        for (var i = 0; i < single.Result.Length; i++)
        {
            // Each weight is off by |w| / 1024 at most, sums by what single precision loses.
            var bound = 1e-5;
            for (var k = 0; k < 512; k++) bound += Math.Abs(a[i / 256 * 512 + k] * b[k * 256 + i % 256]) * (1.0 / 1024 + 512 * Math.Pow(2, -24)) + Math.Pow(2, -24);
            Assert.That(Math.Abs(single.Result[i] - plan.Result[i]), Is.LessThanOrEqualTo(bound), $"element {i}");
        }
        var isPacked = single.Kernels.Any(k => k.StartsWith("gemm/packed", StringComparison.Ordinal));
        Assert.That(plan.Kernels.Any(k => k.EndsWith("_half", StringComparison.Ordinal)), Is.EqualTo(isPacked), "packed weights are stored as halves");
        if (isPacked) Assert.That(plan.PackedBytes, Is.EqualTo(single.PackedBytes / 2));

        (double[] Result, string[] Kernels, long PackedBytes) Run(StoragePrecision precision)
        {
            var compiled = GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile, Precision = precision });
            using var model = CompiledModel.Load(Device, compiled);
            using var session = model.CreateSession(slots: 1);
            var y = session.Run(new Dictionary<string, Tensor> { ["x"] = x })["y"];
            var calls = compiled.Main.Calls.OfType<DispatchCall>().ToList();
            return (ElementConversion.LoadReals(y), [.. calls.Select(c => $"{c.Kernel}.{c.Descriptor.Variant}")],
                calls[^1].Reads.Where(r => r.Buffer.Kind == BufferKind.Constant).Select(r => r.Buffer).Distinct().Sum(b => b.Bytes));
        }
    }

    [Test]
    public void Weights_from_files_of_half_precision_serve_either_storage([Values] bool brain, [Values] StoragePrecision precision)
    {
        using var folder = new ScratchFolder();
        var (x, w) = (TestTensors.Reals(1, [3, 640], -1, 1), Tensor.Zeros(brain ? DataType.BFloat16 : DataType.Float16, [640, 250]));
        ElementConversion.StoreReals(w, ElementConversion.LoadReals(TestTensors.Reals(2, [640, 250], -1, 1)));
        var path = folder["w.safetensors"];
        SafetensorsFile.Save(path, new Dictionary<string, Tensor> { ["w"] = w });
        var builder = new GraphBuilder(StandardOperators.Registry, "half");
        builder.Output("y", builder.Apply("matmul", null, builder.Input("x", x.Type), builder.Parameter("w", TensorType.Float(640, 250))));
        var plan = GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile, Precision = precision });
        using var model = CompiledModel.Load(Device, plan, new TensorWeights(SafetensorsFile.Load(path)));
        using var session = model.CreateSession(slots: 1);
        var y = ElementConversion.LoadReals(session.Run(new Dictionary<string, Tensor> { ["x"] = x })["y"]);
        var (a, b) = (ElementConversion.LoadReals(x), ElementConversion.LoadReals(w));
        // Numbers of either format below 1 and above 2^-14 are halves, or nearly so: brain floats have fewer digits.
        for (var i = 0; i < y.Length; i += 7)
            Assert.That(y[i], Is.EqualTo(Enumerable.Range(0, 640).Sum(k => a[i / 250 * 640 + k] * b[k * 250 + i % 250])).Within(1e-4), $"element {i}");
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
