using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Recurrent;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Tests.Ops.Recurrent;

/// <summary>Recurrent layers on the host: the lectures' formulas, gradients against central differences, diagnostics.</summary>
internal sealed class RecurrentTests
{
    private static Tensor Lengths(params int[] values) => Tensor.From(values, values.Length);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    [Test]
    public void Lstm_is_the_lectures_formula_in_the_lectures_gate_order()
    {
        // (i, f, o, g) = (s, s, s, tanh) W [x; h]; c' = f c + i g; h' = o tanh c'.
        var (x, w, r) = (TestTensors.Reals(1, [1, 4, 3]), TestTensors.Reals(2, [1, 8, 3]), TestTensors.Reals(3, [1, 8, 2]));
        var outputs = OnHost.Run("lstm", AttributeSet.Empty.With(RecurrentAttributes.GateOrder, "ifoc"), x, w, r);
        var (xs, ws, rs) = (x.ToArray<float>(), w.ToArray<float>(), r.ToArray<float>());
        double[] h = [0, 0], c = [0, 0];
        for (var t = 0; t < 4; t++)
        {
            var a = Enumerable.Range(0, 8).Select(k => Enumerable.Range(0, 3).Sum(i => ws[k * 3 + i] * (double)xs[t * 3 + i]) + Enumerable.Range(0, 2).Sum(i => rs[k * 2 + i] * h[i])).ToArray();
            for (var j = 0; j < 2; j++)
            {
                c[j] = Sigmoid(a[2 + j]) * c[j] + Sigmoid(a[j]) * Math.Tanh(a[6 + j]);
                h[j] = Sigmoid(a[4 + j]) * Math.Tanh(c[j]);
            }
            Assert.That(outputs[0].ToArray<float>()[(2 * t)..(2 * t + 2)], Is.EqualTo(h).Within(1e-5));
        }
        Assert.That(outputs[1].ToArray<float>(), Is.EqualTo(h).Within(1e-5));
        Assert.That(outputs[2].ToArray<float>(), Is.EqualTo(c).Within(1e-5));
    }

    [Test]
    public void Gru_is_the_lectures_formula()
    {
        // r = s(W_xr x + W_hr h + b_r), z likewise; n = tanh(W_xh x + W_hh (r h) + b_h); h' = z h + (1 - z) n.
        var (x, w, r, b) = (TestTensors.Reals(1, [1, 3, 2]), TestTensors.Reals(2, [1, 3, 2]), TestTensors.Reals(3, [1, 3, 1]), TestTensors.Reals(4, [1, 6]));
        var found = OnHost.Reals("gru", AttributeSet.Empty, x, w, r, b);
        var (xs, ws, rs, bs) = (x.ToArray<float>(), w.ToArray<float>(), r.ToArray<float>(), b.ToArray<float>());
        var h = 0.0;
        for (var t = 0; t < 3; t++)
        {
            double In(int g) => ws[2 * g] * xs[2 * t] + ws[2 * g + 1] * xs[2 * t + 1] + bs[g] + bs[3 + g];
            var (z, reset) = (Sigmoid(In(0) + rs[0] * h), Sigmoid(In(1) + rs[1] * h));
            h = z * h + (1 - z) * Math.Tanh(In(2) + rs[2] * (reset * h));
            Assert.That(found[t], Is.EqualTo(h).Within(1e-5));
        }
    }

    [Test]
    public void A_reversed_sequence_is_read_from_its_own_end()
    {
        var (w, r) = (TestTensors.Reals(2, [1, 2, 1]), TestTensors.Reals(3, [1, 2, 2]));
        var forward = OnHost.Reals("rnn", null, Tensor.From([1f, 2, 3], 1, 3, 1), w, r);
        var backward = OnHost.Run("rnn", AttributeSet.Empty.With(RecurrentAttributes.Direction, "reverse"), Tensor.From([3f, 2, 1, 99, 98], 1, 5, 1), w, r, null, Lengths(3));
        var found = backward[0].ToArray<float>();
        Assert.That(found[..6], Is.EqualTo(forward[4..].Concat(forward[2..4]).Concat(forward[..2])));
        Assert.That(found[6..], Is.All.Zero);
        Assert.That(backward[1].ToArray<float>(), Is.EqualTo(forward[4..]));
    }

