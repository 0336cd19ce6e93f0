using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Puts a tensor into zeros at the places that a slice reads: the gradient of slicing.</summary>
public sealed class PutSlice : Operator, ILowering
{
    /// <summary>The shape of the result.</summary>
    public static AttributeDefinition<long[]> Shape { get; } = new("shape", "The shape of the result.", required: true);

    /// <summary>For each axis, the index of the input's first element.</summary>
    public static AttributeDefinition<long[]> Starts { get; } = new("starts", "For each axis, the index of the input's first element.", required: true);

    /// <summary>For each axis, the step from one element to the next.</summary>
    public static AttributeDefinition<long[]> Steps { get; } = new("steps", "For each axis, the step from one element to the next.", required: true);

    /// <inheritdoc/>
    public override string Name => "put_slice";

    /// <inheritdoc/>
    public override string Summary => "A tensor put into zeros at the places that a slice reads: the gradient of slice.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "the elements of the slice")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Shape, Starts, Steps];

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Reals(3, 2)).With(Shape, [7, 9]).With(Starts, [1, 8]).With(Steps, [2, -3])];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, shape) = (context.Input(0), new Shape(context.Get(Shape)!));
        var (starts, steps) = (context.Get(Starts)!, context.Get(Steps)!);
        if (shape.Rank != type.Shape.Rank || starts.Length != shape.Rank || steps.Length != shape.Rank) context.Fail("VKN2116", $"{type} does not have the axes of {shape}");
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (type.Shape[axis] == 0) continue;
            var last = checked(starts[axis] + (type.Shape[axis] - 1) * steps[axis]);
            if (starts[axis] < 0 || starts[axis] >= shape[axis] || last < 0 || last >= shape[axis])
                context.Fail("VKN2118", $"axis {axis} of {type}, from {starts[axis]} in steps of {steps[axis]}, does not fit into {shape}");
        }
        return [type with { Shape = shape }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var source = new long[context.Output(0).Shape.ElementCount];
        Array.Fill(source, -1);
        if (context.ShapeOf(0).ElementCount > 0)
        {
            var targets = Region(context.ShapeOf(0), context.Attributes).TargetElements();
            for (var i = 0; i < targets.Length; i++) source[targets[i]] = i;
        }
        context.Move(0, 0, source);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (input.Shape.ElementCount < output.Shape.ElementCount) context.Fill(output);
        StridedCopy.Run(context, input, output, Region(input.Shape, context.Node.Attributes));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (starts, steps, shape) = (context.Node.Get(Starts)!, context.Node.Get(Steps)!, context.Input(0).Shape);
        var ends = new long[starts.Length];
        for (var axis = 0; axis < ends.Length; axis++)
        {
            var end = starts[axis] + shape[axis] * steps[axis];
            // Going backward, a slice that reaches index 0 ends before it, which only an end beyond the axis says.
            ends[axis] = steps[axis] < 0 && end < 0 ? long.MinValue : end;
        }
        return [context.Builder.Apply("slice", AttributeSet.Empty.With(Slice.Starts, starts).With(Slice.Ends, ends).With(Slice.Steps, steps), context.Upstream)];
    }

    private static StridedRegion Region(Shape input, AttributeSet attributes)
    {
        var strides = new Shape(attributes.Get(Shape)!).Strides();
        var (starts, steps) = (attributes.Get(Starts)!, attributes.Get(Steps)!);
        return new StridedRegion([.. input], 0, input.Strides(), starts.Select((s, axis) => s * strides[axis]).Sum(), [.. steps.Select((s, axis) => s * strides[axis])]);
    }
}
