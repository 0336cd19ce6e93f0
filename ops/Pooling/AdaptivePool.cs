using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>
/// Pools to a given output size: window o covers the elements floor(o * input / output) up to, but not including, ceil((o + 1) * input / output).
/// </summary>
public sealed class AdaptivePool : PoolOperator
{
    private readonly bool _isMaximum;

    /// <summary>Makes the operator.</summary>
    /// <param name="isMaximum">Whether the largest element is taken instead of the mean.</param>
    /// <param name="axes">Number of spatial axes: 1, 2 or 3.</param>
    public AdaptivePool(bool isMaximum, int axes)
        : base(isMaximum ? "adaptive_max_pool" : "adaptive_avg_pool", axes) => _isMaximum = isMaximum;

    /// <inheritdoc/>
    public override string Summary => $"The {(_isMaximum ? "largest element" : "mean")} of windows that share the input out evenly over a given number of outputs.";

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [PoolAttributes.OutputSize];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Planes).With(PoolAttributes.OutputSize, [4]), new OperatorSample(Planes).With(PoolAttributes.OutputSize, [1])];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var input = context.RequireRank(0, 2 + Axes);
        if (context.Get(PoolAttributes.OutputSize) is not { } given)
        {
            context.Fail("VKN2331", "'output_size' is missing", "say how large the output is, e.g. output_size: 7");
            return [];
        }
        var sizes = SpatialWindow.PerAxis(PoolAttributes.OutputSize!, given, Axes, (code, message, help) => context.Fail(code, message, help));
        for (var i = 0; i < Axes; i++)
            if (sizes[i] < 1 || input[2 + i] == 0) context.Fail("VKN2332", $"{input} cannot be pooled to [{string.Join(", ", sizes)}]", "sizes are at least 1");
        return [new TensorType(type.DataType, new Shape([input[0], input[1], .. sizes]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) =>
        EvaluateWindows(context, (_, _, values) => _isMaximum ? values.Aggregate(double.NegativeInfinity, Math.Max) : values.Average());

    /// <inheritdoc/>
    public override void Lower(LoweringContext context) => PoolKernels.Window(context, GeometryOf(context.Node), _isMaximum ? PoolingKind.Maximum : PoolingKind.Average);

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) => [Gradient(context, _isMaximum ? "maximum" : "average", context.Upstream)];
}
