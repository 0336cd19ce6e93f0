using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Layout;
using VkNet.Operators.Reduction;
using VkNet.Tensors;
using VkNet.Training;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Recurrent;

/// <summary>
/// The part of a recurrent layer that cannot be done for all steps at once: from the inputs already multiplied by their weights, step by
/// step, the states. In the gradient (back-propagation through time) the steps give what entered the gates its gradient, and the weights'
/// gradients are matrix products over all steps and sequences at once.
/// </summary>
public sealed partial class RecurrentSequence : Operator, ITrainingMode
{
    // Inputs. The last two of an lstm and the last of a gru take the same places.
    private const int Recurrent = 1, Lengths = 2, Hidden = 3, Cell = 4, Peephole = 5, ResetBias = 4;

    private readonly RecurrentKind _kind;

    /// <summary>Makes the operator.</summary>
    public RecurrentSequence(RecurrentKind kind)
    {
        _kind = kind;
        List<OperandDefinition> inputs =
        [
            new("input", "[N, T, D G H] or [T, N, D G H]: the inputs times their weights, biases added"),
            new("recurrent", "[D, G H, H]"),
            new("lengths", "[N] whole numbers") { Optional = true },
            new("initial_hidden", "[D, N, H]") { Optional = true },
        ];
        if (kind == RecurrentKind.Lstm) inputs.AddRange([new("initial_cell", "[D, N, H]") { Optional = true }, new("peephole", "[D, 3 H]: of the input, output and forget gate") { Optional = true }]);
        if (kind == RecurrentKind.Gru) inputs.Add(new("reset_bias", "[D, H]: added to the product on which the reset gate acts") { Optional = true });
        Inputs = inputs;
    }

    /// <summary>Whether what the gradient needs is kept as further outputs.</summary>
    public static AttributeDefinition<bool> Save { get; } = new("save", "Whether what the gradient needs is kept as further outputs.", false);

    /// <inheritdoc/>
    public override string Name => NameOf(_kind);

    /// <inheritdoc/>
    public override string Summary => $"The steps of {_kind.ToString().ToLowerInvariant()}, from inputs that are already multiplied by their weights.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => _kind == RecurrentKind.Lstm ? ["output", "hidden", "cell", "saved", "cells"] : ["output", "hidden", "saved"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
    [
        RecurrentAttributes.Direction, RecurrentAttributes.BatchFirst, RecurrentAttributes.Activations, RecurrentAttributes.Alphas, RecurrentAttributes.Betas,
        RecurrentAttributes.Clip, RecurrentAttributes.InputForget, RecurrentAttributes.GateOrder, RecurrentAttributes.ResetAfter, Save,
    ];

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples
    {
        get
        {
            var gates = RecurrentAttributes.GatesOf(_kind);
            OperatorSample Sample(long batch, long units) => new(RealsWithin(-1, 1, batch, 5, 2 * gates * units), RealsWithin(-0.5, 0.5, 2, gates * units, units), Integers(0, 6, batch), Reals(2, batch, units));
            var small = Sample(5, 7).With(RecurrentAttributes.Direction, "bidirectional").With(Save, true);
            var large = new OperatorSample(RealsWithin(-1, 1, 2, 3, gates * 700), RealsWithin(-0.05, 0.05, 1, gates * 700, 700)).With(RecurrentAttributes.BatchFirst, false) with { Absolute = 1e-4 };
            return _kind == RecurrentKind.Gru ? [small, small.With(RecurrentAttributes.ResetAfter, true), large, large.With(RecurrentAttributes.ResetAfter, true)] : [small, large];
        }
    }

    internal static string NameOf(RecurrentKind kind) => kind.ToString().ToLowerInvariant() + "_sequence";

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        context.RequireFloat(0);
        var input = context.RequireRank(0, 3);
        RecurrentAttributes.Check(_kind, context, 1);
        var gates = RecurrentAttributes.GatesOf(_kind);
        var sizes = RecurrentSizes.Of(input, _kind, context.Attributes);
        Require(Recurrent, [sizes.Directions, gates * sizes.Units, sizes.Units]);
        if (input[2] != sizes.Directions * gates * sizes.Units) context.Fail("VKN2724", $"the inputs {input} do not divide into {sizes.Directions} x {gates} gates");
        Require(Lengths, [sizes.Batch]);
        Require(Hidden, sizes.State);
        if (_kind == RecurrentKind.Lstm) Require(Cell, sizes.State);
        if (_kind == RecurrentKind.Lstm) Require(Peephole, [sizes.Directions, 3 * sizes.Units]);
        if (_kind == RecurrentKind.Gru) Require(ResetBias, [sizes.Directions, sizes.Units]);
        if (_kind == RecurrentKind.Gru && context.Has(ResetBias) && !context.Get(RecurrentAttributes.ResetAfter)) context.Fail("VKN2730", "a reset bias is given, but the reset gate acts on the state", "add the bias to the inputs");
        var states = TensorType.Float(sizes.State.AsSpan());
        List<TensorType> outputs = [new(DataType.Float32, sizes.Sequence(sizes.Directions * sizes.Units)), states];
        if (_kind == RecurrentKind.Lstm) outputs.Add(states);
        if (!context.Get(Save)) return outputs;
        outputs.Add(new(DataType.Float32, sizes.Sequence(sizes.Directions * RecurrentAttributes.SavedOf(_kind) * sizes.Units)));
        if (_kind == RecurrentKind.Lstm) outputs.Add(outputs[0]);
        return outputs;

