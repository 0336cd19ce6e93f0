using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Cuts a tensor along an axis.</summary>
public sealed class Split : Operator, ILowering, IImportable, IExportable
{
    /// <summary>The axis cut.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis cut.", 0);

    /// <summary>The sizes of the parts; equal ones when absent.</summary>
    public static AttributeDefinition<long[]?> Sizes { get; } = new("sizes", "The sizes of the parts along the axis; equal ones when absent.");

    /// <summary>Number of parts, when their sizes are not given; the last part may be smaller.</summary>
    public static AttributeDefinition<long> Parts { get; } = new("parts", "Number of parts, when their sizes are not given; the last one may be smaller.", 2) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "split";

    /// <inheritdoc/>
    public override string Summary => "A tensor cut into parts along an axis.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis, Sizes, Parts];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        new("Split", 1, node => Import(node, node.Integers("split") ?? (node.HasInput(1) ? node.ConstantIntegers(1, "the sizes") : null))) { UntilVersion = 12 },
        new("Split", 13, node => Import(node, node.ConstantIntegers(1, "the sizes"))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(3, 7, 5)).With(Axis, 1).With(Sizes, [2, 0, 5]), new OperatorSample(Reals(7, 3)).With(Parts, 3)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Split", [node.Inputs[0], node.Get(Sizes) is { } sizes ? node.Integers(sizes) : ""],
        node.Get(Sizes) is null ? [("axis", node.Get(Axis)), ("num_outputs", node.Get(Parts))] : [("axis", node.Get(Axis))]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        var axis = context.Axis(context.Get(Axis), type.Shape.Rank);
        // Parts may be empty, so the axis does not bound their number.
        if (context.Get(Sizes) is null && context.Get(Parts) > Limits.MaximumGraphNodes)
            context.Fail("VKN2119", $"{context.Get(Parts)} parts are asked for; at most {Limits.MaximumGraphNodes} are accepted");
        var sizes = PartSizes(type.Shape, context.Attributes);
        if (sizes.Any(size => size < 0) || sizes.Sum() != type.Shape[axis])
            context.Fail("VKN2119", $"parts of sizes [{string.Join(", ", sizes)}] do not make up axis {axis} of {type}", $"the sizes must add up to {type.Shape[axis]}");
        return [.. sizes.Select(size => type with { Shape = type.Shape.With(axis, size) })];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        for (var i = 0; i < context.OutputCount; i++)
            context.Move(i, 0, context.Output(i).Shape.ElementCount == 0 ? [] : Region(context.ShapeOf(0), context.Attributes, i).SourceElements());
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => base.Cost(node) with { Flops = 0 };

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile)
    {
        var shape = node.Inputs[0]!.Shape;
        if (shape.Rank < 3) return LayoutChoice.Dense;
        var onTexels = AxisOf(shape, node.Attributes) != 1 || PartSizes(shape, node.Attributes).SkipLast(1).All(s => s % 4 == 0);
        return onTexels ? LayoutChoice.Either : LayoutChoice.Dense;
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var input = context.Input(0);
        for (var i = 0; i < context.Node.Outputs.Count; i++)
        {
            if (context.Node.Outputs[i].Shape.ElementCount == 0) continue;
            var region = (input.Layout == Graphs.Layout.ChannelsLast ? ChannelsLastReading(input, context.Node, i) : Region(input.Shape, context.Node.Attributes, i)).Merge();
            if (region.IsContiguousInSource && region.SourceOffset * DeviceTensor.ElementBytes % context.Profile.BufferAlignment == 0)
                context.Alias(i, input, region.SourceOffset * DeviceTensor.ElementBytes);
            else StridedCopy.Run(context, input, context.Output(i), region);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var parts = context.OutputGradients.Select((g, i) => g ?? context.Builder.Apply("fill",
            AttributeSet.Empty.With(Fill.Shape, context.Output(i).Shape.ToArray()).With(Fill.Type, context.Output(i).DataType.Name()))).ToArray();
        return [context.Builder.Apply("concat", AttributeSet.Empty.With(Concat.Axis, context.Node.Get(Axis)), parts)];
    }

    private static StridedRegion Region(Shape input, AttributeSet attributes, int part)
    {
        var axis = AxisOf(input, attributes);
        var (sizes, strides) = (PartSizes(input, attributes), input.Strides());
        return StridedRegion.FillingTarget([.. input.With(axis, sizes[part])], sizes.Take(part).Sum() * strides[axis], strides);
    }

    private static StridedRegion ChannelsLastReading(DeviceTensor input, Node node, int part)
    {
        var start = new long[input.Shape.Rank];
        start[AxisOf(input.Shape, node.Attributes)] = PartSizes(input.Shape, node.Attributes).Take(part).Sum();
        return StridedRegion.FillingTarget(ChannelsLastRegion.Sizes(node.Outputs[part].Shape), ChannelsLastRegion.ElementAt(input, start), ChannelsLastRegion.Strides(input));
    }

    private static int AxisOf(Shape shape, AttributeSet attributes) => (int)(attributes.Get(Axis) < 0 ? attributes.Get(Axis) + shape.Rank : attributes.Get(Axis));

    private static long[] PartSizes(Shape shape, AttributeSet attributes)
    {
        if (attributes.Get(Sizes) is { } sizes) return sizes;
        var (size, parts) = (shape[AxisOf(shape, attributes)], attributes.Get(Parts));
        var part = (size + parts - 1) / parts;
        return [.. Enumerable.Range(0, (int)parts).Select(i => Math.Clamp(size - i * part, 0, part))];
    }

    private static IReadOnlyList<Value> Import(ImportNode node, long[]? sizes) => node.EmitAll("split",
        AttributeSet.Empty.With(Axis, node.Integer("axis", 0)).With(Sizes, sizes).With(Parts, node.Integer("num_outputs", node.OutputNames.Count)), node.Input(0));
}
