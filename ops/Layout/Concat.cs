using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Joins tensors along an axis.</summary>
public sealed class Concat : Operator, ILowering, IJoining, IImportable, IExportable
{
    /// <summary>The axis along which they are joined.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis along which the inputs are joined.", 1);

    /// <inheritdoc/>
    public override string Name => "concat";

    /// <inheritdoc/>
    public override string Summary => "Tensors joined along an axis; their other sizes are equal.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("inputs", "of one type; equal in all sizes but one") { Variadic = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Concat", 1, node => node.Emit("concat", AttributeSet.Empty.With(Axis, node.Integer("axis", 1)), [.. node.Inputs])),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(2, 3, 5), Reals(2, 1, 5), Reals(2, 4, 5)), new OperatorSample(Integers(-9, 9, 3, 5), Integers(-9, 9, 3, 67)).With(Axis, -1)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Concat", node.Inputs, ("axis", node.Get(Axis)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        var axis = context.Axis(context.Get(Axis), type.Shape.Rank);
        long size = 0;
        for (var i = 0; i < context.InputCount; i++)
        {
            var other = context.Input(i);
            if (other.DataType != type.DataType) context.Fail("VKN2121", $"its inputs are {type} and {other}, but must be of one type", "insert a cast");
            if (other.Shape.Rank != type.Shape.Rank || other.Shape.With(axis, 1) != type.Shape.With(axis, 1))
                context.Fail("VKN2119", $"{type} and {other} cannot be joined along axis {axis}", "all other sizes must be equal");
            size = checked(size + other.Shape[axis]);
        }
        return [type with { Shape = type.Shape.With(axis, size) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var result = Tensor.Zeros(context.Output(0));
        var width = result.DataType.HostSize();
        for (var i = 0; i < context.InputCount; i++)
        {
            if (context.ShapeOf(i).ElementCount == 0) continue;
            var source = context.Input(i).Cast(result.DataType).Bytes();
            var places = Region(context.Output(0).Shape, context.Attributes, [.. Enumerable.Range(0, context.InputCount).Select(context.ShapeOf)], i).TargetElements();
            for (var k = 0; k < places.Length; k++) source.Slice(k * width, width).CopyTo(result.Bytes()[(int)(places[k] * width)..]);
        }
        context.Set(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => base.Cost(node) with { Flops = 0 };

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node) => ExtentRules.Common(node, (int)(node.Get(Axis) < 0 ? node.Get(Axis) + node.Outputs[0].Shape.Rank : node.Get(Axis)));

    /// <inheritdoc/>
    public override int? PassesThrough(Node node) => node.Inputs.Count == 1 ? 0 : null;

    /// <inheritdoc/>
    public override IReadOnlyList<WindowExtent>? Window(Node node) => AxisOf(node) != 1 ? null : WindowExtent.Pointwise(node.Outputs[0]);

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) =>
        node.Outputs[0].Shape.Rank > 2 && (AxisOf(node) != 1 || node.Inputs.SkipLast(1).All(i => i!.Shape[1] % 4 == 0)) ? LayoutChoice.Either : LayoutChoice.Dense;

    /// <inheritdoc/>
    public bool WritesParts(Node node) => true;

    /// <inheritdoc/>
    public int? TexelOf(Node node, int input) => AxisOf(node) == 1 ? checked((int)(StartOf(node, input) / 4)) : null;

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (node, output) = (context.Node, context.Output(0));
        var shapes = node.Inputs.Select(i => i!.Shape).ToArray();
        for (var i = 0; i < shapes.Length; i++)
        {
            if (shapes[i].ElementCount == 0) continue;
            var input = context.Input(i);
            // What was computed in its place needs no copy.
            if (input.Buffer == output.Buffer) continue;
            if (output.Layout == Graphs.Layout.Dense)
            {
                StridedCopy.Run(context, input, output, Region(output.Shape, node.Attributes, shapes, i));
                continue;
            }
            var start = new long[output.Shape.Rank];
            start[AxisOf(node)] = StartOf(node, i);
            StridedCopy.Run(context, input, output, new StridedRegion(ChannelsLastRegion.Sizes(input.Shape), 4L * input.FirstTexel, ChannelsLastRegion.Strides(input), ChannelsLastRegion.ElementAt(output, start), ChannelsLastRegion.Strides(output)));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var axis = context.Node.Get(Axis);
        var index = (int)(axis < 0 ? axis + context.Output(0).Shape.Rank : axis);
        var result = new Value?[context.Node.Inputs.Count];
        long start = 0;
        for (var i = 0; i < result.Length; i++)
        {
            var size = context.Input(i).Shape[index];
            if (context.Needed[i])
                result[i] = context.Builder.Apply("slice", AttributeSet.Empty.With(Slice.Axes, [axis]).With(Slice.Starts, [start]).With(Slice.Ends, [start + size]), context.Upstream);
            start += size;
        }
        return result;
    }

    private static int AxisOf(Node node) => (int)(node.Get(Axis) < 0 ? node.Get(Axis) + node.Outputs[0].Shape.Rank : node.Get(Axis));

    private static long StartOf(Node node, int input) => node.Inputs.Take(input).Sum(i => i!.Shape[AxisOf(node)]);

    private static StridedRegion Region(Shape output, AttributeSet attributes, Shape[] inputs, int index)
    {
        var axis = (int)(attributes.Get(Axis) < 0 ? attributes.Get(Axis) + output.Rank : attributes.Get(Axis));
        var strides = output.Strides();
        return new StridedRegion([.. inputs[index]], 0, inputs[index].Strides(), inputs.Take(index).Sum(s => s[axis]) * strides[axis], strides);
    }
}
