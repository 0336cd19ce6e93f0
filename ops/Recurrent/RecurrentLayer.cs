using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Recurrent;

/// <summary>
/// A recurrent layer over sequences, or several on top of one another, in one direction or both. It is written as one matrix product for
/// the inputs of all steps and a <see cref="RecurrentSequence"/> for what must be done step by step. Weights, gates and their order are as
/// in ONNX: lstm i o f c, gru z r h, and two biases, one with the inputs and one with the states.
/// </summary>
public sealed partial class RecurrentLayer : CompositeOperator
{
    private const int Weight = 1, Recurrent = 2, Bias = 3, Lengths = 4, Hidden = 5, UpperWeight = 6, UpperRecurrent = 7, UpperBias = 8, Cell = 9, Peephole = 10;

    private readonly RecurrentKind _kind;

    /// <summary>Makes the operator.</summary>
    public RecurrentLayer(RecurrentKind kind)
    {
        _kind = kind;
        List<OperandDefinition> inputs =
        [
            new("input", "[N, T, I], or [T, N, I] where 'batch_first' is false"),
            new("weight", "[D, G H, I], with D directions and G gates") { IsParameter = true },
            new("recurrent", "[D, G H, H]") { IsParameter = true },
            new("bias", "[D, 2 G H]: with the inputs, then with the states") { Optional = true, IsParameter = true },
            new("lengths", "[N] whole numbers: how much of each sequence is used") { Optional = true },
            new("initial_hidden", "[L D, N, H]: the states before the first step, zero when absent") { Optional = true },
            new("upper_weight", "[L - 1, D, G H, D H]: of the layers above the first") { Optional = true, IsParameter = true },
            new("upper_recurrent", "[L - 1, D, G H, H]") { Optional = true, IsParameter = true },
            new("upper_bias", "[L - 1, D, 2 G H]") { Optional = true, IsParameter = true },
        ];
        List<AttributeDefinition> attributes = [Units, Layers, RecurrentAttributes.Direction, RecurrentAttributes.BatchFirst, RecurrentAttributes.Activations, RecurrentAttributes.Alphas, RecurrentAttributes.Betas, RecurrentAttributes.Clip];
        if (kind == RecurrentKind.Lstm)
        {
            inputs.AddRange(
            [
                new("initial_cell", "[L D, N, H]: the cell states before the first step, zero when absent") { Optional = true },
                new("peephole", "[L D, 3 H]: of the input, output and forget gate") { Optional = true, IsParameter = true },
            ]);
            attributes.AddRange([RecurrentAttributes.InputForget, RecurrentAttributes.GateOrder, Peepholes]);
        }
        if (kind == RecurrentKind.Gru) attributes.Add(RecurrentAttributes.ResetAfter);
        (Inputs, Attributes) = (inputs, attributes);
        ImportRules = [new ImportRule(kind == RecurrentKind.Rnn ? "RNN" : kind == RecurrentKind.Lstm ? "LSTM" : "GRU", 1, Import)];
    }

    /// <summary>Units of each direction.</summary>
    public static AttributeDefinition<long> Units { get; } = new("units", "Units of each direction (the size of the state); may be left out when 'recurrent' is given.", 0) { Minimum = 1 };

    /// <summary>Layers on top of one another.</summary>
    public static AttributeDefinition<long> Layers { get; } = new("layers", "Layers on top of one another; each reads the one below.", 1) { Minimum = 1 };

    /// <summary>Whether an lstm's gates see the cell state.</summary>
    public static AttributeDefinition<bool> Peepholes { get; } = new("peepholes", "Whether the gates see the cell state through weights of their own (Gers, Schmidhuber 2000), which come into being with the node.", false);

