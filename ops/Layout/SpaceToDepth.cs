using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Blocks of the picture moved into channels: [N, C, H b, W b] becomes [N, C b b, H, W].</summary>
public sealed class SpaceToDepth() : MovementOperator("space_to_depth", "Blocks of the picture moved into channels: [N, C, H b, W b] becomes [N, C b b, H, W].", "[N, C, H, W]")
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
        ImportRule.Single("SpaceToDepth", 1, node => node.Emit("space_to_depth", AttributeSet.Empty.With(BlockSize, node.Integer("blocksize", 1)).With(Mode, node.Text("mode", "DCR") == "CRD" ? "crd" : "dcr"), node.Input(0))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
        [.. new[] { "dcr", "crd" }.Select(mode => new OperatorSample(Reals(2, 3, 6, 10)).With(BlockSize, 2).With(Mode, mode))];

    /// <inheritdoc/>
    public override void Export(ExportNode node)
    {
        if (node.Get(Mode) != "dcr") node.Refuse("ONNX knows only the order dcr");
        node.Result("SpaceToDepth", node.Inputs, ("blocksize", node.Get(BlockSize)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (shape, block) = (context.RequireRank(0, 4), context.Get(BlockSize));
        if (block < 1) context.Fail("VKN2126", $"the block size is {block}", "it is at least 1");
        if (shape[2] % block != 0 || shape[3] % block != 0) context.Fail("VKN2126", $"the picture {shape} does not divide into blocks of {block} x {block}");
        return [context.Input(0) with { Shape = [shape[0], checked(shape[1] * block * block), shape[2] / block, shape[3] / block] }];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        [context.Builder.Apply("depth_to_space", context.Node.Attributes, context.Upstream)];

    private protected override StridedRegion Region(Shape input, AttributeSet attributes)
    {
        // DCR: the blocks' rows and columns are the outer channels; CRD: the inner ones.
        var block = attributes.Get(BlockSize);
        var (plane, height, width) = (input[2] * input[3], input[2] / block, input[3] / block);
        return attributes.Get(Mode) == "dcr"
            ? StridedRegion.FillingTarget([input[0], block, block, input[1], height, width], 0, [input[1] * plane, input[3], 1, plane, block * input[3], block])
            : StridedRegion.FillingTarget([input[0], input[1], block, block, height, width], 0, [input[1] * plane, plane, input[3], 1, block * input[3], block]);
    }
}