        void Require(int index, Shape shape)
        {
            if (context.Has(index) && context.ShapeOf(index) != shape)
                context.Fail("VKN2725", $"'{Inputs[index].Name}' has shape {context.ShapeOf(index)}, but {shape} is needed for {sizes.Directions} direction{(sizes.Directions > 1 ? "s" : "")} of {sizes.Units} units", Inputs[index].Summary);
        }
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (sizes, gates, parts) = (RecurrentSizes.Of(context.ShapeOf(0), _kind, context.Attributes), RecurrentAttributes.GatesOf(_kind), RecurrentAttributes.SavedOf(_kind));
        var (units, lstm) = ((int)sizes.Units, _kind == RecurrentKind.Lstm);
        var (x, weights, reversed) = (context.Reals(0), context.Reals(Recurrent), RecurrentAttributes.ReversedOf(context.Attributes));
        var lengths = context.Has(Lengths) ? context.Integers(Lengths) : null;
        var peephole = lstm && context.Has(Peephole) ? context.Reals(Peephole) : [];
        var resetBias = _kind == RecurrentKind.Gru && context.Has(ResetBias) ? context.Reals(ResetBias) : [];
        var hidden = context.Has(Hidden) ? context.Reals(Hidden) : new double[sizes.State.ElementCount];
        var cell = lstm && context.Has(Cell) ? context.Reals(Cell) : new double[sizes.State.ElementCount];
        var result = new double[context.Output(0).Shape.ElementCount];
        var saved = new double[result.Length * parts];
        var cells = new double[result.Length];
        var host = new HostRecurrent(_kind, context.Attributes, units);
        for (var d = 0; d < sizes.Directions; d++)
        {
            var recurrent = weights.AsSpan(d * gates * units * units, gates * units * units);
            for (var n = 0; n < sizes.Batch; n++)
            {
                var length = lengths is null ? sizes.Steps : Math.Clamp(lengths[n], 0, sizes.Steps);
                var h = hidden.AsSpan((int)(d * sizes.Batch + n) * units, units);
                var c = cell.AsSpan((int)(d * sizes.Batch + n) * units, units);
                for (var s = 0L; s < length; s++)
                {
                    var place = (int)(sizes.Row(n, RecurrentSizes.TimeOf(s, length, (reversed >> d & 1) != 0)) * sizes.Directions + d) * units;
                    host.Forward(x.AsSpan(place * gates, gates * units), recurrent, Part(peephole, d), Part(resetBias, d), h, c, saved.AsSpan(place * parts, parts * units));
                    h.CopyTo(result.AsSpan(place));
                    c.CopyTo(cells.AsSpan(place));
                }
            }
        }
        context.SetReals(0, result);
        context.SetReals(1, hidden);
        if (lstm) context.SetReals(2, cell);
        if (!context.Get(Save)) return;
        context.SetReals(lstm ? 3 : 2, saved);
        if (lstm) context.SetReals(4, cells);

