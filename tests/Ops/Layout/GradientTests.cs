using VkNet.Graphs;

namespace VkNet.Tests.Ops.Layout;

/// <summary>Gradient rules of views and movement against central differences.</summary>
internal sealed class GradientTests
{
    [Test]
    public void Views_and_movement()
    {
        var x = TestTensors.Reals(1, [2, 3, 4]);
        GradientTester.Check("transpose", TestAttributes.Of("permutation", [2, 0, 1]), 1e-7, x);
        GradientTester.Check("transpose", null, 1e-7, x);
        GradientTester.Check("slice", TestAttributes.Of("starts", [1, 3]).And("ends", [2, -6]).And("axes", [0, 2]).And("steps", [1, -2]), 1e-7, x);
        GradientTester.Check("slice", TestAttributes.Of("starts", [2]).And("ends", [-10]).And("axes", [1]).And("steps", [-1]), 1e-7, x);
        GradientTester.Check("slice", TestAttributes.Of("starts", [2]).And("ends", [2]).And("axes", [1]), 1e-7, x);
        GradientTester.Check("put_slice", TestAttributes.Of("shape", [5, 4, 8]).And("starts", [1, 3, 0]).And("steps", [2, -1, 2]), 1e-7, x);
        GradientTester.Check("pad", TestAttributes.Of("pads", [1, 0, 2, 0, 1, -1]), 1e-7, x, TestTensors.Reals(2, []));
        GradientTester.Check("expand", TestAttributes.Of("shape", [3, 2, 3, 4]), 1e-7, TestTensors.Reals(2, [3, 1]));
        GradientTester.Check("tile", TestAttributes.Of("repeats", [1, 2, 3]), 1e-7, x);
        GradientTester.Check("reshape", TestAttributes.Of("shape", [4, 6]), 1e-7, x);
        GradientTester.Check("flatten", null, 1e-7, x);
        GradientTester.Check("squeeze", null, 1e-7, TestTensors.Reals(3, [2, 1, 3]));
        GradientTester.Check("unsqueeze", TestAttributes.Of("axes", [1]), 1e-7, x);
        GradientTester.Check("concat", null, 1e-7, x, TestTensors.Reals(4, [2, 1, 4]), TestTensors.Reals(5, [2, 2, 4]));
        GradientTester.Check("split", AttributeSet.Empty.With("axis", 2L).With("sizes", new long[] { 1, 3 }), 1e-7, x);
        GradientTester.Check("trilu", AttributeSet.Empty.With("upper", false), 1e-7, x);
        GradientTester.Check("depth_to_space", AttributeSet.Empty.With("block_size", 2L), 1e-7, TestTensors.Reals(6, [1, 8, 2, 3]));
        GradientTester.Check("space_to_depth", AttributeSet.Empty.With("block_size", 2L).With("mode", "crd"), 1e-7, TestTensors.Reals(7, [1, 2, 4, 6]));
        GradientTester.Check("reverse_sequence", null, 1e-7, x, TestTensors.Integers(8, VkNet.Tensors.DataType.Int32, [3], 0, 2));
    }
}
