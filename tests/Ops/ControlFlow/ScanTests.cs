using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.ControlFlow;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Tests.Ops.ControlFlow;

/// <summary>Scan regions on the host: what they compute, their gradient, graph files, diagnostics.</summary>
internal sealed class ScanTests
{
    /// <summary>h' = tanh(W x + b + R h), y = [h', x_0]; the product with x is the same matrix in every step.</summary>
    internal static IReadOnlyList<Value> Add(GraphBuilder builder, Value state, Value sequence, Value weight, Value bias, Value recurrent, bool reversed) =>
        ScanRegion.Add(builder, [state], [sequence], sequence.Shape[0], reversed, (body, states, elements) =>
        {
            var entering = body.Apply("dense", null, elements[0], weight, bias);
            var next = body.Apply("tanh", null, body.Apply("add", null, entering, body.Apply("matmul", null, states[0], body.Apply("transpose", null, recurrent))));
            return ([next], [body.Apply("mul", null, next, entering)]);
        });

    [TestCase(false)]
    [TestCase(true)]
    public void A_region_equals_its_body_written_out(bool reversed)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (h, x) = (builder.Input("h", TensorType.Float(2, 3)), builder.Input("x", TensorType.Float(4, 2, 5)));
        var (w, b, r) = (builder.Parameter("w", TensorType.Float(3, 5)), builder.Parameter("b", TensorType.Float(3)), builder.Parameter("r", TensorType.Float(3, 3)));
        var results = Add(builder, h, x, w, b, r, reversed);
        var written = h;
        var rows = new Value[4];
        for (var s = 0; s < 4; s++)
        {
            var t = reversed ? 3 - s : s;
            var element = builder.Apply("reshape", AttributeSet.Empty.With("shape", new long[] { 2, 5 }), builder.Apply("slice", AttributeSet.Empty.With("starts", new long[] { t }).With("ends", new long[] { t + 1 }), x));
            var entering = builder.Apply("dense", null, element, w, b);
            written = builder.Apply("tanh", null, builder.Apply("add", null, entering, builder.Apply("matmul", AttributeSet.Empty.With("transpose_b", true), written, r)));
            rows[t] = builder.Apply("reshape", AttributeSet.Empty.With("shape", new long[] { 1, 2, 3 }), builder.Apply("mul", null, written, entering));
        }
        var stacked = builder.Apply("concat", AttributeSet.Empty.With("axis", 0L), rows);
        builder.Output("state", results[0]);
        builder.Output("y", results[1]);
        builder.Output("state written", written);
        builder.Output("y written", stacked);
        var targets = new[] { h, x, w, b, r };
        for (var way = 0; way < 2; way++)
        {
            var loss = way == 0 ? Loss(builder, results[0], results[1]) : Loss(builder, written, stacked);
            var gradients = Gradients.Of(builder, loss, targets);
            for (var i = 0; i < targets.Length; i++) builder.Output($"d{targets[i].Name} {way}", gradients[i]);
        }
        var graph = builder.Build();
        var values = HostEvaluator.Run(graph, targets.ToDictionary(t => t.Name, t => TestTensors.Reals(t.Name[0], t.Shape, -1, 1)));
        Tensor Of(string name) => values[graph.Outputs.First(o => o.Key == name).Value];
        OperatorTester.Compare(Of("state"), Of("state written"), 1e-6, 1e-6, "state");
        OperatorTester.Compare(Of("y"), Of("y written"), 1e-6, 1e-6, "results");
        foreach (var target in targets) OperatorTester.Compare(Of($"d{target.Name} 0"), Of($"d{target.Name} 1"), 1e-5, 1e-5, $"gradient of {target.Name}");
    }

    [Test]
    public void The_graph_holds_the_body_once_and_products_of_elements_stand_outside()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (h, x) = (builder.Input("h", TensorType.Float(2, 3)), builder.Input("x", TensorType.Float(100, 2, 5)));
        var (w, b, r) = (builder.Parameter("w", TensorType.Float(3, 5)), builder.Parameter("b", TensorType.Float(3)), builder.Parameter("r", TensorType.Float(3, 3)));
        Add(builder, h, x, w, b, r, false);
        Assert.That(builder.Nodes.Select(n => n.Operator.Name), Is.EqualTo(new[] { "dense", "scan" }));
        Assert.That(builder.Nodes[1].Get(Scan.Body)!.Nodes.Select(n => n.Operator.Name), Is.EqualTo(new[] { "transpose", "matmul", "add", "tanh", "mul" }));
    }

    [Test]
    public void Gradients_of_matrices_are_one_product_over_all_steps()
    {
        const long Steps = 100;
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (h, x) = (builder.Input("h", TensorType.Float(2, 3)), builder.Input("x", TensorType.Float(Steps, 2, 5)));
        var (w, b, r) = (builder.Parameter("w", TensorType.Float(3, 5)), builder.Parameter("b", TensorType.Float(3)), builder.Parameter("r", TensorType.Float(3, 3)));
        var (s, q) = (builder.Parameter("s", TensorType.Float(3, 3)), builder.Parameter("q", TensorType.Float(3)));
        // The state enters two products, one of them twice, and q is used outside of products, too.
        var results = ScanRegion.Add(builder, [h], [x], Steps, false, (body, states, elements) =>
        {
            var entering = body.Apply("dense", null, elements[0], w, b);
            var back = body.Apply("dense", null, states[0], r, q);
            var next = body.Apply("tanh", null, body.Apply("add", null, entering, body.Apply("mul", null, q, body.Apply("matmul", AttributeSet.Empty.With("transpose_b", true), back, s))));
            return ([next], [body.Apply("matmul", AttributeSet.Empty.With("transpose_b", true), next, s)]);
        });
        var targets = new[] { h, w, b, r, s, q };
        var gradients = Gradients.Of(builder, Loss(builder, results[0], results[1]), targets);
        for (var i = 0; i < targets.Length; i++) builder.Output($"d{targets[i].Name}", gradients[i]);
        builder.Output("loss", Loss(builder, results[0], results[1]));
        var backward = builder.Nodes.Last(n => n.Operator is Scan);
        Assert.That(backward.Get(Scan.States), Is.EqualTo(2), "the state's gradient, and that of q");
        Assert.That(backward.Outputs.Concat(backward.Inputs).Where(v => v!.Shape == s.Shape && v != r && v != s), Is.Empty, "no matrix is added up step by step");
        var graph = builder.Build();
        var values = targets.Append(x).ToDictionary(t => t.Name, t => TestTensors.Reals(t.Name[0], t.Shape, -0.6, 0.6).Cast(DataType.Float64));
        var found = HostEvaluator.Run(graph, values, inDouble: true);
        double LossOf(string name, int element, double change)
        {
            var moved = values[name].Clone();
            moved.Values<double>()[element] += change;
            return ElementConversion.LoadReals(HostEvaluator.Run(graph, new Dictionary<string, Tensor>(values) { [name] = moved }, inDouble: true)[graph.Outputs[^1].Value])[0];
        }
        for (var i = 0; i < targets.Length; i++)
        {
            var rule = ElementConversion.LoadReals(found[gradients[i]]);
            for (var element = 0; element < rule.Length; element += 2)
            {
                var difference = (LossOf(targets[i].Name, element, 1e-5) - LossOf(targets[i].Name, element, -1e-5)) / 2e-5;
                Assert.That(rule[element], Is.EqualTo(difference).Within(1e-5 * (1 + Math.Abs(difference))), $"{targets[i].Name}[{element}]");
            }
        }
    }

    [Test]
    public void No_steps_leave_the_states()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (h, x) = (builder.Input("h", TensorType.Float(1, 2)), builder.Input("x", TensorType.Float(0, 1, 2)));
        var results = ScanRegion.Add(builder, [h], [x], 0, false, (body, states, elements) => ([body.Apply("add", null, states[0], elements[0])], [elements[0]]));
        foreach (var value in results) builder.Output(value.Name, value);
        var values = HostEvaluator.Run(builder.Build(), new Dictionary<string, Tensor> { ["h"] = Tensor.From([3f, 4], 1, 2), ["x"] = Tensor.Zeros(x.Type) });
        Assert.That(values[results[0]].ToArray<float>(), Is.EqualTo(new[] { 3f, 4 }));
        Assert.That(results[1].Shape, Is.EqualTo(new Shape(0, 1, 2)));
    }

    [Test]
    public void A_graph_file_scans_a_block()
    {
        const string text = """
            version: 1
            inputs:
              x: {shape: [N, T, 3]}
            constants:
              start: {value: 0, shape: [2, 4]}
            blocks:
              cell:
                inputs: [h, x]
                nodes:
                  in: {op: dense, input: x, units: 4}
                  back: {op: dense, input: h, units: 4, bias: false}
                  next: {op: add, inputs: [in, back], activation: tanh}
                outputs: [next, in]
            nodes:
              run: {op: cell, inputs: [start, x], scan: {states: 1, axis: 1, reverse: true}}
            outputs: {last: run, entering: 'run:in'}
            """;
        var graph = GraphFile.Parse(text, StandardOperators.Registry, "cell.yaml").Build(new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 2, ["T"] = 5 } });
        Assert.That(graph.Parameters.Select(p => p.Name), Is.EquivalentTo(new[] { "run.in.weight", "run.in.bias", "run.back.weight" }));
        Assert.That(graph.Nodes.Count(n => n.Operator.Name == "scan"), Is.EqualTo(1));
        Assert.That(graph.Outputs.Select(o => o.Value.Shape), Is.EqualTo(new Shape[] { [2, 4], [2, 5, 4] }));
    }

    [Test]
    public void Dropout_inside_is_refused_in_training()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (x, w) = (builder.Input("x", TensorType.Float(3, 2)), builder.Parameter("w", TensorType.Float(2)));
        var results = ScanRegion.Add(builder, [w], [x], 3, false, (body, states, elements) => ([body.Apply("dropout", null, body.Apply("add", null, states[0], elements[0]))], []));
        builder.Output("y", results[0]);
        var objective = new TrainingObjective { Loss = c => c.Builder.Apply("reduce_mean", null, c["y"]), Optimizer = new OptimizerOptions("sgd", 1) };
        Assert.That(Assert.Throws<VkNetException>(() => TrainingGraph.Build(builder.Build(), objective))!.Diagnostic.Code, Is.EqualTo("VKN5040"));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (h, x) = (builder.Input("h", TensorType.Float(2)), builder.Input("x", TensorType.Float(3, 2)));
        string Code(Action action) => Assert.Throws<VkNetException>(() => action())!.Diagnostic.Code;
        Assert.That(Code(() => ScanRegion.Add(builder, [h], [x], 4, false, (_, s, _) => (s, []))), Is.EqualTo("VKN2740"));
        Assert.That(Code(() => ScanRegion.Add(builder, [h], [x], 3, false, (b, s, _) => ([b.Apply("reduce_sum", null, s[0])], []))), Is.EqualTo("VKN2742"));
        Assert.That(Code(() => ScanRegion.Add(builder, [h], [x], 3, false, (b, s, _) =>
        {
            var carried = b.State("c", Tensor.Zeros(h.Type));
            b.SetState(carried, s[0]);
            return (s, []);
        })), Is.EqualTo("VKN2741"));
    }

    private static Value Loss(GraphBuilder builder, Value state, Value results) => builder.Apply("add", null,
        builder.Apply("reduce_sum", null, builder.Apply("square", null, state)), builder.Apply("reduce_sum", null, builder.Apply("sin", null, results)));
}
