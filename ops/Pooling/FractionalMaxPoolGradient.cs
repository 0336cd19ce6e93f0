using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pooling;

/// <summary>The gradient of <c>fractional_max_pool2d</c> in its input: every element adds the gradients of the windows whose maximum it is. Gradient rules emit it.</summary>
public sealed class FractionalMaxPoolGradient : Operator, ILowering
{
    /// <summary>Spatial sizes of the pooling's input.</summary>
    public static AttributeDefinition<long[]> InputSize { get; } = new("input_size", "Spatial sizes of the pooling's input.", [], required: true);

    /// <inheritdoc/>
    public override string Name => "fractional_max_pool2d_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of fractional_max_pool2d in its input.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("upstream", "[N, C, H', W']"), new("indices", "where the maxima were found")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [WindowAttributes.Kernel, FractionalMaxPool.OutputSize, InputSize];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(1, 1, 2, 2), Of(Tensor.From([6L, 6, 9, 15], 1, 1, 2, 2))).With(WindowAttributes.Kernel, [2]).With(FractionalMaxPool.OutputSize, [2]).With(InputSize, [4, 4]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (type, shape) = (context.RequireFloat(0), context.RequireRank(0, 4));
        return [type with { Shape = new Shape([shape[0], shape[1], .. context.Get(InputSize)]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (upstream, indices, result) = (context.Reals(0), context.Integers(1), new double[context.Output(0).Shape.ElementCount]);
        // Indices that are none add nothing, as in the kernel.
        for (var i = 0; i < upstream.Length; i++)
            if ((ulong)indices[i] < (ulong)result.Length) result[indices[i]] += upstream[i];
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (upstream, indices, output) = (context.Input(0), context.Input(1), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var windows = FractionalWindows.Of(context.Node.Attributes, output.Shape);
        context.Dispatch(context.Choose(PoolingFractionalGradient.Family.Variants, upstream, indices))
            .Parameters(checked(new PoolingFractionalGradient.Parameters
            {
                Count = (int)output.Shape.ElementCount, Height = (int)windows.Input[0], Width = (int)windows.Input[1], OutputHeight = (int)windows.Output[0], OutputWidth = (int)windows.Output[1],
                KernelHeight = (int)windows.Kernel[0], KernelWidth = (int)windows.Kernel[1], RatioHeight = windows.Ratio(0), RatioWidth = windows.Ratio(1),
            }))
            .Bind(PoolingFractionalGradient.Bindings.Upstream, upstream)
            .Bind(PoolingFractionalGradient.Bindings.Indices, indices)
            .Bind(PoolingFractionalGradient.Bindings.Result, output)
            .Cost(output.Shape.ElementCount, (double)upstream.Bytes + output.Bytes)
            .RunLinear(output.Shape.ElementCount, 64);
    }
}
