using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pooling;

/// <summary>
/// Puts every element at the place that <c>indices</c> tells, as maximum pooling gives them, into a tensor of zeros. Places outside the tensor
/// are passed over. Where one place is told twice, both elements should be equal: it is not said which of them stays.
/// </summary>
public sealed class MaxUnpool : Operator, ILowering, IImportable
{
    private readonly int _axes;

    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public MaxUnpool(int axes)
    {
        _axes = axes;
        Inputs = [new("input", $"[N, C, {ConvolutionTexts.Axes(axes)}]"), new("indices", "of the input's shape, whole numbers: places within the whole output")];
        ImportRules = axes == 2 ? [ImportRule.Single("MaxUnpool", 9, Import)] : [];
    }

    /// <inheritdoc/>
    public override string Name => $"max_unpool{_axes}d";

    /// <inheritdoc/>
    public override string Summary => "Puts every element at the place in a tensor of zeros that 'indices' tells; size = stride * (input - 1) + kernel - padding.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Padding];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 2, 3, 4)), Of(Places(2 * 3 * (int)Math.Pow(4, _axes), ConvolutionTexts.Sizes(_axes, 2, 3, 4)))).With(WindowAttributes.Kernel, [2]).With(WindowAttributes.Stride, [2]),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var input = context.RequireRank(0, 2 + _axes);
        if (context.ShapeOf(1) != input || !context.Input(1).DataType.IsInteger())
            context.Fail("VKN2333", $"the indices are {context.Input(1)}, but the input is {context.Input(0)}", "indices: whole numbers of the input's shape");
        if (context.Get(WindowAttributes.Kernel) is not { } given)
        {
            context.Fail("VKN2306", "'kernel' is missing", "say how large the pooled windows were, e.g. kernel: 2");
            return [];
        }
        var kernel = SpatialWindow.PerAxis(WindowAttributes.Kernel!, given, _axes, (code, message, help) => context.Fail(code, message, help));
        var window = SpatialWindow.Of(context, _axes, kernel, input.AsSpan()[2..]);
        var sizes = new long[_axes];
        for (var i = 0; i < _axes; i++)
        {
            sizes[i] = checked(window.Stride[i] * (input[2 + i] - 1) + kernel[i] - window.PadBegin[i] - window.PadEnd[i]);
            if (sizes[i] < 0) context.Fail("VKN2334", $"spatial axis {i} of {input} would become {sizes[i]} elements", "size = stride * (input - 1) + kernel - padding");
        }
        return [new TensorType(type.DataType, new Shape([input[0], input[1], .. sizes]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (input, indices) = (context.Reals(0), context.Integers(1));
        var result = new double[context.Output(0).Shape.ElementCount];
        for (var i = 0; i < input.Length; i++)
            if (indices[i] >= 0 && indices[i] < result.Length) result[indices[i]] = input[i];
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, indices, output) = (context.Input(0), context.Input(1), context.Output(0));
        context.Fill(output);
        context.Dispatch(context.Choose(PoolingUnpool.Family.Variants, input, indices))
            .Parameters(checked(new PoolingUnpool.Parameters { Items = (int)input.Shape.ElementCount, Limit = (int)output.Shape.ElementCount }))
            .Bind(PoolingUnpool.Bindings.Source, input)
            .Bind(PoolingUnpool.Bindings.Indices, indices)
            .Bind(PoolingUnpool.Bindings.Result, output)
            .Cost(0, 2.0 * input.Bytes + output.Bytes)
            .RunLinear(input.Shape.ElementCount, 64);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var flat = Views.To(context.Builder, context.Upstream, [context.Upstream.Shape.ElementCount]);
        return [context.Builder.Apply("gather", AttributeSet.Empty.With("axis", 0L), flat, context.Input(1)), null];
    }

    private static Value Import(ImportNode node)
    {
        var axes = PoolImport.Axes(node);
        var unpooled = node.Emit($"max_unpool{axes}d", ConvolutionTexts.FromOnnx(node, axes), node.Input(0), node.Input(1));
        if (node.ConstantIntegers(2, "the output shape") is not { } wanted) return unpooled;
        if (wanted.Length != unpooled.Shape.Rank || Enumerable.Range(0, wanted.Length).Any(i => wanted[i] < unpooled.Shape[i]))
            node.Fail("VKN3214", $"the output shape [{string.Join(", ", wanted)}] does not hold the unpooled {unpooled.Shape}");
        // A larger shape that is asked for gets zeros at the ends.
        var missing = wanted.Select((size, i) => size - unpooled.Shape[i]).ToArray();
        return missing.All(m => m == 0) ? unpooled : node.Emit("pad", AttributeSet.Empty.With("pads", (long[])[.. new long[wanted.Length], .. missing]), unpooled);
    }

    // Every second place of the unpooled tensor; none is told twice.
    private static Tensor Places(int count, long[] sizes) => Tensor.From(new TensorType(DataType.Int32, new Shape(sizes)), [.. Enumerable.Range(0, count).Select(i => 2 * (count - 1 - i))]);
}
