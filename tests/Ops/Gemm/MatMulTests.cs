using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Gemm;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Gemm;

/// <summary>Shape rules, numbers and gradients of matrix products, on the host.</summary>
internal sealed class MatMulTests
{
    private static readonly (long[] A, long[] B, bool TransposeA, bool TransposeB, long[] Output)[] Shapes =
    [
        ([2, 3], [3, 4], false, false, [2, 4]),
        ([3, 2], [3, 4], true, false, [2, 4]),
        ([2, 3], [4, 3], false, true, [2, 4]),
        ([3, 2], [4, 3], true, true, [2, 4]),
        ([3], [3], false, false, []),
        ([3], [3, 4], false, false, [4]),
        ([2, 3], [3], false, false, [2]),
        ([5, 2, 3], [3], false, false, [5, 2]),
        ([3], [5, 3, 4], false, false, [5, 4]),
        ([5, 2, 3], [3, 4], false, false, [5, 2, 4]),
        ([5, 2, 3], [5, 3, 4], false, false, [5, 2, 4]),
        ([5, 1, 2, 3], [6, 3, 4], false, false, [5, 6, 2, 4]),
        ([2, 3], [5, 4, 3], false, true, [5, 2, 4]),
        ([0, 3], [3, 4], false, false, [0, 4]),
        ([2, 0], [0, 4], false, false, [2, 4]),
    ];

    private static AttributeSet Attributes(bool transposeA, bool transposeB) =>
        AttributeSet.Empty.With(MatMul.TransposeA, transposeA).With(MatMul.TransposeB, transposeB);

    [Test]
    public void Shapes_follow_numpy()
    {
        foreach (var (a, b, transposeA, transposeB, output) in Shapes)
        {
            var y = OnHost.Run("matmul", Attributes(transposeA, transposeB), TestTensors.Reals(1, new Shape(a)), TestTensors.Reals(2, new Shape(b)));
            Assert.That(y[0].Shape, Is.EqualTo(new Shape(output)), $"{string.Join(",", a)} * {string.Join(",", b)}");
        }
    }

    [Test]
    public void A_product_of_nothing_is_zero() =>
        Assert.That(OnHost.Run("matmul", null, Tensor.Zeros(DataType.Float32, [2, 0]), Tensor.Zeros(DataType.Float32, [0, 4]))[0].ToArray<float>(), Is.All.Zero);

    [Test]
    public void Whole_numbers_are_exact()
    {
        var y = OnHost.Run("matmul", null, Tensor.From([1L << 40, 3, 5, 7], 2, 2), Tensor.From([1L, 2, 3, 4], 2, 2));
        Assert.That(y[0].ToArray<long>(), Is.EqualTo(new[] { (1L << 40) + 9, (2L << 40) + 12, 26, 38 }));
    }

    [Test]
    public void The_gram_matrix_of_the_lectures()
    {
        // Features [1 2 3 4; 5 6 7 8]: F F^T.
        var features = Tensor.From([1f, 2, 3, 4, 5, 6, 7, 8], 2, 4);
        Assert.That(OnHost.Run("matmul", Attributes(false, true), features, features)[0].ToArray<float>(), Is.EqualTo(new float[] { 30, 70, 70, 174 }));
    }

    [Test]
    public void Shapes_that_do_not_fit_are_shown()
    {
        var e = Faults.Expect("VKN2321", () => OnHost.Run("matmul", null, TestTensors.Reals(1, [2, 3]), TestTensors.Reals(2, [4, 5])));
        Assert.That(e.Message, Does.Contain("[2, 3]").And.Contain("[4, 5]"));
        Faults.Expect("VKN2321", () => OnHost.Run("matmul", null, TestTensors.Reals(1, [2, 2, 3]), TestTensors.Reals(2, [3, 3, 5])));
        Faults.Expect("VKN2321", () => OnHost.Run("matmul", null, TestTensors.Reals(1, []), TestTensors.Reals(2, [3])));
        Faults.Expect("VKN2320", () => OnHost.Run("matmul", null, TestTensors.Reals(1, [2, 3]), TestTensors.Integers(2, DataType.Int64, [3, 2], 0, 5)));
    }

    [Test]
    public void Gradients()
    {
        foreach (var (a, b, transposeA, transposeB, output) in Shapes.Where(s => !s.A.Contains(0)))
            GradientTester.Check("matmul", Attributes(transposeA, transposeB), 1e-7, TestTensors.Reals(3, new Shape(a)), TestTensors.Reals(4, new Shape(b)));
    }

    [Test]
    public void Dense_layers()
    {
        var (x, w, b) = (TestTensors.Reals(1, [2, 3, 5]), TestTensors.Reals(2, [4, 5]), TestTensors.Reals(3, [4]));
        GradientTester.Check("dense", null, 1e-7, x, w, b);
        GradientTester.Check("dense", null, 1e-7, TestTensors.Reals(1, [5]), w, b);
        GradientTester.Check("dense", null, 1e-7, TestTensors.Reals(1, [7, 5]), w);
        Faults.Expect("VKN2323", () => OnHost.Run("dense", null, TestTensors.Reals(1, [2, 6]), w));
        Faults.Expect("VKN2324", () => OnHost.Run("dense", AttributeSet.Empty.With(Dense.Units, 7), x, w));
        Faults.Expect("VKN2325", () => OnHost.Run("dense", null, x, w, TestTensors.Reals(3, [5])));
    }

    [Test]
    public void The_linear_classifier_of_the_lectures()
    {
        // Lecture 2: three classes, four pixels [56 231 24 2].
        var w = Tensor.From([0.2f, -0.5f, 0.1f, 2.0f, 1.5f, 1.3f, 2.1f, 0.0f, 0f, 0.25f, 0.2f, -0.3f], 3, 4);
        var scores = OnHost.Run("dense", null, Tensor.From([56f, 231, 24, 2], 1, 4), w, Tensor.From([1.1f, 3.2f, -1.2f], 3))[0].ToArray<float>();
        Assert.That(scores, Is.EqualTo(new[] { -96.8f, 437.9f, 60.75f }).Within(1e-4f));
    }
}
