using VkNet.Shaders;
using VkNet.Shaders.Kernels;

namespace VkNet.Tests.Shaders;

/// <summary>The matrix-product kernels against a plain double-precision product.</summary>
internal sealed class MatrixProductTests(string driver) : KernelTests(driver)
{
    private static readonly (int Rows, int Columns, int Depth)[] Sizes =
        [(1, 1, 1), (1, 64, 8), (3, 5, 7), (4, 4, 0), (16, 64, 8), (17, 65, 9), (31, 129, 40), (33, 30, 31), (2, 200, 64), (64, 12, 128)];

    [TestCaseSource(nameof(Sizes))]
    public void Strided_products_match((int Rows, int Columns, int Depth) size)
    {
        var (m, n, k) = size;
        var left = Noise(2 * m * k, 1);
        var right = Noise(2 * k * n, 2);
        // These kernels have the same parameters, constants and bindings.
        foreach (var kernel in Runnable(GemmStrided.Family).Concat(Runnable(GemmShared.Family)).Concat(Runnable(GemmDirect.Family)))
        {
            foreach (var (leftTurned, rightTurned) in new[] { (false, false), (true, false), (false, true), (true, true) })
            {
                var parameters = new GemmStrided.Parameters
                {
                    Rows = m, Columns = n, StoredColumns = n, Depth = k, ResultRowElements = n, ResultBatchElements = m * n, RowGroups = 1,
                    LeftRowStride = leftTurned ? 1 : k, LeftDepthStride = leftTurned ? m : 1, RightDepthStride = rightTurned ? 1 : n, RightColumnStride = rightTurned ? k : 1,
                };
                Fill(ref parameters.BatchSizes, 1, 1, 1, 2);
                Fill(ref parameters.LeftBatchStrides, 0, 0, 0, m * k);
                Fill(ref parameters.RightBatchStrides, 0, 0, 0, k * n);
                SpecializationValue[] constants =
                [
                    new(GemmStrided.Constants.LeftAccess, (int)Access(parameters.LeftRowStride, parameters.LeftDepthStride, m * k)),
                    new(GemmStrided.Constants.RightAccess, (int)Access(parameters.RightDepthStride, parameters.RightColumnStride, k * n)),
                    new(GemmStrided.Constants.Aligned, n % 4 == 0),
                ];
                var groups = kernel.Name == GemmShared.Family.Name
                    ? WorkgroupCount.Flat(2L * Quotient(m, GemmShared.Defines.Tile(kernel)) * Quotient(n, GemmShared.Defines.Tile(kernel)))
                    : kernel.Name == GemmDirect.Family.Name ? WorkgroupCount.Flat(2L * Quotient(m, GemmDirect.Defines.Rows(kernel)) * Quotient(n, 4 * GemmDirect.Defines.Lanes(kernel)))
                    : WorkgroupCount.FlatInvocations(2L * Quotient(m, 4) * Quotient(n, 4), kernel.LocalSize.X);
                var result = Run(kernel, parameters, constants, groups, 2 * m * n, (GemmStrided.Bindings.Left, left), (GemmStrided.Bindings.Right, right));
                var expected = Enumerable.Range(0, 2).SelectMany(b => Product(m, n, k,
                    (i, u) => left[(b * m * k) + (leftTurned ? (u * m) + i : (i * k) + u)], (u, j) => right[(b * k * n) + (rightTurned ? (j * k) + u : (u * n) + j)])).ToArray();
                Close(result, expected, 1e-6 * (k + 8), $"{kernel} {size} {leftTurned} {rightTurned}");
            }
        }
    }

    [Test]
    public void Products_of_matrices_as_they_lie_are_fed_alike()
    {
        var strided = GemmStrided.Family.Variants[0];
        foreach (var other in new[] { GemmShared.Family.Variants[0], GemmDirect.Family.Variants[0], GemmDots.Family.Variants[0] })
        {
            Assert.That(other.Parameters, Is.EqualTo(strided.Parameters));
            Assert.That(other.Constants, Is.EqualTo(strided.Constants));
            Assert.That(other.Bindings.Select(binding => (binding.Slot, binding.Name)), Is.EqualTo(strided.Bindings.Select(binding => (binding.Slot, binding.Name))));
        }
    }

