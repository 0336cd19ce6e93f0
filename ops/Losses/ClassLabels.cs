using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Losses;

/// <summary>The attributes that operators on class scores and labels share, and their shape rule.</summary>
public static class ClassLabels
{
    /// <summary>The axis of the classes.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis of the classes, a negative one counted from the end.", 1);

    /// <summary>What is made of the rows' losses.</summary>
    public static AttributeDefinition<string> Reduction { get; } = new("reduction", "What is made of the losses: their mean (the sum divided by the sum of the labels' weights), their sum, or nothing.", "mean") { Choices = ["none", "mean", "sum"] };

    /// <summary>The label that counts nothing.</summary>
    public static AttributeDefinition<long?> IgnoreIndex { get; } = new("ignore_index", "Rows with this label count nothing, neither in the sum nor in what it is divided by.");

    /// <summary>Checks scores, labels and, behind them, optional weights.</summary>
    /// <param name="context">The node.</param>
    /// <param name="scores">Which input holds the scores.</param>
    /// <returns>The scores' type.</returns>
    internal static TensorType Check(InferenceContext context, int scores)
    {
        var type = context.RequireFloat(scores);
        var shape = type.Shape;
        if (shape.Rank == 0) context.Fail("VKN2250", "a scalar has no axis of classes");
        var axis = context.Axis(context.Get(Axis), shape.Rank);
        if (shape[axis] == 0 && shape.Product(0, axis) * shape.Product(axis + 1, shape.Rank) > 0) context.Fail("VKN2252", $"{type} has no classes along axis {axis}");
        var (labels, wanted) = (context.Input(scores + 1), AxisRows.WithoutAxis(shape, axis));
        if (!labels.DataType.IsInteger()) context.Fail("VKN2122", $"input 'labels' is {labels}, but whole numbers are needed", "insert a cast");
        if (labels.Shape != wanted) context.Fail("VKN2253", $"the labels have shape {labels.Shape}, but scores {shape} with classes along axis {axis} want labels {wanted}", "one label for every row of scores");
        if (context.Has(scores + 2) && context.ShapeOf(scores + 2) != new Shape(shape[axis])) context.Fail("VKN2254", $"the weights have shape {context.ShapeOf(scores + 2)}, but there are {shape[axis]} classes", "one factor for every class");
        return type;
    }

    /// <summary>The reduction as kernels number it.</summary>
    internal static ClassReduction ReductionOf(string word) => word switch
    {
        "none" => ClassReduction.None,
        "sum" => ClassReduction.Sum,
        _ => ClassReduction.Mean,
    };
}
