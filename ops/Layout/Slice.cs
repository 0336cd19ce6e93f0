using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>A part of a tensor: from a start to before an end along some axes, with steps of either sign, as Python slices.</summary>
public sealed class Slice() : MovementOperator("slice", "A part of a tensor: along each axis from start to before end in steps, as Python slices.")
{
    /// <summary>First index along each axis; negative ones count from the end.</summary>
    public static AttributeDefinition<long[]> Starts { get; } = new("starts", "First index along each axis; negative ones count from the end.", required: true) { ScalarAllowed = true };

    /// <summary>Index before which it ends; beyond the axis means to its end.</summary>
    public static AttributeDefinition<long[]> Ends { get; } = new("ends", "Index before which it ends; beyond the axis means to its end.", required: true) { ScalarAllowed = true };

    /// <summary>The axes meant; the first ones when absent.</summary>
    public static AttributeDefinition<long[]?> Axes { get; } = new("axes", "The axes meant; the first ones when absent.") { ScalarAllowed = true };

    /// <summary>Steps, not zero; 1 when absent.</summary>
    public static AttributeDefinition<long[]?> Steps { get; } = new("steps", "Steps, not zero; 1 when absent. Negative ones go backward.") { ScalarAllowed = true };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Starts, Ends, Axes, Steps];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Slice", 1, node => node.Emit("slice", AttributeSet.Empty.With(Starts, node.Integers("starts") ?? []).With(Ends, node.Integers("ends") ?? []).With(Axes, node.Integers("axes")), node.Input(0))) with { UntilVersion = 9 },
        ImportRule.Single("Slice", 10, node => node.Emit("slice", AttributeSet.Empty.With(Starts, node.ConstantIntegers(1, "the starts")!).With(Ends, node.ConstantIntegers(2, "the ends")!)
            .With(Axes, node.ConstantIntegers(3, "the axes")).With(Steps, node.ConstantIntegers(4, "the steps")), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(7, 9, 5)).With(Starts, [1, -1]).With(Ends, [6, 0]).With(Steps, [2, -3])];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Slice",
        [node.Inputs[0], node.Integers(node.Get(Starts)!), node.Integers(node.Get(Ends)!), node.Get(Axes) is { } axes ? node.Integers(axes) : "", node.Get(Steps) is { } steps ? node.Integers(steps) : ""]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        var (starts, ends) = (context.Get(Starts)!, context.Get(Ends)!);
        var (axes, steps) = (context.Get(Axes), context.Get(Steps));
        if (ends.Length != starts.Length || (axes ?? starts).Length != starts.Length || (steps ?? starts).Length != starts.Length)
            context.Fail("VKN2116", $"starts [{string.Join(", ", starts)}], ends [{string.Join(", ", ends)}], axes [{string.Join(", ", axes ?? [])}] and steps [{string.Join(", ", steps ?? [])}] are of different lengths");
        if (starts.Length > type.Shape.Rank) context.Fail("VKN2116", $"{starts.Length} axes are sliced, but {type} has {type.Shape.Rank}");
        if (steps is not null && steps.Contains(0)) context.Fail("VKN2117", "a step is 0", "steps go forward or backward");
        if (axes is not null && axes.Select(a => context.Axis(a, type.Shape.Rank)).Distinct().Count() != axes.Length) context.Fail("VKN2114", $"an axis is named twice in [{string.Join(", ", axes)}]");
        return [type with { Shape = new Shape([.. Ranges(type.Shape, context.Attributes).Select(r => r.Count)]) }];
    }

    /// <inheritdoc/>
    public override int? PassesThrough(Node node) => Ranges(node.Inputs[0]!.Shape, node.Attributes).All(r => r is { Start: 0, Step: 1 }) && node.Inputs[0]!.Shape == node.Outputs[0].Shape ? 0 : null;

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node) => ExtentRules.Along(node, axis =>
        Touches(node, axis) ? null : axis);

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var shape = context.Input(0).Shape;
        var ranges = Ranges(shape, context.Node.Attributes);
        var attributes = AttributeSet.Empty.With(PutSlice.Shape, shape.ToArray()).With(PutSlice.Starts, [.. ranges.Select(r => r.Start)]).With(PutSlice.Steps, [.. ranges.Select(r => r.Step)]);
        return [context.Builder.Apply("put_slice", attributes, context.Upstream)];
    }

    /// <inheritdoc/>
    public override LayoutChoice Layouts(Node node, DeviceProfile profile)
    {
        var shape = node.Inputs[0]!.Shape;
        return shape.Rank > 2 && Ranges(shape, node.Attributes)[1] is var channels && ChannelsLastRegion.IsOnTexels(shape[1], channels.Start, channels.Step, channels.Count) ? LayoutChoice.Either : LayoutChoice.Dense;
    }

    private protected override StridedRegion ChannelsLastReading(DeviceTensor input, AttributeSet attributes)
    {
        var ranges = Ranges(input.Shape, attributes);
        var strides = ChannelsLastRegion.Strides(input);
        var steps = ChannelsLastRegion.Order([.. ranges.Select(r => r.Step)]);
        return StridedRegion.FillingTarget(ChannelsLastRegion.Sizes([.. ranges.Select(r => r.Count)]), ChannelsLastRegion.ElementAt(input, [.. ranges.Select(r => r.Start)]), [.. strides.Select((s, axis) => s * steps[axis])]);
    }

    private protected override StridedRegion Region(Shape input, AttributeSet attributes)
    {
        var (ranges, strides) = (Ranges(input, attributes), input.Strides());
        return StridedRegion.FillingTarget([.. ranges.Select(r => r.Count)], ranges.Select((r, axis) => r.Start * strides[axis]).Sum(), [.. ranges.Select((r, axis) => r.Step * strides[axis])]);
    }

    private static bool Touches(Node node, int axis)
    {
        var rank = node.Inputs[0]!.Shape.Rank;
        return Enumerable.Range(0, node.Get(Starts)!.Length).Any(i => (int)((node.Get(Axes)?[i] ?? i) + rank) % rank == axis);
    }

    // For each axis its first index, step and number of indices.
    private static (long Start, long Step, long Count)[] Ranges(Shape shape, AttributeSet attributes)
    {
        var ranges = shape.Select(size => (Start: 0L, Step: 1L, Count: size)).ToArray();
        var (starts, ends, axes, steps) = (attributes.Get(Starts)!, attributes.Get(Ends)!, attributes.Get(Axes), attributes.Get(Steps));
        for (var i = 0; i < starts.Length; i++)
        {
            var axis = (int)(axes?[i] ?? i);
            if (axis < 0) axis += shape.Rank;
            var (size, step) = (shape[axis], steps?[i] ?? 1);
            // Python's rule: negative indices count from the end, and what lies outside is cut to the axis.
            var (low, high) = step > 0 ? (0L, size) : (-1L, size - 1);
            var start = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], low, high);
            var end = Math.Clamp(ends[i] < 0 ? ends[i] + size : ends[i], low, high);
            var count = step > 0 ? Divide(end - start, step) : step == long.MinValue ? (start > end ? 1 : 0) : Divide(start - end, -step);
            ranges[axis] = (count == 0 ? 0 : start, step, count);
        }
        return ranges;

        static long Divide(long span, long step) => span <= 0 ? 0 : (span - 1) / step + 1;
    }
}
