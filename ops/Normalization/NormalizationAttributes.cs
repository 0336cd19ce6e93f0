using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Operators.Normalization;

/// <summary>What normalisations share.</summary>
internal static class NormalizationAttributes
{
    /// <summary>Added under the root.</summary>
    public static AttributeDefinition<double> Epsilon { get; } = new("epsilon", "Added to the variance (or mean square), so that a constant group does not divide by zero.", 1e-5);

    /// <summary>First normalised axis.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The first of the axes normalised together; all behind it belong to them.", -1);

    /// <summary>Refuses an epsilon that is not a number from 0 on.</summary>
    public static void CheckEpsilon(InferenceContext context)
    {
        if (!(context.Get(Epsilon) >= 0)) context.Fail("VKN2350", $"'epsilon' is {context.Get(Epsilon)}", "it must be 0 or more");
    }

    /// <summary>Refuses an input that does not hold one number per channel.</summary>
    public static void RequirePerChannel(InferenceContext context, int index, long channels)
    {
        if (!context.Has(index)) return;
        var shape = context.ShapeOf(index);
        if (shape.Rank != 1 || shape[0] != channels)
            context.Fail("VKN2351", $"input '{context.Operator.InputName(index)}' has shape {shape}, but the input {context.ShapeOf(0)} has {channels} channels", "one number per channel is needed");
    }

    /// <summary>Refuses an input without channels.</summary>
    public static Shape RequireChannels(InferenceContext context)
    {
        var shape = context.ShapeOf(0);
        if (shape.Rank < 2) context.Fail("VKN2352", $"the input has shape {shape}", "[N, C, ...] is needed");
        return shape;
    }

    /// <summary>Whether a fused step may read a tensor for kernels that know no channels.</summary>
    public static bool IsFullOrSingle(Node node, Value operand) =>
        operand.DataType == DataType.Float32 && OperandShapes.Classify(node.Outputs[0].Shape, operand.Shape) is OperandShape.Full or OperandShape.Single;

    /// <summary>A parameter filled with ones.</summary>
    public static ParameterDeclaration Ones(string operand, ReadOnlySpan<long> sizes) => new(operand, TensorType.Float(sizes), new ParameterOptions { Initializer = "ones" });

    /// <summary>A parameter filled with zeros.</summary>
    public static ParameterDeclaration Zeros(string operand, ReadOnlySpan<long> sizes) => new(operand, TensorType.Float(sizes), new ParameterOptions());

    /// <summary>Input, scale and bias per channel for ONNX, which wants all three.</summary>
    public static IReadOnlyList<string> WithScaleAndBias(ExportNode node)
    {
        long[] channels = [node.ShapeOf(0)[1]];
        return [node.Inputs[0], node.Has(1) ? node.Inputs[1] : Ones(node, channels), node.Has(2) ? node.Inputs[2] : node.Constant(Tensor.Zeros(node.TypeOf(0).DataType, new Shape(channels)))];
    }

    /// <summary>A constant tensor of ones for ONNX, where a scale is left out.</summary>
    public static string Ones(ExportNode node, ReadOnlySpan<long> sizes)
    {
        var ones = Tensor.Zeros(node.TypeOf(0).DataType, new Shape(sizes));
        ElementConversion.StoreReals(ones, [.. Enumerable.Repeat(1.0, ones.Count)]);
        return node.Constant(ones);
    }
}