    /// <inheritdoc/>
    public override string Name => _kind.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public override string Summary => _kind switch
    {
        RecurrentKind.Rnn => "Elman's recurrent layer: h' = f(W x + R h + b) at every step.",
        RecurrentKind.Lstm => "Long short-term memory: gates i, o, f = s(W x + R h + b), candidate g = tanh(W x + R h + b), c' = f c + i g, h' = o tanh(c').",
        _ => "Gated recurrent unit: gates z, r = s(W x + R h + b), candidate n = tanh(W x + R (r h) + b), h' = (1 - z) n + z h.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => _kind == RecurrentKind.Lstm ? ["output", "hidden", "cell"] : ["output", "hidden"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples
    {
        get
        {
            var gates = RecurrentAttributes.GatesOf(_kind);
            var one = new OperatorSample(Reals(3, 5, 6), Reals(1, gates * 9, 6), RealsWithin(-0.5, 0.5, 1, gates * 9, 9), Reals(1, 2 * gates * 9));
            var two = new OperatorSample(Reals(4, 2, 6), Reals(2, gates * 8, 6), RealsWithin(-0.5, 0.5, 2, gates * 8, 8), Reals(2, 2 * gates * 8), Integers(0, 4, 2), Reals(4, 2, 8),
                Reals(1, 2, gates * 8, 16), RealsWithin(-0.5, 0.5, 1, 2, gates * 8, 8), Reals(1, 2, 2 * gates * 8));
            return [one, two.With(Layers, 2).With(RecurrentAttributes.Direction, "bidirectional").With(RecurrentAttributes.BatchFirst, false)];
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        var input = context.RequireRank(0, 3);
        var units = context.Has(Recurrent) ? context.ShapeOf(Recurrent)[-1] : context.Get(Units);
        if (units < 1) context.Fail("VKN2726", "'units' is missing", "say how large the state is, e.g. units: 100");
        var (directions, layers, gates) = ((long)RecurrentAttributes.DirectionsOf(context.Attributes), context.Get(Layers), RecurrentAttributes.GatesOf(_kind));
        // As in PyTorch: uniform up to one over the root of the state's size.
        var weights = new ParameterOptions { Initializer = "uniform", InitializerScale = 1 / Math.Sqrt(units) };
        List<ParameterDeclaration> declarations = [];
        Declare(Weight, weights, directions, gates * units, input[2]);
        Declare(Recurrent, weights, directions, gates * units, units);
        Declare(Bias, new ParameterOptions(), directions, 2 * gates * units);
        if (layers > 1)
        {
            Declare(UpperWeight, weights, layers - 1, directions, gates * units, directions * units);
            Declare(UpperRecurrent, weights, layers - 1, directions, gates * units, units);
            Declare(UpperBias, new ParameterOptions(), layers - 1, directions, 2 * gates * units);
        }
        if (_kind == RecurrentKind.Lstm && context.Get(Peepholes)) Declare(Peephole, weights, layers * directions, 3 * units);
        return declarations;

        void Declare(int index, ParameterOptions options, params ReadOnlySpan<long> sizes)
        {
            if (!context.Has(index)) declarations.Add(new(Inputs[index].Name, TensorType.Float(sizes), options));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        context.RequireFloat(0);
        var input = context.RequireRank(0, 3);
        var recurrent = context.RequireRank(Recurrent, 3);
        var (units, layers, gates, first) = (recurrent[2], context.Get(Layers), RecurrentAttributes.GatesOf(_kind), context.Get(RecurrentAttributes.BatchFirst));
        long directions = RecurrentAttributes.DirectionsOf(context.Attributes);
        RecurrentAttributes.Check(_kind, context, (int)directions);
        if (context.Attributes.Has(Units) && context.Get(Units) != units) context.Fail("VKN2727", $"'units' is {context.Get(Units)}, but 'recurrent' {recurrent} is for {units}");
        var batch = input[first ? 0 : 1];
        Shape states = [layers * directions, batch, units];
        Require(Weight, [directions, gates * units, input[2]]);
        Require(Recurrent, [directions, gates * units, units]);
        Require(Bias, [directions, 2 * gates * units]);
        Require(Lengths, [batch]);
        Require(Hidden, states);
        if (layers > 1 && !(context.Has(UpperWeight) && context.Has(UpperRecurrent))) context.Fail("VKN2728", $"it has {layers} layers, but no weights for those above the first", "give upper_weight and upper_recurrent");
        if (layers > 1) Require(UpperWeight, [layers - 1, directions, gates * units, directions * units]);
        if (layers > 1) Require(UpperRecurrent, [layers - 1, directions, gates * units, units]);
        if (layers > 1) Require(UpperBias, [layers - 1, directions, 2 * gates * units]);
        if (_kind == RecurrentKind.Lstm) Require(Cell, states);
        if (_kind == RecurrentKind.Lstm) Require(Peephole, [layers * directions, 3 * units]);
        if (context.Has(Lengths) && !context.Input(Lengths).DataType.IsInteger()) context.Fail("VKN2729", $"the lengths are {context.Input(Lengths)}, but whole numbers are needed");
        var (output, state) = (new TensorType(DataType.Float32, input.With(2, directions * units)), new TensorType(DataType.Float32, states));
        return _kind == RecurrentKind.Lstm ? [output, state, state] : [output, state];

        void Require(int index, Shape shape)
        {
            if (context.Has(index) && context.ShapeOf(index) != shape)
                context.Fail("VKN2725", $"'{Inputs[index].Name}' has shape {context.ShapeOf(index)}, but {shape} is needed for the input {input} and {units} units", Inputs[index].Summary);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (layers, lstm) = (context.Get(Layers), _kind == RecurrentKind.Lstm);
        var (directions, units) = ((long)RecurrentAttributes.DirectionsOf(context.Attributes), context.Input(Recurrent).Shape[2]);
        var x = context.Input(0);
        List<Value> hidden = [], cell = [];
        for (var layer = 0L; layer < layers; layer++)
        {
            Value? Weights(int first, int upper)
            {
                if (layer == 0 || context.Find(upper) is not { } above) return layer == 0 ? context.Find(first) : null;
                var own = Part(context, above, 0, layer - 1, layer);
                return Views.To(context.Builder, own, own.Shape.Slice(1, own.Shape.Rank - 1));
            }
            Value? States(int index) => context.Find(index) is not { } all || layers == 1 ? context.Find(index) : Part(context, all, 0, layer * directions, (layer + 1) * directions);
            var outputs = Layer(context, x, Weights(Weight, UpperWeight)!, Weights(Recurrent, UpperRecurrent)!, Weights(Bias, UpperBias), States(Hidden), lstm ? States(Cell) : null, lstm ? States(Peephole) : null);
            x = outputs[0];
            hidden.Add(outputs[1]);
            if (lstm) cell.Add(outputs[2]);
        }
        return lstm ? [x, Join(context, hidden, 0), Join(context, cell, 0)] : [x, Join(context, hidden, 0)];
    }

    private IReadOnlyList<Value> Layer(DecompositionContext context, Value x, Value weight, Value recurrent, Value? bias, Value? hidden, Value? cell, Value? peephole)
    {
        var directions = (int)weight.Shape[0];
        var perDirection = RecurrentAttributes.DefaultActivations(_kind).Length;
        if (context.Get(RecurrentAttributes.Activations) is not { } names || names.Length == perDirection || DirectionsAgree(context.Attributes, perDirection))
            return Sequence(context, context.Attributes, x, weight, recurrent, bias, hidden, cell, peephole);
        // Directions with different activations are computed one by one.
        List<IReadOnlyList<Value>> results = [];
        for (var d = 0; d < directions; d++)
        {
            var attributes = OfDirection(context.Attributes, d, perDirection).With(RecurrentAttributes.Direction, d == 0 ? "forward" : "reverse");
            Value? Own(Value? value) => value is null ? null : Part(context, value, 0, d, d + 1);
            results.Add(Sequence(context, attributes, x, Own(weight)!, Own(recurrent)!, Own(bias), Own(hidden), Own(cell), Own(peephole)));
        }
        return [Join(context, [.. results.Select(r => r[0])], 2), .. Enumerable.Range(1, results[0].Count - 1).Select(i => Join(context, [.. results.Select(r => r[i])], 0))];
    }

    // One matrix product for the inputs of all steps, then the steps.
    private IReadOnlyList<Value> Sequence(DecompositionContext context, AttributeSet attributes, Value x, Value weight, Value recurrent, Value? bias, Value? hidden, Value? cell, Value? peephole)
    {
        var (directions, rows, units) = (weight.Shape[0], weight.Shape[1], recurrent.Shape[2]);
        Value? resetBias = null;
        if (bias is not null)
        {
            var (own, ofStates) = (Part(context, bias, 1, 0, rows), Part(context, bias, 1, rows, 2 * rows));
            if (_kind == RecurrentKind.Gru && attributes.Get(RecurrentAttributes.ResetAfter))
            {
                resetBias = Part(context, ofStates, 1, 2 * units, rows);
                bias = Join(context, [context.Apply("add", Part(context, own, 1, 0, 2 * units), Part(context, ofStates, 1, 0, 2 * units)), Part(context, own, 1, 2 * units, rows)], 1);
            }
            else bias = context.Apply("add", own, ofStates);
            bias = Views.To(context.Builder, bias, [directions * rows]);
        }
        var projected = context.Apply("dense", x, Views.To(context.Builder, weight, [directions * rows, weight.Shape[2]]), bias);
        var sequence = AttributeSet.Empty;
        foreach (var (name, value) in attributes.Values)
            if (name != Units.Name && name != Layers.Name && name != Peepholes.Name) sequence = sequence.With(name, value);
        if (attributes.Get(RecurrentAttributes.Activations) is { } names)
        {
            var perDirection = RecurrentAttributes.DefaultActivations(_kind).Length;
            sequence = names.Length == perDirection ? sequence : OfDirection(sequence, 0, perDirection);
        }
        Value?[] inputs = _kind switch
        {
            RecurrentKind.Rnn => [projected, recurrent, context.Find(Lengths), hidden],
            RecurrentKind.Lstm => [projected, recurrent, context.Find(Lengths), hidden, cell, peephole],
            _ => [projected, recurrent, context.Find(Lengths), hidden, resetBias],
        };
        return context.ApplyAll(RecurrentSequence.NameOf(_kind), sequence, inputs);
    }

    private bool DirectionsAgree(AttributeSet attributes, int perDirection) => Directed(attributes, 0, perDirection).SequenceEqual(Directed(attributes, 1, perDirection));

    private GateActivation[] Directed(AttributeSet attributes, int direction, int perDirection) =>
        [.. RecurrentAttributes.ActivationsOf(_kind, attributes).Skip(direction * perDirection).Take(perDirection)];

    // The activations of one direction, with the numbers that are theirs.
    private AttributeSet OfDirection(AttributeSet attributes, int direction, int perDirection)
    {
        var own = Directed(attributes, direction, perDirection);
        var names = attributes.Get(RecurrentAttributes.Activations)!.Skip(direction * perDirection).Take(perDirection).ToArray();
        var (alphas, betas) = (own.Where(a => a.HasAlpha).Select(a => a.Alpha).ToArray(), own.Where(a => a.HasBeta).Select(a => a.Beta).ToArray());
        return attributes.With(RecurrentAttributes.Activations, names).With(RecurrentAttributes.Alphas, alphas).With(RecurrentAttributes.Betas, betas);
    }

    private static Value Part(DecompositionContext context, Value value, int axis, long start, long end) => value.Shape[axis] == end - start
        ? value
        : context.Apply("slice", AttributeSet.Empty.With(Slice.Starts, [start]).With(Slice.Ends, [end]).With(Slice.Axes, [axis]), value);

    private static Value Join(DecompositionContext context, IReadOnlyList<Value> values, int axis) =>
        values.Count == 1 ? values[0] : context.Apply("concat", AttributeSet.Empty.With(Concat.Axis, axis), [.. values]);
}