    [Test]
    public void Layers_read_the_ones_below()
    {
        Tensor Of(int seed, params long[] shape) => TestTensors.Reals(seed, new Shape(shape), -0.7, 0.7);
        var (x, w, r, b, w2, r2, b2, h) = (Of(1, 2, 4, 3), Of(2, 2, 15, 3), Of(3, 2, 15, 5), Of(4, 2, 30), Of(5, 1, 2, 15, 10), Of(6, 1, 2, 15, 5), Of(7, 1, 2, 30), Of(8, 4, 2, 5));
        var both = AttributeSet.Empty.With(RecurrentAttributes.Direction, "bidirectional");
        var stacked = OnHost.Run("gru", both.With(RecurrentLayer.Layers, 2), x, w, r, b, null, h, w2, r2, b2);
        Tensor Half(Tensor t, int which, params long[] shape) => Tensor.From(t.ToArray<float>()[(t.Count / 2 * which)..(t.Count / 2 * (which + 1))], shape);
        var first = OnHost.Run("gru", both, x, w, r, b, null, Half(h, 0, 2, 2, 5));
        var second = OnHost.Run("gru", both, first[0], Tensor.From(w2.ToArray<float>(), 2, 15, 10), Tensor.From(r2.ToArray<float>(), 2, 15, 5), Tensor.From(b2.ToArray<float>(), 2, 30), null, Half(h, 1, 2, 2, 5));
        Assert.That(stacked[0].ToArray<float>(), Is.EqualTo(second[0].ToArray<float>()));
        Assert.That(stacked[1].ToArray<float>(), Is.EqualTo(first[1].ToArray<float>().Concat(second[1].ToArray<float>())));
    }

    [Test]
    public void Directions_may_have_activations_of_their_own()
    {
        var (x, w, r) = (TestTensors.Reals(1, [2, 3, 2]), TestTensors.Reals(2, [2, 4, 2]), TestTensors.Reals(3, [2, 4, 4]));
        var found = OnHost.Run("rnn", AttributeSet.Empty.With(RecurrentAttributes.Direction, "bidirectional").With(RecurrentAttributes.Activations, ["affine", "leaky_relu"]).With(RecurrentAttributes.Alphas, [0.5, 0.25]), x, w, r);
        Tensor Half(Tensor t, int which, params long[] shape) => Tensor.From(t.ToArray<float>()[(t.Count / 2 * which)..(t.Count / 2 * (which + 1))], shape);
        var one = OnHost.Reals("rnn", AttributeSet.Empty.With(RecurrentAttributes.Activations, ["affine"]).With(RecurrentAttributes.Alphas, [0.5]), x, Half(w, 0, 1, 4, 2), Half(r, 0, 1, 4, 4));
        var two = OnHost.Reals("rnn", AttributeSet.Empty.With(RecurrentAttributes.Direction, "reverse").With(RecurrentAttributes.Activations, ["leaky_relu"]).With(RecurrentAttributes.Alphas, [0.25]), x, Half(w, 1, 1, 4, 2), Half(r, 1, 1, 4, 4));
        Assert.That(found[0].ToArray<float>(), Is.EqualTo(one.Chunk(4).Zip(two.Chunk(4), (a, b) => a.Concat(b)).SelectMany(v => v)));
    }

