using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Quantized;

/// <summary>
/// Reals as unsigned 8-bit numbers, with the scale and the zero that the tensor's own least and largest element (and 0) ask for. A tensor of
/// zeros has the scale 1. Made of reductions, pointwise operators and <c>quantize_linear</c>.
/// </summary>
public sealed class DynamicQuantizeLinear : CompositeOperator, IImportable
{
    /// <inheritdoc/>
    public override string Name => "dynamic_quantize_linear";

    /// <inheritdoc/>
    public override string Summary => "Reals as unsigned 8-bit numbers with the scale and zero that the tensor's range asks for: scale = (max - min) / 255, zero = round(-min / scale).";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape")];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["output", "scale", "zero"];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
        [new ImportRule("DynamicQuantizeLinear", 11, node => node.EmitAll("dynamic_quantize_linear", AttributeSet.Empty, node.Input(0)))];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(RealsWithin(-1, 3, 3, 5, 7)), new(RealsWithin(1, 3, 11))];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        return [type with { DataType = DataType.UInt8 }, type with { Shape = Shape.Scalar }, new TensorType(DataType.UInt8, Shape.Scalar)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        var x = context.Input(0);
        var (zero, one, top) = (Number(0), Number(1), Number(255));
        var low = context.Apply("min", context.Apply("reduce_min", x), zero);
        var high = context.Apply("max", context.Apply("reduce_max", x), zero);
        var range = context.Apply("div", context.Apply("sub", high, low), top);
        var scale = context.Apply("where", context.Apply("greater", range, zero), range, one);
        // The zero is quantised like an element: limited and rounded to the even side.
        var shift = context.Apply("quantize_linear", context.Apply("neg", low), scale);
        return [context.Apply("quantize_linear", x, scale, shift), scale, shift];

        Value Number(float number) => context.Builder.Constant(Tensor.Scalar(number).Cast(x.DataType));
    }
}
