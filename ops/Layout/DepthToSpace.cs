using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Channels moved into blocks of the picture: [N, C b b, H, W] becomes [N, C, H b, W b].</summary>
public sealed class DepthToSpace() : MovementOperator("depth_to_space", "Channels moved into blocks of the picture: [N, C b b, H, W] becomes [N, C, H b, W b].", "[N, C, H, W]")
{
    /// <summary>The edge of a block.</summary>
    public static AttributeDefinition<long> BlockSize { get; } = new("block_size", "The edge b of a block.", required: true) { Minimum = 1 };

    /// <summary>Whether the place within a block is the outer part of the channel number (dcr: depth, column, row) or the inner (crd).</summary>
    public static AttributeDefinition<string> Mode { get; } = new("mode", "dcr: the place within a block is the outer part of the channel number; crd: the inner part.", "dcr") { Choices = ["dcr", "crd"] };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [BlockSize, Mode];

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("DepthToSpace", 1, node => node.Emit("depth_to_space", AttributeSet.Empty.With(BlockSize, node.Integer("blocksize", 1)).With(Mode, node.Text("mode", "DCR") == "CRD" ? "crd" : "dcr"), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
        [.. new[] { "dcr", "crd" }.Select(mode => new OperatorSample(Reals(2, 12, 3, 5)).With(BlockSize, 2).With(Mode, mode))];

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("DepthToSpace", node.Inputs, ("blocksize", node.Get(BlockSize)), ("mode", node.Get(Mode) == "crd" ? "CRD" : "DCR"));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (shape, block) = (context.RequireRank(0, 4), context.Get(BlockSize));
        if (block < 1) context.Fail("VKN2126", $"the block size is {block}", "it is at least 1");
        if (shape[1] % checked(block * block) != 0) context.Fail("VKN2126", $"the {shape[1]} channels of {shape} do not divide into blocks of {block} x {block}");
        return [context.Input(0) with { Shape = [shape[0], shape[1] / block / block, checked(shape[2] * block), checked(shape[3] * block)] }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [context.Builder.Apply("space_to_depth", context.Node.Attributes, context.Upstream)];

    private protected override StridedRegion Region(Shape input, AttributeSet attributes)
    {
        // DCR: [N, b, b, C, H, W]; CRD: [N, C, b, b, H, W].
        var (block, depth) = (attributes.Get(BlockSize), input[1] / attributes.Get(BlockSize) / attributes.Get(BlockSize));
        var plane = input[2] * input[3];
        var (channel, row, column) = attributes.Get(Mode) == "dcr" ? (plane, block * depth * plane, depth * plane) : (block * block * plane, block * plane, plane);
        return StridedRegion.FillingTarget([input[0], depth, input[2], block, input[3], block], 0, [input[1] * plane, channel, input[3], row, 1, column]);
    }
}
