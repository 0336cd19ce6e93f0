using VkNet.Graphs;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Recurrent;

/// <summary>
/// Back-propagation through the steps of a recurrent layer: from the gradients of its results the gradient of what entered the gates and of
/// the initial states, and the states before each step, from which the weights' gradients follow as matrix products.
/// </summary>
public sealed partial class RecurrentGradient : Operator
{
    private const int Recurrent = 0, Saved = 1, Result = 2, ResultGradient = 3, HiddenGradient = 4, Lengths = 5, Hidden = 6, CellGradient = 7, Cell = 8, Cells = 9, Peephole = 10;

    private readonly RecurrentKind _kind;

    /// <summary>Makes the operator.</summary>
    public RecurrentGradient(RecurrentKind kind)
    {
        _kind = kind;
        List<OperandDefinition> inputs =
        [
            new("recurrent", "[D, G H, H]"),
            new("saved", "[..., D S H]: what the sequence kept"),
            new("result", "[..., D H]: the sequence's result"),
            new("result_gradient", "[..., D H]") { Optional = true },
            new("hidden_gradient", "[D, N, H]") { Optional = true },
            new("lengths", "[N] whole numbers") { Optional = true },
            new("initial_hidden", "[D, N, H]") { Optional = true },
        ];
        if (kind == RecurrentKind.Lstm)
        {
            inputs.AddRange(
            [
                new("cell_gradient", "[D, N, H]") { Optional = true },
                new("initial_cell", "[D, N, H]") { Optional = true },
                new("cells", "[..., D H]: what the sequence kept"),
                new("peephole", "[D, 3 H]") { Optional = true },
            ]);
        }
        Inputs = inputs;
    }

    /// <inheritdoc/>
    public override string Name => NameOf(_kind);

    /// <inheritdoc/>
    public override string Summary => $"Back-propagation through the steps of {_kind.ToString().ToLowerInvariant()}.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["output", "before", "hidden", "cell", "cell_before"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
    [
        RecurrentAttributes.Direction, RecurrentAttributes.BatchFirst, RecurrentAttributes.Activations, RecurrentAttributes.Alphas, RecurrentAttributes.Betas,
        RecurrentAttributes.InputForget, RecurrentAttributes.GateOrder, RecurrentAttributes.ResetAfter,
    ];

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples
    {
        get
        {
            var (gates, saved) = (RecurrentAttributes.GatesOf(_kind), RecurrentAttributes.SavedOf(_kind));
            OperatorSample Sample(long batch, long units, long directions)
            {
                var weights = RealsWithin(-2.0 / units, 2.0 / units, directions, gates * units, units);
                var (kept, sequence, state) = (RealsWithin(0.1, 0.9, batch, 3, directions * saved * units), Reals(batch, 3, directions * units), Reals(directions, batch, units));
                return _kind == RecurrentKind.Lstm
                    ? new(weights, kept, sequence, sequence, state, Integers(0, 4, batch), state, state, state, sequence, Reals(directions, 3 * units))
                    : new(weights, kept, sequence, sequence, state, Integers(0, 4, batch), state);
            }
            var small = Sample(5, 7, 2).With(RecurrentAttributes.Direction, "bidirectional");
            var large = Sample(2, 700, 1);
            return _kind == RecurrentKind.Gru ? [small, small.With(RecurrentAttributes.ResetAfter, true), large, large.With(RecurrentAttributes.ResetAfter, true)] : [small, large];
        }
    }

    internal static string NameOf(RecurrentKind kind) => kind.ToString().ToLowerInvariant() + "_sequence_gradient";

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        RecurrentAttributes.Check(_kind, context, 1);
        var result = context.Input(Result);
        var sizes = SizesOf(context.ShapeOf(Saved), context.Attributes);
        var state = TensorType.Float(sizes.State.AsSpan());
        List<TensorType> outputs = [new(DataType.Float32, sizes.Sequence(sizes.Directions * RecurrentAttributes.GatesOf(_kind) * sizes.Units)), result, state];
        if (_kind == RecurrentKind.Lstm) outputs.Add(state);
        if (_kind == RecurrentKind.Lstm && context.Has(Peephole)) outputs.Add(result);
        return outputs;
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (sizes, gates, parts) = (SizesOf(context.ShapeOf(Saved), context.Attributes), RecurrentAttributes.GatesOf(_kind), RecurrentAttributes.SavedOf(_kind));
        var (units, lstm) = ((int)sizes.Units, _kind == RecurrentKind.Lstm);
        var (weights, saved, result) = (context.Reals(Recurrent), context.Reals(Saved), context.Reals(Result));
        var reversed = RecurrentAttributes.ReversedOf(context.Attributes);
        var lengths = context.Has(Lengths) ? context.Integers(Lengths) : null;
        var upstream = context.Has(ResultGradient) ? context.Reals(ResultGradient) : new double[result.Length];
        double[] State(int index) => context.Has(index) ? context.Reals(index) : new double[sizes.State.ElementCount];
        var (dHidden, hidden) = (State(HiddenGradient), State(Hidden));
        var (dCell, cell, cells) = lstm ? (State(CellGradient), State(Cell), context.Reals(Cells)) : (State(HiddenGradient), [], result);
        var peephole = lstm && context.Has(Peephole) ? context.Reals(Peephole) : [];
        var (gradient, before, cellBefore) = (new double[result.Length * gates], new double[result.Length], new double[result.Length]);
        var host = new HostRecurrent(_kind, context.Attributes, units);
        for (var d = 0; d < sizes.Directions; d++)
        {
            var recurrent = weights.AsSpan(d * gates * units * units, gates * units * units);
            for (var n = 0; n < sizes.Batch; n++)
            {
                var length = lengths is null ? sizes.Steps : Math.Clamp(lengths[n], 0, sizes.Steps);
                var own = (int)(d * sizes.Batch + n) * units;
                for (var s = length - 1; s >= 0; s--)
                {
                    var (place, previous) = (Place(s), s > 0 ? Place(s - 1) : 0);
                    (s > 0 ? result.AsSpan(previous, units) : hidden.AsSpan(own, units)).CopyTo(before.AsSpan(place));
                    if (lstm) (s > 0 ? cells.AsSpan(previous, units) : cell.AsSpan(own, units)).CopyTo(cellBefore.AsSpan(place));
                    for (var j = 0; j < units; j++) dHidden[own + j] += upstream[place + j];
                    host.Backward(saved.AsSpan(place * parts, parts * units), recurrent, peephole.AsSpan(peephole.Length / sizes.Directions * d, peephole.Length / sizes.Directions),
                        before.AsSpan(place, units), cells.AsSpan(place, units), cellBefore.AsSpan(place, units), dHidden.AsSpan(own, units), dCell.AsSpan(own, units), gradient.AsSpan(place * gates, gates * units));
                }

                int Place(long step) => (int)(sizes.Row(n, RecurrentSizes.TimeOf(step, length, (reversed >> d & 1) != 0)) * sizes.Directions + d) * units;
            }
        }
        context.SetReals(0, gradient);
        context.SetReals(1, before);
        context.SetReals(2, dHidden);
        if (lstm) context.SetReals(3, dCell);
        if (context.OutputCount > 4) context.SetReals(4, cellBefore);
    }

    private RecurrentSizes SizesOf(Shape saved, AttributeSet attributes)
    {
        var (directions, first) = (RecurrentAttributes.DirectionsOf(attributes), attributes.Get(RecurrentAttributes.BatchFirst));
        return new(saved[first ? 0 : 1], saved[first ? 1 : 0], directions, saved[2] / (directions * RecurrentAttributes.SavedOf(_kind)), first);
    }
}
