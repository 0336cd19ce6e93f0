using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pooling;

/// <summary>
/// Makes every element a block of <c>factor</c> elements per axis: all equal to it (<c>nearest</c>), or the first equal to it and the others
/// zero (<c>bed_of_nails</c>).
/// </summary>
public sealed class Unpool : Operator, ILowering, IRepeats
{
    private readonly int _axes;

    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public Unpool(int axes)
    {
        _axes = axes;
        Inputs = [new("input", $"[N, C, {ConvolutionTexts.Axes(axes)}]")];
    }

    /// <summary>Sizes of a block.</summary>
    public static AttributeDefinition<long[]> Factor { get; } = new("factor", "Elements that each element becomes along each spatial axis.", [2]) { Minimum = 1, ScalarAllowed = true };

    /// <summary>What fills a block.</summary>
    public static AttributeDefinition<string> Mode { get; } = new("mode", "What fills a block: 'nearest' repeats the element, 'bed_of_nails' puts it first and zeros behind.", "nearest") { Choices = ["nearest", "bed_of_nails"] };

    /// <inheritdoc/>
    public override string Name => $"unpool{_axes}d";

    /// <inheritdoc/>
    public override string Summary => "Makes every element a block: of copies (nearest), or of one copy and zeros (bed_of_nails).";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Factor, Mode];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
        [.. new[] { "nearest", "bed_of_nails" }.Select(mode => new OperatorSample(Reals(ConvolutionTexts.Sizes(_axes, 2, 5, 4))).With(Factor, [3]).With(Mode, mode))];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.RequireFloat(0);
        var input = context.RequireRank(0, 2 + _axes);
        if (context.Get(Mode) is not ("nearest" or "bed_of_nails")) context.Fail("VKN2335", $"'mode' is {context.Get(Mode)}", "choose nearest or bed_of_nails");
        var factor = SpatialWindow.PerAxis(Factor, context.Get(Factor), _axes, (code, message, help) => context.Fail(code, message, help));
        if (factor.Any(f => f < 1)) context.Fail("VKN2304", $"'factor' is [{string.Join(", ", factor)}]; it must be at least 1");
        return [new TensorType(type.DataType, new Shape([input[0], input[1], .. factor.Select((f, i) => checked(f * input[2 + i]))]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (shape, from, to) = (SpatialWindow.ThreeAxes(context.Output(0).Shape), SpatialWindow.ThreeAxes(context.ShapeOf(0)), context.Output(0).Shape);
        var (input, factor, nails) = (context.Reals(0), FactorOf(context.Attributes, _axes), context.Get(Mode) == "bed_of_nails");
        var result = new double[to.ElementCount];
        for (long i = 0; i < result.Length; i++)
        {
            var (w, h, d, plane) = (i % shape[2], i / shape[2] % shape[1], i / (shape[2] * shape[1]) % shape[0], i / (shape[2] * shape[1] * shape[0]));
            if (nails && (w % factor[2] != 0 || h % factor[1] != 0 || d % factor[0] != 0)) continue;
            result[i] = input[((plane * from[0] + d / factor[0]) * from[1] + h / factor[1]) * from[2] + w / factor[2]];
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => LayoutChoice.Either;

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => true;

    /// <inheritdoc/>
    public Graphs.Layout InputLayout(Node node, int input, Graphs.Layout layout) => ChannelEpilogue.InputLayout(node, input, layout);

    /// <inheritdoc/>
    public bool ReadsDense(Node node, int input) => input == 0;

    /// <inheritdoc/>
    public IReadOnlyList<long>? RepeatsOf(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Get(Mode) == "nearest" ? SpatialWindow.PerAxis(Factor, node.Get(Factor), _axes, (_, message, _) => throw new InvalidOperationException(message)) : null;
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        // Seen backwards it is a window of one tap that steps by the factor.
        var factor = FactorOf(context.Node.Attributes, _axes);
        var window = new SpatialWindow([1, 1, 1], factor, [1, 1, 1], [0, 0, 0], [0, 0, 0]);
        var input = context.Input(0);
        var geometry = new PoolGeometry(window, input.Shape[0] * input.Shape[1], SpatialWindow.ThreeAxes(input.Shape), SpatialWindow.ThreeAxes(context.Output(0).Shape), false, false);
        PoolKernels.Repeat(context, geometry, context.Get(Mode) == "bed_of_nails");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (builder, node) = (context.Builder, context.Node);
        var factor = SpatialWindow.PerAxis(Factor, node.Get(Factor), _axes, (_, message, _) => throw new InvalidOperationException(message));
        var nails = node.Get(Mode) == "bed_of_nails";
        var attributes = AttributeSet.Empty.With(WindowAttributes.Kernel, nails ? [1] : factor).With(WindowAttributes.Stride, factor);
        var mean = builder.Apply($"avg_pool{_axes}d", attributes, context.Upstream);
        return [nails ? mean : builder.Apply("mul", null, mean, builder.Constant(factor.Aggregate(1f, (a, b) => a * b)))];
    }

    private static long[] FactorOf(AttributeSet attributes, int axes)
    {
        var factor = SpatialWindow.PerAxis(Factor, attributes.Get(Factor), axes, (_, message, _) => throw new InvalidOperationException(message));
        return [.. Enumerable.Repeat(1L, 3 - axes), .. factor];
    }
}
