using VkNet.Graphs;
using VkNet.Operators.Layout;
using VkNet.Operators.Reduction;
using VkNet.Tensors;

namespace VkNet.Operators;

/// <summary>Brings gradients back to the shape of an input that was broadcast.</summary>
public static class GradientShapes
{
    /// <summary>Sums a gradient over the axes along which an input of the given shape was repeated.</summary>
    /// <param name="builder">Where nodes are added.</param>
    /// <param name="gradient">A gradient of the broadcast shape.</param>
    /// <param name="shape">The input's shape.</param>
    public static Value ReduceTo(GraphBuilder builder, Value gradient, Shape shape)
    {
        if (gradient.Shape == shape) return gradient;
        var ahead = gradient.Shape.Rank - shape.Rank;
        var axes = Enumerable.Range(0, gradient.Shape.Rank)
            .Where(axis => axis < ahead || (shape[axis - ahead] == 1 && gradient.Shape[axis] != 1))
            .Select(axis => (long)axis).ToArray();
        var sum = axes.Length == 0 ? gradient : builder.Apply("reduce_sum", AttributeSet.Empty.With(ReductionOperator.Axes, axes).With(ReductionOperator.KeepDimensions, true), gradient);
        return sum.Shape == shape ? sum : builder.Apply("reshape", AttributeSet.Empty.With(Reshape.Shape, shape.ToArray()).With(Reshape.AllowZero, true), sum);
    }
}