        ReadOnlySpan<double> Part(double[] values, int direction) => values.AsSpan(values.Length / sizes.Directions * direction, values.Length / sizes.Directions);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Value> BuildTraining(TrainingModeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Builder.Add(this, context.Node.Attributes.With(Save, true), context.Inputs, context.Node.Name, context.Node.Location);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (builder, node, lstm) = (context.Builder, context.Node, _kind == RecurrentKind.Lstm);
        // What is saved is for the gradient alone; the slope at a clip is not known from it.
        if (node.Get(RecurrentAttributes.Clip) > 0 || context.OutputGradients.Skip(lstm ? 3 : 2).Any(g => g is not null)) return base.Differentiate(context);
        var attributes = node.Attributes.With(Save, true);
        // A graph that was not built for training has not kept what is needed: it is computed once more.
        var outputs = node.Get(Save) ? node.Outputs : builder.Add(this, attributes, node.Inputs);
        var (saved, cells) = (outputs[lstm ? 3 : 2], lstm ? outputs[4] : null);
        Value? Input(int index) => index < node.Inputs.Count ? node.Inputs[index] : null;
        var gradients = builder.Add(builder.Registry.Get(RecurrentGradient.NameOf(_kind)), node.Attributes,
        [
            Input(Recurrent), saved, outputs[0], context.OutputGradients[0], context.OutputGradients[1], Input(Lengths), Input(Hidden),
            .. lstm ? new[] { context.OutputGradients[2], Input(Cell), cells, Input(Peephole) } : [],
        ]);
        var sizes = RecurrentSizes.Of(node.Inputs[0]!.Shape, _kind, node.Attributes);
        var (units, rows, gates) = (sizes.Units, sizes.Batch * sizes.Steps, RecurrentAttributes.GatesOf(_kind));
        var result = new Value?[node.OperatorInputCount];
        result[0] = gradients[0];
        if (result.Length > Hidden) result[Hidden] = gradients[2];
        if (lstm && result.Length > Cell) result[Cell] = gradients[3];
        List<Value> recurrent = [], peephole = [], resetBias = [];
        for (var d = 0; d < sizes.Directions; d++)
        {
            var (entering, before) = (Part(gradients[0], d, gates), Part(gradients[1], d, 1));
            if (_kind != RecurrentKind.Gru) recurrent.Add(Product(entering, before));
            else
            {
                var (others, candidate, kept) = (Columns(entering, 0, 2), Columns(entering, 2, 3), Part(saved, d, 4));
                var after = node.Get(RecurrentAttributes.ResetAfter);
                if (after) candidate = builder.Apply("mul", null, candidate, Columns(kept, 1, 2));
                recurrent.Add(builder.Apply("concat", AttributeSet.Empty.With(Concat.Axis, 0), Product(others, before), Product(candidate, after ? before : Columns(kept, 3, 4))));
                resetBias.Add(Sum(candidate));
            }
            if (!lstm || result.Length <= Peephole || node.Inputs[Peephole] is null) continue;
            var order = RecurrentAttributes.GatesInOrder(node.Attributes);
            var (cellBefore, cell) = (Part(gradients[4], d, 1), Part(cells!, d, 1));
            Value Hole(int gate, Value seen) => Sum(builder.Apply("mul", null, Columns(entering, order[gate], order[gate] + 1), seen));
            peephole.Add(builder.Apply("concat", AttributeSet.Empty.With(Concat.Axis, 0), Hole(0, cellBefore), Hole(1, cell), Hole(2, cellBefore)));
        }
        result[Recurrent] = Stack(recurrent, gates * units, units);
        if (peephole.Count > 0) result[Peephole] = Stack(peephole, 3 * units);
        if (_kind == RecurrentKind.Gru && result.Length > ResetBias && node.Inputs[ResetBias] is not null) result[ResetBias] = Stack(resetBias, units);
        return result;

        // Of a sequence, the numbers of one direction, as a matrix.
        Value Part(Value sequence, int direction, int parts)
        {
            var matrix = Views.To(builder, sequence, [rows, sizes.Directions * parts * units]);
            return sizes.Directions == 1 ? matrix : Slice(matrix, direction * parts * units, (direction + 1) * parts * units);
        }

        Value Columns(Value matrix, int first, int last) => Slice(matrix, first * units, last * units);
        Value Slice(Value matrix, long start, long end) => builder.Apply("slice", AttributeSet.Empty.With(Layout.Slice.Starts, [start]).With(Layout.Slice.Ends, [end]).With(Layout.Slice.Axes, [1]), matrix);
        Value Product(Value left, Value right) => builder.Apply("matmul", AttributeSet.Empty.With(MatMul.TransposeA, true), left, right);
        Value Sum(Value matrix) => builder.Apply("reduce_sum", AttributeSet.Empty.With(ReductionOperator.Axes, [0]), matrix);
        Value Stack(List<Value> parts, params long[] sizesOfOne)
        {
            var stacked = parts.Select(p => Views.To(builder, p, new Shape([1, .. sizesOfOne]))).ToArray();
            return stacked.Length == 1 ? stacked[0] : builder.Apply("concat", AttributeSet.Empty.With(Concat.Axis, 0), stacked);
        }
    }
}
