using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Reduction;

/// <summary>Base of the operators that fold all elements along some axes into one.</summary>
public abstract class ReductionOperator : Operator, ILowering, IImportable, IExportable
{
    private readonly string _onnxName;
    private readonly int _axesAreInputSince;
    private readonly bool _takesWhole;

    private protected ReductionOperator(string name, string summary, ReductionKind kind, string onnxName, int axesAreInputSince = 18, bool takesWhole = true)
    {
        Name = name;
        Summary = summary;
        Kind = kind;
        _onnxName = onnxName;
        _axesAreInputSince = axesAreInputSince;
        _takesWhole = takesWhole;
    }

    /// <summary>The axes folded; all when absent, none when empty.</summary>
    public static AttributeDefinition<long[]?> Axes { get; } = new("axes", "The axes folded, negative ones counted from the end; all when absent, none when empty.") { ScalarAllowed = true };

    /// <summary>Whether folded axes stay with size 1.</summary>
    public static AttributeDefinition<bool> KeepDimensions { get; } = new("keep_dims", "Whether folded axes stay with size 1.", false);

    /// <inheritdoc/>
    public sealed override string Name { get; }

    /// <inheritdoc/>
    public sealed override string Summary { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape")];

    /// <inheritdoc/>
    public sealed override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axes, KeepDimensions];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules =>
    [
        ImportRule.Single(_onnxName, 1, node => Import(node, node.Integers("axes"))) with { UntilVersion = _axesAreInputSince - 1 },
        ImportRule.Single(_onnxName, _axesAreInputSince, node => Import(node, node.ConstantIntegers(1, "the axes"))),
    ];

    /// <summary>What is computed.</summary>
    internal ReductionKind Kind { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(3, 5, 67)),
        new OperatorSample(Reals(3, 5, 67)).With(Axes, [2]),
        new OperatorSample(Reals(3, 67, 5)).With(Axes, [1]).With(KeepDimensions, true),
        new OperatorSample(Reals(7, 5, 3)).With(Axes, [0, 2]),
        new OperatorSample(Reals(2, 3001)).With(Axes, [-1]),
        .. _takesWhole ? [new OperatorSample(Integers(-9, 9, 3, 67, 5)).With(Axes, [1])] : (OperatorSample[])[],
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        (string, object) keep = ("keepdims", node.Get(KeepDimensions));
        if (node.Get(Axes) is not { } axes) node.Result(_onnxName, node.Inputs, keep);
        else if (axes.Length == 0) node.Result(_onnxName, node.Inputs, keep, ("noop_with_empty_axes", true));
        else node.Result(_onnxName, [node.Inputs[0], node.Integers(axes)], keep);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        if (!type.DataType.IsFloat() && !_takesWhole) context.RequireFloat(0);
        if (type.DataType == DataType.Bool && Kind is not (ReductionKind.Maximum or ReductionKind.Minimum))
            context.Fail("VKN2160", $"input is {type}, of which only the maximum and the minimum can be taken", "insert a cast");
        return [type with { Shape = FoldedShape(type.Shape, FoldedAxes(context), context.Get(KeepDimensions)) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shape = context.ShapeOf(0);
        var target = Targets(shape, Folded(shape.Rank, context.Get(Axes)));
        var count = checked((int)context.Output(0).Shape.ElementCount);
        if (context.Input(0).DataType.IsFloat()) context.SetReals(0, Fold(context.Reals(0), target, count));
        else context.SetIntegers(0, FoldWhole(context.Integers(0), target, count, context.Output(0).DataType));
    }

    /// <inheritdoc/>
    public bool AcceptsPrologue(Node node) => node.Outputs[0].DataType.IsFloat();

    /// <inheritdoc/>
    /// <remarks>A kernel runs one program. What is computed in front of a reduction is larger than what is computed behind it and comes first.</remarks>
    public bool AcceptsEpilogue(Node node) =>
        node.Outputs[0].DataType.IsFloat() && node.Inputs[0] is { Shape.ElementCount: > 0, Producer: not { Operator: IPointwise } };

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) =>
        operand.DataType == DataType.Float32 && OperandShapes.Classify(node.Outputs[0].Shape, operand.Shape) is OperandShape.Full or OperandShape.Single;

