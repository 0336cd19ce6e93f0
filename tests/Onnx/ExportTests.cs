using Google.Protobuf;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Onnx.Writing;
using VkNet.Operators;
using VkNet.Operators.Import;
using VkNet.Tensors;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Onnx;

internal sealed class ExportTests
{
    // Operators of which at least one sample can be written; raise it when pages learn to.
    private const int Floor = 160;

    [Test]
    public void What_is_written_as_ONNX_means_the_same_when_it_is_read_again()
    {
        var (written, wrong, refused) = (new HashSet<string>(), new List<string>(), new List<string>());
        foreach (var sample in SampleGraph.All)
        {
            byte[] bytes;
            try
            {
                bytes = ModelWriter.Write(sample.Open, _ => null).ToByteArray();
            }
            catch (VkNetException e) when (e.Diagnostic.Code == "VKN3120")
            {
                refused.Add(sample.Operator.Name);
                continue;
            }
            var model = OnnxModel.Load(new MemoryStream(bytes), StandardOperators.Registry);
            var graph = model.BuildFor(sample.Inputs);
            written.Add(sample.Operator.Name);
            // x * sigmoid(x) is no number at -infinity, where silu is 0; opset 21 has no operator for it.
            if (sample.Operator.Name == "silu" && sample.Inputs["x0"].ToArray<float>().Any(float.IsNegativeInfinity)) continue;
            if (Difference(sample.Evaluate(), sample.Evaluate(graph)) is { } difference) wrong.Add($"{sample}: {difference}");
        }
        TestContext.Out.WriteLine($"{written.Count} operators written; refused: {string.Join(", ", refused.Distinct().Except(written))}");
        Assert.That(wrong, Is.Empty);
        Assert.That(written, Has.Count.GreaterThanOrEqualTo(Floor));
    }

    [Test]
    public void Open_sizes_stay_open()
    {
        var model = Models.Load(Models.Model(Dense("N")));
        var open = OpenGraph.Build(model, new Dictionary<string, Tensor>(), new Dictionary<string, long>());
        Assert.That(open.Symbols, Is.EqualTo(new[] { "N" }));
        Assert.That(open.Outputs[0], Is.EqualTo(new long?[] { null, 2 }));
        var again = OnnxModel.Load(new MemoryStream(ModelWriter.Write(open, _ => null).ToByteArray()), StandardOperators.Registry);
        Assert.That(again.Inputs[0].ToString(), Is.EqualTo("x: f32[N, 3]"));
        Assert.That(again.Build(new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 7 } }).Outputs[0].Value.Shape, Is.EqualTo(new Shape(7, 2)));
    }

    [Test]
    public void A_size_on_which_an_attribute_depends_is_bound()
    {
        // y = x + (the size of x as a number): the graph holds for one size only.
        var graph = Models.Graph("", "y", Models.Node("Size", "x", "n"), Models.Node("Cast", "n", "f", Models.Integer("to", 1)), Models.Node("Add", "x f", "y"));
        graph.Input.Add(Models.Declare("x", 1, "N"));
        var open = OpenGraph.Build(Models.Load(Models.Model(graph)), new Dictionary<string, Tensor>(), new Dictionary<string, long>());
        Assert.That(open.Symbols, Is.Empty);
        Assert.That(open.Graph.Inputs[0].Shape, Is.EqualTo(new Shape(1)));
    }

    [Test]
    public void Carried_tensors_and_missing_weights_are_refused()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "counter");
        var state = builder.State("count", Tensor.Scalar(0f));
        var next = builder.Apply("add", null, state, builder.Constant(1));
        builder.SetState(state, next);
        builder.Output("y", next);
        Faults.Expect("VKN3121", () => ModelWriter.Write(new OpenGraph(builder.Build(), [], [[]]), _ => null));

        builder = new GraphBuilder(StandardOperators.Registry, "scaled");
        builder.Output("y", builder.Apply("neg", null, builder.Parameter("w", TensorType.Float(2))));
        Faults.Expect("VKN6401", () => ModelWriter.Write(new OpenGraph(builder.Build(), [], [[2]]), _ => null));
    }

    [Test]
    public void Outputs_keep_their_names_even_where_several_name_one_value()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "names");
        var x = builder.Input("x", TensorType.Float(2));
        var y = builder.Apply("neg", null, x);
        builder.Output("first", y);
        builder.Output("second", y);
        builder.Output("passed", x);
        builder.Output("constant", builder.Constant(Tensor.Scalar(3f)));
        var open = new OpenGraph(builder.Build(), [new("x", DataType.Float32, [2])], [[2], [2], [2], []]);
        var graph = OnnxModel.Load(new MemoryStream(ModelWriter.Write(open, _ => null).ToByteArray()), StandardOperators.Registry).Build(Bindings.Empty);
        Assert.That(graph.Outputs.Select(o => o.Key), Is.EqualTo(new[] { "first", "second", "passed", "constant" }));
    }

    private static VkNet.Onnx.Wire.GraphProto Dense(string symbol)
    {
        var graph = Models.Graph("", "y", Models.Node("Gemm", "x w b", "y"));
        graph.Input.Add(Models.Declare("x", 1, symbol, 3));
        graph.Initializer.Add(Models.Floats("w", [3, 2], 1, 2, 3, 4, 5, 6));
        graph.Initializer.Add(Models.Floats("b", [2], 7, 8));
        return graph;
    }

    /// <summary>How two lists of results differ; null when they agree to single precision.</summary>
    internal static string? Difference(IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> found)
    {
        if (expected.Count != found.Count) return $"{found.Count} outputs instead of {expected.Count}";
        for (var i = 0; i < expected.Count; i++)
        {
            if (expected[i].Type != found[i].Type) return $"output {i} is {found[i].Type} instead of {expected[i].Type}";
            var (a, b) = (ElementConversion.LoadReals(expected[i]), ElementConversion.LoadReals(found[i]));
            var scale = a.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
            for (var k = 0; k < a.Length; k++)
                if (!a[k].Equals(b[k]) && !(Math.Abs(a[k] - b[k]) <= 1e-5 * Math.Abs(a[k]) + 1e-6 * scale)) return $"element {k} of output {i} is {b[k]:R} instead of {a[k]:R}";
        }
        return null;
    }
}