    [Test]
    public void Dot_products_match([Values(1, 3)] int m, [Values(1, 4, 17, 66)] int n, [Values(4, 60, 64, 256, 324)] int k)
    {
        var (left, right) = (Noise(2 * m * k, 1), Noise(n * k, 2));
        foreach (var kernel in Runnable(GemmDots.Family))
        {
            var parameters = new GemmStrided.Parameters
            {
                Rows = m, Columns = n, StoredColumns = n, Depth = k, ResultRowElements = n, ResultBatchElements = m * n, RowGroups = 1,
                LeftRowStride = k, LeftDepthStride = 1, RightDepthStride = 1, RightColumnStride = k,
            };
            Fill(ref parameters.BatchSizes, 1, 1, 1, 2);
            Fill(ref parameters.LeftBatchStrides, 0, 0, 0, m * k);
            Fill(ref parameters.RightBatchStrides, 0, 0, 0, 0);
            var groups = WorkgroupCount.Flat(2L * m * Quotient(n, 4 * GemmDots.Defines.Quads(kernel)));
            var result = Run(kernel, parameters, [new(GemmStrided.Constants.Aligned, n % 4 == 0)], groups, 2 * m * n, (GemmStrided.Bindings.Left, left), (GemmStrided.Bindings.Right, right));
            var expected = Enumerable.Range(0, 2).SelectMany(b => Product(m, n, k, (i, u) => left[(b * m * k) + (i * k) + u], (u, j) => right[(j * k) + u])).ToArray();
            Close(result, expected, 1e-6 * (k + 8), $"{kernel} {m}x{n}x{k}");
        }
    }

    [TestCaseSource(nameof(Sizes))]
    public void Packed_products_match((int Rows, int Columns, int Depth) size)
    {
        var (m, n, k) = size;
        var left = Noise(3 * m * k, 1);
        var right = Noise(k * n, 2);
        foreach (var kernel in Runnable(GemmPacked.Family).Where(k => !k.Defines.ContainsKey("Half")))
        {
            var lanes = GemmPacked.Defines.Lanes(kernel);
            foreach (var turned in new[] { false, true })
            {
                var packedRight = PackRight(right, n, k, lanes, turned);
                foreach (var plain in new[] { false, true })
                {
                    if (plain && (turned || k % 4 != 0)) continue;
                    var blocks = Quotient(k, 8);
                    var parameters = new GemmPacked.Parameters
                    {
                        Rows = m, Columns = n, StoredColumns = n, DepthBlocks = blocks, ResultRowElements = n, ResultBatchElements = m * n, RowGroups = 1,
                        LeftRowTexels = plain ? k / 4 : 0, LeftDepthTexels = plain ? k / 4 : 2 * blocks,
                    };
                    Fill(ref parameters.BatchSizes, 1, 1, 3, 1);
                    Fill(ref parameters.LeftBatchTexels, 0, 0, plain ? m * k / 4 : Quotient(m, lanes) * 2 * blocks * lanes, 0);
                    var leftData = plain ? left : PackLeft(left, 3, m, k, lanes, turned);
                    var tiles = 3L * Quotient(m, GemmPacked.Defines.Rows(kernel)) * Quotient(Quotient(n, 4 * lanes), GemmPacked.Defines.Panels(kernel));
                    var result = Run(kernel, parameters, [new(GemmPacked.Constants.Aligned, n % 4 == 0)], WorkgroupCount.Flat(tiles), 3 * m * n,
                        (GemmPacked.Bindings.Left, leftData), (GemmPacked.Bindings.Right, packedRight));
                    var expected = Enumerable.Range(0, 3).SelectMany(b => Product(m, n, k,
                        (i, u) => left[(b * m * k) + (turned ? (u * m) + i : (i * k) + u)], (u, j) => right[turned ? (j * k) + u : (u * n) + j])).ToArray();
                    Close(result, expected, 1e-6 * (k + 8), $"{kernel} {size} turned {turned} plain {plain}");
                }
            }
        }
    }