    /// <inheritdoc/>
    public void Lower(LoweringContext context) =>
        ReductionLowering.Lower(context, Kind, Folded(context.Node.Inputs[0]!.Shape.Rank, context.Get(Axes)));

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node)
    {
        var folded = Folded(node.Inputs[0]!.Shape.Rank, node.Get(Axes));
        return Layout.ExtentRules.Along(node, axis => folded[axis] ? null : node.Get(KeepDimensions) ? axis : axis - folded.Take(axis).Count(f => f));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var shape = context.Input(0).Shape;
        var folded = Folded(shape.Rank, context.Node.Get(Axes));
        var kept = new Shape([.. shape.Select((size, axis) => folded[axis] ? 1 : size)]);
        Formula Kept(Value value) => Formula.Of(context, value.Shape == kept ? value
            : context.Builder.Apply("reshape", AttributeSet.Empty.With(Layout.Reshape.Shape, kept.ToArray()).With(Layout.Reshape.AllowZero, true), value));
        var count = 1.0;
        for (var axis = 0; axis < folded.Length; axis++) count *= folded[axis] ? shape[axis] : 1;
        var gradient = Gradient(Kept(context.Upstream), Formula.Of(context, context.Input(0)), Kept(context.Output(0)), count, context.Node.Attributes);
        return [gradient.Shape == shape ? gradient : context.Builder.Apply("expand", AttributeSet.Empty.With(Layout.Expand.Shape, shape.ToArray()), gradient)];
    }

    /// <summary>The gradient of the input, of a shape that broadcasts to the input's.</summary>
    /// <param name="g">Gradient of the output, folded axes kept.</param>
    /// <param name="x">The input.</param>
    /// <param name="y">The output, folded axes kept.</param>
    /// <param name="count">Elements folded into one.</param>
    /// <param name="attributes">The node's attributes.</param>
    private protected abstract Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes);

    /// <summary>Folds reals: element i belongs to result <paramref name="target"/>[i].</summary>
    private protected abstract double[] Fold(double[] values, int[] target, int count);

    /// <summary>Folds whole numbers and truth values.</summary>
    private protected virtual long[] FoldWhole(long[] values, int[] target, int count, DataType type) => throw new NotSupportedException($"{Name} is not defined on whole numbers");

    /// <summary>Marks the folded axes.</summary>
    internal static bool[] Folded(int rank, long[]? axes)
    {
        var folded = new bool[rank];
        if (axes is null) Array.Fill(folded, true);
        else
            foreach (var axis in axes) folded[axis < 0 ? axis + rank : axis] = true;
        return folded;
    }

    /// <summary>The shape left over.</summary>
    internal static Shape FoldedShape(Shape shape, bool[] folded, bool keep)
    {
        var sizes = new List<long>();
        for (var axis = 0; axis < shape.Rank; axis++)
            if (!folded[axis]) sizes.Add(shape[axis]);
            else if (keep) sizes.Add(1);
        return new Shape([.. sizes]);
    }

    // For each input element, the number of the output element it is folded into.
    private static int[] Targets(Shape shape, bool[] folded)
    {
        var strides = new long[shape.Rank];
        long stride = 1;
        for (var axis = shape.Rank - 1; axis >= 0; axis--)
        {
            if (folded[axis]) continue;
            strides[axis] = stride;
            stride *= shape[axis];
        }
        var targets = new int[checked((int)shape.ElementCount)];
        var coordinates = new long[shape.Rank];
        long place = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = (int)place;
            for (var axis = shape.Rank - 1; axis >= 0; axis--)
            {
                place += strides[axis];
                if (++coordinates[axis] < shape[axis]) break;
                place -= strides[axis] * shape[axis];
                coordinates[axis] = 0;
            }
        }
        return targets;
    }

    private static bool[] FoldedAxes(InferenceContext context)
    {
        var rank = context.ShapeOf(0).Rank;
        var axes = context.Get(Axes);
        if (axes is null) return Folded(rank, null);
        var folded = new bool[rank];
        foreach (var axis in axes)
        {
            var index = context.Axis(axis, rank);
            if (folded[index]) context.Fail("VKN2161", $"axis {axis} of {context.Input(0)} is named twice in [{string.Join(", ", axes)}]");
            folded[index] = true;
        }
        return folded;
    }

    // Without axes everything is folded, unless noop_with_empty_axes asks for nothing to be.
    private Value Import(ImportNode node, long[]? axes)
    {
        var attributes = AttributeSet.Empty.With(KeepDimensions, node.Integer("keepdims", 1) != 0);
        if (axes is { Length: > 0 }) attributes = attributes.With(Axes, axes);
        else if (node.Integer("noop_with_empty_axes", 0) != 0) attributes = attributes.With(Axes, []);
        var input = node.Input(0);
        if (_takesWhole || input.DataType.IsFloat()) return node.Emit(Name, attributes, input);
        // ONNX lets logarithms be taken of whole numbers, and rounds them toward zero.
        Value As(DataType type, Value value) => node.Emit("cast", AttributeSet.Empty.With(Pointwise.Cast.To, type.Name()), value);
        return As(input.DataType, node.Emit(Name, attributes, As(DataType.Float32, input)));
    }
}
