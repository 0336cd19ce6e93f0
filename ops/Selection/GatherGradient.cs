using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>
/// Adds elements up at given indices of an axis: the gradient of <see cref="Gather"/> and of <see cref="Embedding"/>. What meets in one place is
/// added in the order of the indices, without atomic operations. Gradient rules emit it.
/// </summary>
public sealed class GatherGradient : Operator, ILowering
{
    /// <summary>The axis indexed.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis indexed, counted from the front.", 0) { Minimum = 0 };

    /// <summary>The size of the axis in the result.</summary>
    public static AttributeDefinition<long> Extent { get; } = new("extent", "The size of the axis in the result.", required: true) { Minimum = 0 };

    /// <inheritdoc/>
    public override string Name => "gather_gradient";

    /// <inheritdoc/>
    public override string Summary => "Elements added up at given indices of an axis: the gradient of gather.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("upstream", "what gather gave"), new("indices", "whole numbers, any shape")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis, Extent];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(3, 5, 8), Integers(-11, 10, 3, 5)).With(Extent, 11), new OperatorSample(Reals(3, 13, 5), Integers(-9, 9, 13)).With(Axis, 1).With(Extent, 7),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, indices, axis) = (context.Input(0), IndexRules.WholeNumbers(context, 1), (int)context.Get(Axis));
        if (type.Shape.Rank < axis + indices.Shape.Rank || type.Shape.Slice(axis, indices.Shape.Rank) != indices.Shape)
            context.Fail("VKN2251", $"the gradient {type} does not have the indices' axes {indices.Shape} from axis {axis} on");
        IndexRules.RequireElements(context, type, context.Get(Extent), indices.Shape.ElementCount);
        return [type with { Shape = new Shape([.. type.Shape.Take(axis), context.Get(Extent), .. type.Shape.Skip(axis + indices.Shape.Rank)]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (upstream, sums) = (context.Reals(0), new double[context.Output(0).Shape.ElementCount]);
        var places = Gather.Sources(AxisRows.Of(context.Output(0).Shape, context.Get(Axis)), context.Integers(1));
        for (var i = 0; i < upstream.Length; i++) sums[places[i]] += upstream[i];
        context.SetReals(0, sums);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (upstream, indices, output) = (context.Input(0), context.Input(1), context.Output(0));
        context.Fill(output);
        IndexKernels.Scatter(context, indices, upstream, output, AxisRows.Of(output.Shape, context.Get(Axis)), indices.Shape.ElementCount, IndexKernels.Sharing.All, ScatterCombine.Add);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [context.Builder.Apply("gather", AttributeSet.Empty.With(Gather.Axis, context.Node.Get(Axis)), context.Upstream, context.Input(1)), null];

    /// <summary>Builds the gradient of what was gathered from.</summary>
    internal static Value Apply(GraphBuilder builder, Shape source, long axis, Value indices, Value upstream)
    {
        var index = AxisRows.Index(source, axis);
        return builder.Apply("gather_gradient", AttributeSet.Empty.With(Axis, index).With(Extent, source[index]), upstream, indices);
    }
}