    private static IEnumerable<TestCaseData> GradientCases()
    {
        foreach (var direction in new[] { "forward", "reverse", "bidirectional" })
        {
            var attributes = AttributeSet.Empty.With(RecurrentAttributes.Direction, direction);
            foreach (var save in new[] { false, true })
                foreach (var kind in Enum.GetValues<RecurrentKind>()) yield return new TestCaseData(kind, attributes.With(RecurrentSequence.Save, save)).SetArgDisplayNames($"{kind}", direction, $"{save}");
            yield return new TestCaseData(RecurrentKind.Gru, attributes.With(RecurrentAttributes.ResetAfter, true)).SetArgDisplayNames("Gru", "after", direction);
            yield return new TestCaseData(RecurrentKind.Lstm, attributes.With(RecurrentAttributes.InputForget, true).With(RecurrentAttributes.BatchFirst, false)).SetArgDisplayNames("Lstm", "input forget", direction);
        }
        foreach (var name in GateActivation.Names)
            yield return new TestCaseData(RecurrentKind.Lstm, AttributeSet.Empty.With(RecurrentAttributes.Activations, ["sigmoid", name, name]).With(RecurrentAttributes.GateOrder, "ifco")
                .With(RecurrentAttributes.Alphas, [0.6, 0.6]).With(RecurrentAttributes.Betas, [0.45, 0.45])).SetArgDisplayNames("Lstm", name);
    }

    [TestCaseSource(nameof(GradientCases))]
    public void Gradients_equal_central_differences(RecurrentKind kind, AttributeSet attributes)
    {
        var (directions, gates, units) = (RecurrentAttributes.DirectionsOf(attributes), RecurrentAttributes.GatesOf(kind), 3);
        var first = attributes.Get(RecurrentAttributes.BatchFirst);
        Tensor Of(int seed, params long[] shape) => TestTensors.Reals(seed, new Shape(shape), -0.9, 0.9);
        var width = directions * gates * units;
        var inputs = new List<Tensor?> { first ? Of(1, 2, 4, width) : Of(1, 4, 2, width), Of(2, directions, gates * units, units), Lengths(4, 2), Of(3, directions, 2, units) };
        if (kind == RecurrentKind.Lstm) inputs.AddRange([Of(4, directions, 2, units), Of(5, directions, 3 * units)]);
        if (attributes.Get(RecurrentAttributes.ResetAfter)) inputs.Add(Of(6, directions, units));
        // What is saved is no result that a loss would use.
        GradientTester.Check(RecurrentSequence.NameOf(kind), attributes.With(RecurrentSequence.Save, false), 1e-6, [.. inputs]);
    }

    [Test]
    public void A_training_graph_keeps_what_the_gradient_needs()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var x = builder.Input("x", TensorType.Float(2, 5, 3));
        var w = builder.Parameter("w", TensorType.Float(1, 16, 3));
        var r = builder.Parameter("r", TensorType.Float(1, 16, 4));
        builder.Output("y", builder.Add(StandardOperators.Registry.Get("lstm"), AttributeSet.Empty, [x, w, r], "l")[0]);
        var objective = new TrainingObjective { Loss = c => c.Builder.Apply("reduce_mean", null, c["y"]), Optimizer = new OptimizerOptions("sgd", 1) };
        var graph = TrainingGraph.Build(builder.Build(), objective).Graph;
        Assert.That(graph.Nodes.Count(n => n.Operator.Name == "lstm_sequence"), Is.EqualTo(1), "the steps are computed once");
        Assert.That(graph.Nodes.Count(n => n.Operator.Name == "lstm_sequence_gradient"), Is.EqualTo(1));
    }

    [TestCase("VKN2720", "activations", "tahn")]
    [TestCase("VKN2722", "gates", "iocc")]
    [TestCase("VKN2723", "clip", -1.0)]
    [TestCase("VKN2727", "units", 5L)]
    [TestCase("VKN2728", "layers", 2L)]
    [TestCase("VKN2725", "direction", "bidirectional")]
    public void What_does_not_fit_is_refused(string code, string attribute, object value)
    {
        var attributes = AttributeSet.Empty.With(attribute, attribute == "activations" ? new[] { "sigmoid", (string)value, "tanh" } : value);
        var fault = Assert.Throws<VkNetException>(() => OnHost.Run("lstm", attributes, TestTensors.Reals(1, [2, 3, 4]), TestTensors.Reals(2, [1, 12, 4]), TestTensors.Reals(3, [1, 12, 3])));
        Assert.That(fault!.Diagnostic.Code, Is.EqualTo(code));
    }
}
