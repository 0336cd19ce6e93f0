using VkNet.Graphs;
using VkNet.Onnx.Wire;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Ops;
using static VkNet.Tests.Onnx.Models;

namespace VkNet.Tests.Onnx;

/// <summary>Forms of softmax, selection and reduction operators that differ between opsets.</summary>
internal sealed class SelectionImportTests
{
    private static readonly Tensor Six = Tensor.From([1f, 2, 3, 4, 5, 7], 1, 2, 3);

    private static float[] Run(NodeProto node, long opset, Tensor x, params TensorProto[] constants)
    {
        var proto = Graph("", "y", node);
        proto.Input.Add(Declare("x", OnnxType(x), [.. x.Shape.Select(s => (object)s)]));
        proto.Initializer.Add(constants);
        var graph = Build(Model(proto, opset));
        var values = HostEvaluator.Run(graph, new Dictionary<string, Tensor> { ["x"] = x });
        return [.. ElementConversion.LoadReals(values[graph.Outputs[0].Value]).Select(v => (float)v)];
    }

    private static int OnnxType(Tensor x) => x.DataType == DataType.Float32 ? 1 : 6;

    [TestCase("Softmax", "softmax")]
    [TestCase("LogSoftmax", "log_softmax")]
    [TestCase("Hardmax", "hardmax")]
    public void Before_opset_13_all_axes_from_one_on_are_one(string onnx, string name)
    {
        var flat = OnHost.Reals(name, null, Six.Reshape(new Shape(1, 6)));
        Assert.That(Run(Node(onnx, "x", "y"), 6, Six), Is.EqualTo(flat).Within(1e-6f));
        Assert.That(Run(Node(onnx, "x", "y", Integer("axis", -2)), 11, Six), Is.EqualTo(flat).Within(1e-6f));
        Assert.That(Run(Node(onnx, "x", "y", Integer("axis", 2)), 12, Six), Is.EqualTo(OnHost.Reals(name, null, Six)).Within(1e-6f));
        Assert.That(Run(Node(onnx, "x", "y"), 13, Six), Is.EqualTo(OnHost.Reals(name, null, Six)).Within(1e-6f));
        Assert.That(Run(Node(onnx, "x", "y", Integer("axis", 1)), 13, Six), Is.EqualTo(OnHost.Reals(name, AttributeSet.Empty.With("axis", 1L), Six)).Within(1e-6f));
    }

    [Test]
    public void The_number_of_best_elements_moved_from_an_attribute_to_an_input()
    {
        Assert.That(Run(Node("TopK", "x", "y places", Integer("k", 2)), 6, Six), Is.EqualTo(new[] { 3f, 2, 7, 5 }));
        Assert.That(Run(Node("TopK", "x k", "y places"), 10, Six, Longs("k", 1)), Is.EqualTo(new[] { 3f, 7 }));
        Assert.That(Run(Node("TopK", "x k", "y places", Integer("largest", 0), Integer("axis", 1)), 11, Six, Longs("k", 1)), Is.EqualTo(new[] { 1f, 2, 3 }));
    }

    [Test]
    public void Axes_of_reductions_moved_from_an_attribute_to_an_input()
    {
        foreach (var opset in new long[] { 6, 11, 12 }) Assert.That(Run(Node("ReduceSum", "x", "y", Integers("axes", 2)), opset, Six), Is.EqualTo(new[] { 6f, 16 }));
        foreach (var opset in new long[] { 13, 18, 27 }) Assert.That(Run(Node("ReduceSum", "x axes", "y"), opset, Six, Longs("axes", -1)), Is.EqualTo(new[] { 6f, 16 }));
        Assert.That(Run(Node("ReduceMax", "x", "y", Integers("axes", 2)), 17, Six), Is.EqualTo(new[] { 3f, 7 }));
        Assert.That(Run(Node("ReduceMax", "x axes", "y"), 18, Six, Longs("axes", 2)), Is.EqualTo(new[] { 3f, 7 }));
        Assert.That(Run(Node("ReduceL1", "x", "y", Integer("noop_with_empty_axes", 1)), 18, Six), Is.EqualTo(Six.ToArray<float>()));
        Assert.That(Run(Node("ReduceL1", "x", "y"), 18, Six), Is.EqualTo(new[] { 22f }));
    }

    [Test]
    public void Logarithms_of_whole_numbers_are_rounded_toward_zero() =>
        Assert.That(Run(Node("ReduceLogSum", "x", "y"), 13, Tensor.From([1, 2, 30], 3)), Is.EqualTo(new[] { 3f }));

    [Test]
    public void Scatter_became_scatter_elements()
    {
        var node = Node("Scatter", "x i u", "y", Integer("axis", 2));
        var indices = new TensorProto { Name = "i", DataType = 7 };
        indices.Dims.Add([1, 1, 2]);
        indices.Int64Data.Add([2, -3]);
        Assert.That(Run(node, 9, Six, indices, Floats("u", [1, 1, 2], 8, 9)), Is.EqualTo(new[] { 9f, 2, 8, 4, 5, 7 }));
        node.OpType = "ScatterElements";
        Assert.That(Run(node, 18, Six, indices, Floats("u", [1, 1, 2], 8, 9)), Is.EqualTo(new[] { 9f, 2, 8, 4, 5, 7 }));
    }

    [Test]
    public void Places_of_extreme_elements()
    {
        Assert.That(Run(Node("ArgMax", "x", "y", Integer("axis", 2)), 6, Six), Is.EqualTo(new[] { 2f, 2 }));
        Assert.That(Run(Node("ArgMin", "x", "y", Integer("axis", -1), Integer("keepdims", 0), Integer("select_last_index", 1)), 12, Six), Is.EqualTo(new[] { 0f, 0 }));
    }
}
