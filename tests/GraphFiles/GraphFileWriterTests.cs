using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Onnx;
using VkNet.Tests.Ops;

namespace VkNet.Tests.GraphFiles;

internal sealed class GraphFileWriterTests
{
    [Test]
    public void Every_public_operator_means_the_same_when_it_is_read_again()
    {
        var wrong = new List<string>();
        foreach (var sample in SampleGraph.All.Where(s => s.Operator.IsPublic && s.Graph.Nodes.All(n => n.Operator.IsPublic && n.Attributes.Values.All(a => a.Value is not Graph))))
        {
            var (text, tensors) = GraphFileWriter.Write(sample.Open, _ => null, "none.safetensors");
            try
            {
                var graph = GraphFile.Parse(text, StandardOperators.Registry).Build(Bindings.Empty);
                if (ExportTests.Difference(sample.Evaluate(), sample.Evaluate(graph, tensors)) is { } difference) wrong.Add($"{sample}: {difference}");
            }
            catch (VkNetException e)
            {
                wrong.Add($"{sample}: {e.Message}\n{text}");
            }
        }
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Constants_become_parameters_or_literals_and_names_words()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "a \"graph\"\\");
        var x = builder.Input("data:0", TensorType.Float(2, 3));
        var weight = builder.Constant(Tensor.From([1f, 2, 3], 3), "1/w");
        var half = builder.Constant(Tensor.From(new TensorType(DataType.Float16, [2]), new[] { (Half)0.5, (Half)float.PositiveInfinity }), "true");
        var product = builder.Add(builder.Registry.Get("mul"), AttributeSet.Empty, [x, weight], "data_0")[0];
        var scaled = builder.Apply("mul", null, product, builder.Constant(-0.1f));
        builder.Output("out:0", scaled);
        builder.Output("half", half);
        var open = new OpenGraph(builder.Build(), [new("data:0", DataType.Float32, ["batch size", 3])], [[null, 3], [2]]);
        var (text, tensors) = GraphFileWriter.Write(open, _ => null, "w.safetensors");
        var model = GraphFile.Parse(text, StandardOperators.Registry);
        Assert.That(model.Inputs[0].ToString(), Is.EqualTo("data_0: f32[batch_size, 3]"));
        Assert.That(model.Name, Is.EqualTo("a \"graph\"\\"));
        Assert.That(Path.GetFileName(model.WeightsFile), Is.EqualTo("w.safetensors"));
        var graph = model.Build(new Bindings { Symbols = new Dictionary<string, long> { ["batch_size"] = 4 } });
        Assert.Multiple(() =>
        {
            Assert.That(graph.Outputs.Select(o => $"{o.Key} {o.Value.Type}"), Is.EqualTo(new[] { "out:0 f32[4, 3]", "half f16[2]" }));
            Assert.That(graph.Parameters.Single().Name, Is.EqualTo("v1_w"));
            Assert.That(tensors["v1_w"].ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 3 }));
            Assert.That(graph.Outputs[1].Value.Constant!.ToArray<Half>(), Is.EqualTo(new[] { (Half)0.5, Half.PositiveInfinity }));
        });
    }

    [Test]
    public void Carried_tensors_are_written_with_their_first_and_next_values()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "counter");
        var (count, other) = (builder.State("count", Tensor.From([1f, 2], 2)), builder.State("other", Tensor.Zeros(DataType.Float32, [2])));
        var next = builder.Apply("add", null, count, other);
        builder.SetState(count, next);
        builder.SetState(other, count);
        builder.Output("y", next);
        var (text, _) = GraphFileWriter.Write(new OpenGraph(builder.Build(), [], [[2]]), _ => null, "none");
        var graph = GraphFile.Parse(text, StandardOperators.Registry).Build(Bindings.Empty);
        Assert.That(graph.States.Select(s => $"{s.Input.Name} <- {s.Output.Name}: {string.Join(" ", s.Input.Data!.ToArray<float>())}"),
            Is.EqualTo(new[] { $"count <- {graph.Outputs[0].Value.Name}: 1 2", "other <- count: 0 0" }));
    }

    [Test]
    public void What_graph_files_cannot_hold_is_refused()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "gate");
        var x = builder.Input("x", TensorType.Float(2));
        builder.Output("y", builder.Apply("positive_gate", null, x, x));
        Faults.Expect("VKN1111", () => GraphFileWriter.Write(new OpenGraph(builder.Build(), [new("x", DataType.Float32, [2])], [[2]]), _ => null, "none"));
    }
}
