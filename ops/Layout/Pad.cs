using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise.Lowering;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Adds elements around a tensor, or takes some away where a number is negative.</summary>
public sealed class Pad : Operator, ILowering, IImportable, IExportable
{
    private const int GroupSize = 256;
    private const int MaximumAxes = 8;
    private static readonly string[] Modes = ["constant", "reflect", "edge", "wrap"];

    /// <summary>Elements added before each axis, then those behind each.</summary>
    public static AttributeDefinition<long[]> Pads { get; } = new("pads", "Elements added before each axis, then those behind each; negative ones are taken away.", required: true);

    /// <summary>The axes meant; all when absent.</summary>
    public static AttributeDefinition<long[]?> Axes { get; } = new("axes", "The axes meant; all when absent.");

    /// <summary>What is added.</summary>
    public static AttributeDefinition<string> Mode { get; } = new("mode", "What is added: constant, reflect (mirrored at the edge element), edge (the edge element) or wrap (from the other side).", "constant") { Choices = Modes };

    /// <summary>The constant added.</summary>
    public static AttributeDefinition<double> Value { get; } = new("value", "The constant added, unless it is given as an input.", 0.0);

    /// <inheritdoc/>
    public override string Name => "pad";

    /// <inheritdoc/>
    public override string Summary => "A tensor with elements added around it or taken away.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape"), new("fill", "the constant added: one element of the input's type") { Optional = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Pads, Axes, Mode, Value];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Pad", 1, node => node.Emit("pad", Basics(node, node.Integers("pads") ?? node.Integers("paddings") ?? []).With(Value, node.Real("value", 0)), node.Input(0))) with { UntilVersion = 10 },
        ImportRule.Single("Pad", 11, node => node.Emit("pad", Basics(node, node.ConstantIntegers(1, "the pads")!).With(Axes, node.ConstantIntegers(3, "the axes")), node.Input(0), node.HasInput(2) ? node.Input(2) : null)),
        ImportRule.Single("CenterCropPad", 18, ImportCentered),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 5, 7)).With(Pads, [0, 1, 2, 1, 0, 3]).With(Value, 1.5),
        .. Modes.Skip(1).Select(mode => new OperatorSample(Reals(2, 5, 7)).With(Pads, [0, 1, 2, 0, 3, -1]).With(Mode, mode)),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Pad",
        [node.Inputs[0], node.Integers(node.Get(Pads)!), node.Has(1) ? node.Inputs[1] : node.Scalar(node.Get(Value), node.TypeOf(0).DataType), node.Get(Axes) is { } axes ? node.Integers(axes) : ""],
        ("mode", node.Get(Mode)!));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        var (pads, axes) = (context.Get(Pads)!, context.Get(Axes));
        var count = axes?.Length ?? type.Shape.Rank;
        if (pads.Length != 2 * count) context.Fail("VKN2129", $"there are {pads.Length} pads for {count} axes of {type}", "give one number before and one behind each axis: all before first, then all behind");
        if (axes is not null && axes.Select(a => context.Axis(a, type.Shape.Rank)).Distinct().Count() != count) context.Fail("VKN2114", $"an axis is named twice in [{string.Join(", ", axes)}]");
        if (context.Has(1) && (context.Input(1).DataType != type.DataType || context.ShapeOf(1).ElementCount != 1)) context.Fail("VKN2121", $"the constant is {context.Input(1)}, but one element of {type.DataType.Name()} is needed");
        var (before, after) = Around(type.Shape.Rank, context.Attributes);
        var sizes = new long[type.Shape.Rank];
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            sizes[axis] = checked(type.Shape[axis] + before[axis] + after[axis]);
            if (sizes[axis] < 0) context.Fail("VKN2129", $"taking away {-before[axis] - after[axis]} of axis {axis} of {type} leaves a negative size");
            if (type.Shape[axis] == 0 && sizes[axis] > 0 && context.Get(Mode) != "constant") context.Fail("VKN2129", $"axis {axis} of {type} is empty, so there is nothing to {context.Get(Mode)}");
        }
        return [type with { Shape = new Shape(sizes) }];
    }

    /// <inheritdoc/>
    public override int? PassesThrough(Node node) => node.Get(Pads)!.All(p => p == 0) ? 0 : null;

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (input, output) = (context.ShapeOf(0), context.Output(0).Shape);
        var (before, _) = Around(input.Rank, context.Attributes);
        var (strides, mode) = (input.Strides(), context.Get(Mode)!);
        var source = new long[output.ElementCount];
        var outputStrides = output.Strides();
        for (var i = 0L; i < source.Length; i++)
        {
            long place = 0;
            for (var axis = 0; axis < output.Rank && place >= 0; axis++)
            {
                var x = Mapped(i / outputStrides[axis] % output[axis] - before[axis], input[axis], mode);
                place = x < 0 ? -1 : place + x * strides[axis];
            }
            source[i] = place;
        }
        if (context.Input(0).DataType.IsFloat())
        {
            var (values, fill) = (context.Reals(0), context.Has(1) ? context.Reals(1)[0] : context.Get(Value));
            context.SetReals(0, Array.ConvertAll(source, s => s < 0 ? fill : values[s]));
        }
        else
        {
            var (values, fill) = (context.Integers(0), context.Has(1) ? context.Integers(1)[0] : (long)context.Get(Value));
            context.SetIntegers(0, Array.ConvertAll(source, s => s < 0 ? fill : values[s]));
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var axes = MergeUnpadded(input.Shape, output.Shape, Around(input.Shape.Rank, context.Node.Attributes).Before);
        if (output.Shape.ElementCount > int.MaxValue / 2 || axes.Count > MaximumAxes)
            throw new VkNetException("VKN4213", $"pad '{context.Node.Name}': {output.Type} has too many elements or padded axes for a kernel", null, context.Node.Location, ErrorKind.Device);
        var vectors = axes[0].Before == 0 && axes[0].Source == axes[0].Target && axes[0].Source % 4 == 0;
        var type = input.Type.DataType;
        var parameters = new LayoutPad.Parameters
        {
            Count = (int)output.Shape.ElementCount,
            Fill = type.IsFloat() ? BitConverter.SingleToUInt32Bits((float)context.Get(Value)) : unchecked((uint)(int)context.Get(Value)),
        };
        long stride = 1;
        for (var i = 0; i < axes.Count; i++)
        {
            var size = axes[i].Target / (vectors && i == 0 ? 4 : 1);
            parameters.Size[i] = (int)size;
            (parameters.Multiplier[i], parameters.Shift[i]) = FastDivisor.Of(size);
            parameters.SourceSize[i] = (int)axes[i].Source;
            parameters.Before[i] = checked((int)axes[i].Before);
            parameters.SourceStride[i] = (int)stride;
            stride *= axes[i].Source;
        }
        context.Dispatch(context.Choose(LayoutPad.Family.Variants, input)).Parameters(parameters)
            .Constant(LayoutPad.Constants.Axes, axes.Count)
            .Constant(LayoutPad.Constants.Vectors, vectors ? 1 : 0)
            .Constant(LayoutPad.Constants.Mode, Array.IndexOf(Modes, context.Get(Mode)))
            .Constant(LayoutPad.Constants.FillFromTensor, context.Has(1) ? 1 : 0)
            .Bind(LayoutPad.Bindings.Source, input)
            .Bind(LayoutPad.Bindings.Fill, context.Has(1) ? context.Input(1) : input)
            .Bind(LayoutPad.Bindings.Target, output)
            .Cost(0, (double)input.Bytes + output.Bytes)
            .RunLinear((output.Shape.ElementCount + 3) / 4, GroupSize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        if (context.Node.Get(Mode) != "constant")
            throw new VkNetException("VKN5001", $"pad '{context.Node.Name}' has no gradient rule in mode {context.Node.Get(Mode)}", "pad with a constant", context.Node.Location);
        var (before, after) = Around(context.Input(0).Shape.Rank, context.Node.Attributes);
        var back = AttributeSet.Empty.With(Pads, [.. before.Concat(after).Select(p => -p)]);
        return
        [
            context.Needed[0] ? context.Builder.Apply("pad", back, context.Upstream) : null,
            context.Node.Inputs.Count > 1 && context.Needed[1] ? FillGradient(context, before, after) : null,
        ];
    }

    // The constant gets what does not flow to the input.
    private static Value FillGradient(GradientContext context, long[] before, long[] after)
    {
        var inside = context.Builder.Apply("pad", AttributeSet.Empty.With(Pads, [.. before.Concat(after).Select(p => -p)]), context.Upstream);
        var back = context.Builder.Apply("pad", AttributeSet.Empty.With(Pads, [.. before.Concat(after)]), inside);
        var sum = context.Builder.Apply("reduce_sum", null, context.Builder.Apply("sub", null, context.Upstream, back));
        return context.Input(1).Shape.Rank == 0 ? sum : context.Builder.Apply("reshape", AttributeSet.Empty.With(Reshape.Shape, context.Input(1).Shape.ToArray()), sum);
    }

    /// <summary>
    /// Zeros that a node puts around the spatial axes of [N, C, spatial...], first before each axis, then behind each; null when it does anything else.
    /// </summary>
    internal static long[]? SpatialZeros(Node node)
    {
        if (node.Operator is not Pad || node.Get(Mode) != "constant" || node.Inputs[0] is not { DataType: DataType.Float32, Shape.Rank: > 2 } input) return null;
        var value = node.OperatorInputCount > 1 && node.Inputs[1] is { } fill ? fill.Constant is { } known ? ElementConversion.LoadReals(known)[0] : double.NaN : node.Get(Value);
        var (before, after) = Around(input.Shape.Rank, node.Attributes);
        if (value != 0 || before[..2].Concat(after[..2]).Any(p => p != 0) || before.Concat(after).Any(p => p < 0)) return null;
        return [.. before[2..], .. after[2..]];
    }

    private static (long[] Before, long[] After) Around(int rank, AttributeSet attributes)
    {
        var (pads, axes) = (attributes.Get(Pads)!, attributes.Get(Axes));
        var (before, after) = (new long[rank], new long[rank]);
        var count = pads.Length / 2;
        for (var i = 0; i < count; i++)
        {
            var axis = (int)(axes?[i] ?? i);
            if (axis < 0) axis += rank;
            (before[axis], after[axis]) = (pads[i], pads[count + i]);
        }
        return (before, after);
    }

    // Axes innermost first; neighbours that are not padded are one, and an axis joins those within it that are not padded.
    private static List<(long Source, long Target, long Before)> MergeUnpadded(Shape input, Shape output, long[] before)
    {
        var axes = new List<(long Source, long Target, long Before)>();
        for (var axis = input.Rank - 1; axis >= 0; axis--)
        {
            var plain = input[axis] == output[axis] && before[axis] == 0;
            if (plain && axes.Count > 0 && axes[^1].Source == axes[^1].Target && axes[^1].Before == 0) axes[^1] = (axes[^1].Source * input[axis], axes[^1].Target * output[axis], 0);
            else if (!plain || input[axis] != 1) axes.Add((input[axis], output[axis], before[axis]));
        }
        if (axes.Count == 0) axes.Add((1, 1, 0));
        return axes;
    }

    private static long Mapped(long x, long size, string mode)
    {
        if (x >= 0 && x < size) return x;
        switch (mode)
        {
            case "edge": return Math.Clamp(x, 0, size - 1);
            case "wrap": return (x % size + size) % size;
            case "reflect":
                if (size == 1) return 0;
                var period = 2 * size - 2;
                var turn = (x % period + period) % period;
                return turn < size ? turn : period - turn;
            default: return -1;
        }
    }

    // Half of what is missing (rounded down) goes to the front; of what is too much, half (rounded down) is cut there.
    private static Value ImportCentered(ImportNode node)
    {
        var (shape, wanted) = (node.Input(0).Shape, node.ConstantIntegers(1, "the shape")!);
        var axes = node.Integers("axes") ?? [.. Enumerable.Range(0, shape.Rank).Select(a => (long)a)];
        if (axes.Length != wanted.Length || axes.Any(a => a < -shape.Rank || a >= shape.Rank))
            node.Fail("VKN3303", $"{wanted.Length} sizes are given for the axes [{string.Join(", ", axes)}] of {shape}");
        var missing = wanted.Select((size, i) => size - shape[(int)axes[i]]).ToArray();
        var before = missing.Select(m => m >= 0 ? m / 2 : -(-m / 2));
        var behind = missing.Select(m => m - (m >= 0 ? m / 2 : -(-m / 2)));
        return node.Emit("pad", AttributeSet.Empty.With(Pads, [.. before, .. behind]).With(Axes, axes), node.Input(0));
    }

    private static AttributeSet Basics(ImportNode node, long[] pads) => AttributeSet.Empty.With(Pads, pads).With(Mode, node.Text("mode", "constant"));
}