    [Test]
    public void Pointwise_programs_run_on_the_results([Values(8, 9)] int columns)
    {
        const int Rows = 6, Depth = 5;
        var left = Noise(2 * Rows * Depth, 1);
        var right = Noise(Depth * columns, 2);
        var column = Noise(columns, 3);
        var row = Noise(2 * Rows, 4);
        var full = Noise(2 * Rows * columns, 5);
        var scalar = new[] { BitConverter.Int32BitsToSingle(3) };
        foreach (var kernel in Runnable(GemmStrided.Family))
        {
            var parameters = new GemmStrided.Parameters
            {
                Rows = Rows, Columns = columns, StoredColumns = columns, Depth = Depth, ResultRowElements = columns, ResultBatchElements = Rows * columns, RowGroups = 2,
                LeftRowStride = Depth, LeftDepthStride = 1, RightDepthStride = columns, RightColumnStride = 1,
            };
            Fill(ref parameters.BatchSizes, 1, 1, 1, 2);
            Fill(ref parameters.LeftBatchStrides, 0, 0, 0, Rows * Depth);
            // Step 2 is clip(alpha, beta), step 3 is affine.
            parameters.StepScalars[4] = -0.5f;
            parameters.StepScalars[5] = 2;
            parameters.StepScalars[6] = 1.5f;
            parameters.StepScalars[7] = -0.25f;
            SpecializationValue[] constants =
            [
                new(GemmStrided.Constants.StepCount, 7),
                new(GemmStrided.Constants.Step0, Step(PointwiseOpcode.Add, 0, 1)),
                new(GemmStrided.Constants.Step1, Step(PointwiseOpcode.Multiply, 5, 2)),
                new(GemmStrided.Constants.Step2, Step(PointwiseOpcode.Clip, 6)),
                new(GemmStrided.Constants.Step3, Step(PointwiseOpcode.Affine, 7)),
                new(GemmStrided.Constants.Step4, Step(PointwiseOpcode.Tanh, 8)),
                new(GemmStrided.Constants.Step5, Step(PointwiseOpcode.MultiplyAdd, 9, 4, 3)),
                new(GemmStrided.Constants.Step6, Step(PointwiseOpcode.Subtract, 10, 0)),
                new(GemmStrided.Constants.OperandModes, (uint)OperandMode.Column | ((uint)OperandMode.Row << 4) | ((uint)OperandMode.Full << 8) | ((uint)OperandMode.Scalar << 12)),
                new(GemmStrided.Constants.OperandInteger, 8),
                new(GemmStrided.Constants.Aligned, columns % 4 == 0),
            ];
            var groups = WorkgroupCount.FlatInvocations(2L * Quotient(Rows, 4) * Quotient(columns, 4), kernel.LocalSize.X);
            var result = Run(kernel, parameters, constants, groups, 2 * Rows * columns, (1, left), (2, right), (8, column), (9, row), (10, full), (11, scalar));
            var expected = Enumerable.Range(0, 2).SelectMany(b =>
                Product(Rows, columns, Depth, (i, u) => left[(b * Rows * Depth) + (i * Depth) + u], (u, j) => right[(u * columns) + j]).Select((sum, at) =>
                {
                    var (i, j) = (at / columns, at % columns);
                    var value = Math.Clamp((sum + column[j]) * row[(b * Rows) + i], -0.5, 2);
                    return (Math.Tanh((1.5 * value) - 0.25) * 3) + full[(b * Rows * columns) + at] - sum;
                })).ToArray();
            Close(result, expected, 3e-6, kernel.ToString());
        }
    }

    private static IEnumerable<double> Product(int rows, int columns, int depth, Func<int, int, double> left, Func<int, int, double> right)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var sum = 0.0;
                for (var u = 0; u < depth; u++) sum += left(i, u) * right(u, j);
                yield return sum;
            }
        }
    }

    private static BlockAccess Access(int strideA, int strideB, int batchStride) =>
        strideB == 1 && strideA % 4 == 0 && batchStride % 4 == 0 ? BlockAccess.AlongB
        : strideA == 1 && strideB % 4 == 0 && batchStride % 4 == 0 ? BlockAccess.AlongA
        : BlockAccess.Scalars;

    private static void Fill(ref IntArray4 target, int a, int b, int c, int d)
    {
        target[0] = a;
        target[1] = b;
        target[2] = c;
        target[3] = d;
    }

    private float[] PackRight(float[] right, int columns, int depth, int lanes, bool turned)
    {
        float[]? packed = null;
        foreach (var kernel in Runnable(GemmPackRight.Family))
        {
            var parameters = new GemmPackRight.Parameters
            {
                Columns = columns, Taps = 1, Channels = depth, PanelColumns = 4 * lanes, ChannelStride = turned ? 1 : columns, ColumnStride = turned ? depth : 1,
            };
            Fill(ref parameters.BatchSizes, 1, 1, 1, 1);
            var packedDepth = Quotient(depth, 8) * 8;
            var count = Quotient(columns, 4 * lanes) * packedDepth * 4 * lanes;
            var access = new SpecializationValue(GemmPackRight.Constants.Access, (int)Access(parameters.ChannelStride, parameters.ColumnStride, 0));
            var result = Run(kernel, parameters, [access], WorkgroupCount.FlatInvocations(count / 16, kernel.LocalSize.X), count, (1, right));
            Assert.That(packed ?? result, Is.EqualTo(result), "variants of pack_right disagree");
            packed = result;
        }
        return packed!;
    }

    private float[] PackLeft(float[] left, int batch, int rows, int depth, int lanes, bool turned)
    {
        float[]? packed = null;
        foreach (var kernel in Runnable(GemmPackLeft.Family))
        {
            var parameters = new GemmPackLeft.Parameters
            {
                Rows = rows, Depth = depth, Lanes = lanes, RowStride = turned ? 1 : depth, DepthStride = turned ? rows : 1,
            };
            Fill(ref parameters.BatchSizes, 1, 1, 1, batch);
            Fill(ref parameters.BatchStrides, 0, 0, 0, rows * depth);
            var count = batch * Quotient(rows, lanes) * lanes * Quotient(depth, 8) * 8;
            var access = new SpecializationValue(GemmPackLeft.Constants.Access, (int)Access(parameters.RowStride, parameters.DepthStride, rows * depth));
            var result = Run(kernel, parameters, [access], WorkgroupCount.FlatInvocations(count / 16, kernel.LocalSize.X), count, (1, left));
            Assert.That(packed ?? result, Is.EqualTo(result), "variants of pack_left disagree");
            packed = result;
        }
        return packed!;
    }
}
