using VkNet.Graphs;
using VkNet.Operators.Recurrent;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Recurrent;

/// <summary>Recurrent layers and their gradients on every device against the host evaluator, in one call and step by step.</summary>
internal sealed class RecurrentDeviceTests(string driver) : OnEveryDevice(driver)
{
    // Batch, steps, units: one call for units that are and are not whole texels, tiles of one and four sequences; step by step.
    private static readonly (int Batch, int Steps, int Units)[] Sizes = [(1, 1, 1), (1, 5, 4), (3, 4, 7), (4, 3, 8), (9, 2, 13), (0, 3, 2), (2, 0, 3), (2, 3, 701), (5, 2, 404)];

    [Test]
    public void Steps_equal_the_host([Values] RecurrentKind kind, [Values("forward", "bidirectional")] string direction)
    {
        var tester = new OperatorTester();
        foreach (var (batch, steps, units) in Sizes)
            foreach (var attributes in Variants(kind, direction, units))
                tester.Add(RecurrentSequence.NameOf(kind), attributes.With(RecurrentSequence.Save, true), [.. Inputs(kind, attributes, batch, steps, units, bare: units == 7)]);
        tester.Check(Device, 2e-5, 2e-5);
    }

    [Test]
    public void Gradients_equal_the_host([Values] RecurrentKind kind, [Values("reverse", "bidirectional")] string direction)
    {
        var tester = new OperatorTester();
        foreach (var (batch, steps, units) in Sizes)
            foreach (var attributes in Variants(kind, direction, units))
                tester.Add(RecurrentGradient.NameOf(kind), attributes, [.. GradientInputs(kind, attributes, batch, steps, units, bare: units == 7)]);
        tester.Check(Device, 5e-5, 5e-5);
    }

    [Test]
    public void Every_activation_and_its_slope_equal_the_host()
    {
        var tester = new OperatorTester();
        foreach (var name in GateActivation.Names)
        {
            var attributes = AttributeSet.Empty.With(RecurrentAttributes.Activations, [name]).With(RecurrentAttributes.Alphas, [0.7]).With(RecurrentAttributes.Betas, [0.3]);
            tester.Add("rnn_sequence", attributes.With(RecurrentAttributes.Clip, 1.5), [.. Inputs(RecurrentKind.Rnn, attributes, 3, 4, 5, false)]);
            tester.Add("rnn_sequence_gradient", attributes, [.. GradientInputs(RecurrentKind.Rnn, attributes, 3, 4, 5, false)]);
        }
        tester.Check(Device, 1e-5, 1e-5);
    }

    [Test]
    public void Layers_equal_the_host()
    {
        Tensor Of(int seed, params long[] shape) => TestTensors.Reals(seed, new Shape(shape), -0.7, 0.7);
        var tester = new OperatorTester();
        var both = AttributeSet.Empty.With(RecurrentAttributes.Direction, "bidirectional").With(RecurrentLayer.Layers, 2).With(RecurrentAttributes.BatchFirst, false);
        tester.Add("lstm", both, Of(1, 4, 3, 6), Of(2, 2, 28, 6), Of(3, 2, 28, 7), Of(4, 2, 56), null, Of(5, 4, 3, 7), Of(6, 1, 2, 28, 14), Of(7, 1, 2, 28, 7), Of(8, 1, 2, 56), Of(9, 4, 3, 7), Of(10, 4, 21));
        tester.Add("gru", both.With(RecurrentAttributes.ResetAfter, true), Of(1, 4, 3, 6), Of(2, 2, 21, 6), Of(3, 2, 21, 7), Of(4, 2, 42), null, null, Of(6, 1, 2, 21, 14), Of(7, 1, 2, 21, 7), Of(8, 1, 2, 42));
        tester.Check(Device, 2e-5, 2e-5);
    }

    private static IEnumerable<AttributeSet> Variants(RecurrentKind kind, string direction, int units)
    {
        var attributes = AttributeSet.Empty.With(RecurrentAttributes.Direction, direction);
        yield return attributes;
        if (kind == RecurrentKind.Gru) yield return attributes.With(RecurrentAttributes.ResetAfter, true).With(RecurrentAttributes.BatchFirst, false);
        if (kind == RecurrentKind.Lstm && units < 100) yield return attributes.With(RecurrentAttributes.InputForget, true).With(RecurrentAttributes.GateOrder, "cfoi").With(RecurrentAttributes.BatchFirst, false);
    }

    private static List<Tensor?> Inputs(RecurrentKind kind, AttributeSet attributes, int batch, int steps, int units, bool bare)
    {
        var (directions, gates) = (RecurrentAttributes.DirectionsOf(attributes), RecurrentAttributes.GatesOf(kind));
        var sizes = new RecurrentSizes(batch, steps, directions, units, attributes.Get(RecurrentAttributes.BatchFirst));
        List<Tensor?> inputs = [TestTensors.Reals(1, sizes.Sequence(directions * gates * units)), Weights(directions, gates, units)];
        if (bare) return inputs;
        inputs.AddRange([Lengths(batch, steps), TestTensors.Reals(3, sizes.State)]);
        if (kind == RecurrentKind.Lstm) inputs.AddRange([TestTensors.Reals(4, sizes.State), TestTensors.Reals(5, [directions, 3 * units])]);
        if (attributes.Get(RecurrentAttributes.ResetAfter)) inputs.Add(TestTensors.Reals(6, [directions, units]));
        return inputs;
    }

    private static List<Tensor?> GradientInputs(RecurrentKind kind, AttributeSet attributes, int batch, int steps, int units, bool bare)
    {
        var (directions, gates) = (RecurrentAttributes.DirectionsOf(attributes), RecurrentAttributes.GatesOf(kind));
        var sizes = new RecurrentSizes(batch, steps, directions, units, attributes.Get(RecurrentAttributes.BatchFirst));
        Tensor Sequence(int seed, int parts, double low = -1) => TestTensors.Reals(seed, sizes.Sequence(directions * parts * units), low, 1);
        List<Tensor?> inputs = [Weights(directions, gates, units), Sequence(1, RecurrentAttributes.SavedOf(kind), 0.05), Sequence(2, 1), Sequence(3, 1)];
        if (bare) inputs.AddRange([null, null, null]);
        else inputs.AddRange([TestTensors.Reals(4, sizes.State), Lengths(batch, steps), TestTensors.Reals(5, sizes.State)]);
        if (kind != RecurrentKind.Lstm) return inputs;
        inputs.AddRange(bare ? [null, null, Sequence(6, 1)] : [TestTensors.Reals(7, sizes.State), TestTensors.Reals(8, sizes.State), Sequence(6, 1), TestTensors.Reals(9, [directions, 3 * units])]);
        return inputs;
    }

    private static Tensor Weights(int directions, int gates, int units) => TestTensors.Reals(2, [directions, gates * units, units], -1 / Math.Sqrt(units), 1 / Math.Sqrt(units));

    private static Tensor Lengths(int batch, int steps) => Tensor.From([.. Enumerable.Range(0, batch).Select(n => (steps + 5 - n) % (steps + 2))], batch);
}
