using VkNet.Graphs;
using VkNet.Operators.ControlFlow;
using VkNet.Tensors;
using static VkNet.Tests.Onnx.Models;

namespace VkNet.Tests.Onnx;

/// <summary>Loop and Scan: regions where they are long, bodies written out where they are short, selection where the end depends on data.</summary>
internal sealed class ControlFlowTests
{
    [Test]
    public void A_long_loop_is_one_region()
    {
        var (graph, values) = Run(Loop(20, Node("Add", "v x", "v_out"), Node("Identity", "c", "c_out"), Node("Identity", "v_out", "s")), 0.5f);
        Assert.That(graph.Nodes.Count(n => n.Operator.Name == "scan"), Is.EqualTo(1));
        Assert.That(graph.Nodes.Single(n => n.Operator.Name == "scan").Get(Scan.Steps), Is.EqualTo(20));
        Assert.That(values[0].ToArray<float>(), Is.All.EqualTo(10.5f));
        Assert.That(values[1].Shape, Is.EqualTo(new Shape(20, 2, 3)));
        Assert.That(values[1].ToArray<float>()[..6], Is.All.EqualTo(1f));
    }

    [Test]
    public void A_short_loop_is_written_out_and_knows_its_turns()
    {
        // The body slices by the number of the turn, which no region could.
        var model = Model(Graph("x", "y", Node("Loop", "turns - x", "y", Body("body", Graph("i c v", "c v_out",
            Node("Unsqueeze", "i zero", "start"), Node("Add", "start one", "end"), Node("Slice", "x start end one", "column"), Node("Add", "v column", "v_out"))))));
        model.Graph.Initializer.Add([Longs("turns", 3), Longs("zero", 0), Longs("one", 1)]);
        var (graph, values) = Run(model, 1, 10, 100, 2, 20, 200);
        Assert.That(graph.Nodes.Select(n => n.Operator.Name), Does.Not.Contain("scan"));
        Assert.That(values[0].ToArray<float>(), Is.EqualTo(new[] { 112f, 121, 211, 224, 242, 422 }));
    }

    [Test]
    public void A_loop_that_ends_by_its_data_computes_all_turns_and_selects()
    {
        var model = Loop(10, Node("Add", "v one", "v_out"), Node("ReduceMax", "v_out", "top", Integer("keepdims", 0)), Node("Less", "top limit", "c_out"));
        model.Graph.Node[0].Output.RemoveAt(1);
        model.Graph.Output.RemoveAt(1);
        model.Graph.Node[0].Attribute[0].G.Output.RemoveAt(2);
        model.Graph.Initializer.Add([Floats("one", [1], 1), Floats("limit", [1], 3)]);
        Assert.That(Run(model, 0).Values[0].ToArray<float>(), Is.All.EqualTo(3f));
    }

    [Test]
    public void A_loop_without_a_turn_gives_its_values_and_no_results()
    {
        var (_, values) = Run(Loop(0, Node("Add", "v x", "v_out"), Node("Identity", "c", "c_out"), Node("Identity", "v_out", "s")), 0.5f);
        Assert.That(values[0].ToArray<float>(), Is.All.EqualTo(0.5f));
        Assert.That(values[1].Shape, Is.EqualTo(new Shape(0, 2, 3)));
    }

    [TestCase(5, "VKN3432")]
    [TestCase(-1, "VKN3430")]
    public void An_end_that_cannot_be_known_is_refused(int turns, string code)
    {
        var model = Loop(turns, Node("Add", "v x", "v_out"), Node("ReduceMax", "v_out", "top", Integer("keepdims", 0)), Node("Less", "top limit", "c_out"), Node("Identity", "v_out", "s"));
        model.Graph.Initializer.Add(Floats("limit", [1], 3));
        if (turns < 0) model.Graph.Node[0].Input[0] = "";
        Assert.That(Assert.Throws<VkNetException>(() => Run(model, 0))!.Diagnostic.Code, Is.EqualTo(code));
    }

    [Test]
    public void A_scan_reads_along_any_axis_from_either_end()
    {
        var model = Model(Graph("x", "last sums", Node("Scan", "start x", "last sums", Integer("num_scan_inputs", 1), Integers("scan_input_axes", 1), Integers("scan_input_directions", 1),
            Integers("scan_output_axes", -1), Integers("scan_output_directions", 1), Body("body", Graph("s e", "s_out y", Node("Add", "s e", "s_out"), Node("Identity", "s_out", "y"))))));
        model.Graph.Initializer.Add(Floats("start", [2], 0, 100));
        var (graph, values) = Run(model, 1, 10, 100, 2, 20, 200);
        Assert.That(graph.Nodes.Select(n => n.Operator.Name), Does.Contain("scan"));
        Assert.That(values[0].ToArray<float>(), Is.EqualTo(new[] { 111f, 322 }));
        Assert.That(values[1].ToArray<float>(), Is.EqualTo(new[] { 111f, 110, 100, 322, 320, 300 }));
    }

    // A loop over v, which begins as x, that collects s.
    private static VkNet.Onnx.Wire.ModelProto Loop(long turns, params VkNet.Onnx.Wire.NodeProto[] body)
    {
        var model = Model(Graph("x", "y all", Node("Loop", "turns yes x", "y all", Body("body", Graph("i c v", "c_out v_out s", body)))));
        model.Graph.Initializer.Add([Longs("turns", turns), Flag("yes", true)]);
        return model;
    }

    private static (Graph Graph, Tensor[] Values) Run(VkNet.Onnx.Wire.ModelProto model, params float[] x)
    {
        var inputs = new Dictionary<string, Tensor> { ["x"] = Tensor.From([.. Enumerable.Range(0, 6).Select(i => x[i % x.Length])], 2, 3) };
        var graph = Load(model).BuildFor(inputs);
        var values = HostEvaluator.Run(graph, inputs);
        return (graph, [.. graph.Outputs.Select(o => values[o.Value])]);
    }
}
