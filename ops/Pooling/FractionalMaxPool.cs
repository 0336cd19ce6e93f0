using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pooling;

/// <summary>
/// Maximum pooling to any output size: windows overlap, and the steps between them vary in an order that a number between 0 and 1 decides for
/// every channel (Graham, "Fractional max-pooling", 2014).
/// </summary>
public sealed class FractionalMaxPool : Operator, ILowering
{
    /// <summary>Sizes of the result.</summary>
    public static AttributeDefinition<long[]> OutputSize { get; } = new("output_size", "Spatial sizes of the result.", [1], required: true) { Minimum = 1, ScalarAllowed = true };

    /// <summary>The number that decides the order of steps where no samples are given.</summary>
    public static AttributeDefinition<double> Sample { get; } = new("sample", "The number between 0 and 1 that decides the order of steps where no samples are given.", 0.5);

    /// <inheritdoc/>
    public override string Name => "fractional_max_pool2d";

    /// <inheritdoc/>
    public override string Summary => "The largest element of windows whose steps vary, so that the result has any size; and where each was found.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
        [new("input", "[N, C, H, W]"), new("samples", "[N, C, 2]: numbers between 0 and 1 for rows and columns, drawn anew for every step of training") { Optional = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["output", "indices"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [WindowAttributes.Kernel, OutputSize, Sample];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 3, 9, 11)).With(WindowAttributes.Kernel, [2]).With(OutputSize, [6, 7]),
        new OperatorSample(Reals(2, 3, 9, 11), RealsWithin(0, 1, 2, 3, 2)).With(WindowAttributes.Kernel, [3, 2]).With(OutputSize, [5, 7]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var shape = context.RequireRank(0, 4);
        var windows = FractionalWindows.Of(context.Attributes, shape, (code, message, help) => context.Fail(code, message, help));
        if (context.Has(1) && context.ShapeOf(1) != new Shape(shape[0], shape[1], 2)) context.Fail("VKN2337", $"the samples are {context.Input(1)}, but [{shape[0]}, {shape[1]}, 2] is needed");
        if (!(context.Get(Sample) is >= 0 and <= 1)) context.Fail("VKN2337", $"'sample' is {context.Get(Sample)}; it lies between 0 and 1");
        var result = new Shape(shape[0], shape[1], windows.Output[0], windows.Output[1]);
        return [type with { Shape = result }, new TensorType(DataType.Int64, result)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var windows = FractionalWindows.Of(context.Attributes, context.ShapeOf(0));
        var (input, samples) = (context.Reals(0), context.Has(1) ? context.Reals(1) : null);
        var (result, indices) = (new double[context.Output(0).Shape.ElementCount], new long[context.Output(0).Shape.ElementCount]);
        for (var i = 0L; i < result.Length; i++)
        {
            var (column, row, plane) = (i % windows.Output[1], i / windows.Output[1] % windows.Output[0], i / windows.Output[1] / windows.Output[0]);
            var top = windows.Begin(0, row, (float)(samples?[2 * plane] ?? context.Get(Sample)));
            var left = windows.Begin(1, column, (float)(samples?[2 * plane + 1] ?? context.Get(Sample)));
            (result[i], indices[i]) = (double.NegativeInfinity, -1);
            for (var y = top; y < top + windows.Kernel[0]; y++)
            for (var x = left; x < left + windows.Kernel[1]; x++)
            {
                var place = (plane * windows.Input[0] + y) * windows.Input[1] + x;
                if (indices[i] >= 0 && (double.IsNaN(result[i]) || !(input[place] > result[i] || double.IsNaN(input[place])))) continue;
                (result[i], indices[i]) = (input[place], place);
            }
        }
        context.SetReals(0, result);
        context.SetIntegers(1, indices);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var windows = FractionalWindows.Of(context.Node.Attributes, input.Shape);
        DeviceTensor samples;
        if (context.Has(1)) samples = context.Input(1);
        else context.Fill(samples = context.Workspace("samples", TensorType.Float(windows.Planes, 2)), BitConverter.SingleToUInt32Bits((float)context.Get(Sample)));
        context.Dispatch(context.Choose(PoolingFractional.Family.Variants, input, samples))
            .Parameters(checked(new PoolingFractional.Parameters
            {
                Count = (int)output.Shape.ElementCount, Height = (int)windows.Input[0], Width = (int)windows.Input[1], OutputHeight = (int)windows.Output[0], OutputWidth = (int)windows.Output[1],
                KernelHeight = (int)windows.Kernel[0], KernelWidth = (int)windows.Kernel[1], RatioHeight = windows.Ratio(0), RatioWidth = windows.Ratio(1),
            }))
            .Bind(PoolingFractional.Bindings.Source, input)
            .Bind(PoolingFractional.Bindings.Samples, samples)
            .Bind(PoolingFractional.Bindings.Result, output)
            .Bind(PoolingFractional.Bindings.Indices, context.Output(1))
            .Cost(1.0 * output.Shape.ElementCount * windows.Kernel[0] * windows.Kernel[1], (double)input.Bytes + 2 * output.Bytes)
            .RunLinear(output.Shape.ElementCount, 64);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var attributes = AttributeSet.Empty.With(WindowAttributes.Kernel, context.Node.Get(WindowAttributes.Kernel)).With(OutputSize, context.Node.Get(OutputSize)).With(FractionalMaxPoolGradient.InputSize, context.Input(0).Shape.AsSpan()[2..].ToArray());
        Value? gradient = context.Builder.Apply("fractional_max_pool2d_gradient", attributes, context.Upstream, context.Output(1));
        return context.Node.Inputs.Count > 1 ? [gradient, null] : [gradient];
    }
}
