using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>
/// Operators that ONNX had on trial in its first opset and took back with opset 10. Converters of that time wrote them into image networks.
/// </summary>
internal static class ExperimentalRules
{
    // The first opset without them.
    private const int Withdrawn = 10;

    /// <summary>The rules.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } =
    [
        Until("Affine", node => Scaled(node, node.Input(0), node.Real("alpha", 1), node.Real("beta", 0))),
        Until("Scale", node => Scaled(node, node.Input(0), node.Real("scale", 1), 0)),
        Until("ScaledTanh", node => Scaled(node, node.Emit("tanh", Scaled(node, node.Input(0), node.Real("beta", 1), 0)), node.Real("alpha", 1), 0)),
        Until("ParametricSoftplus", node => Scaled(node, node.Emit("softplus", Scaled(node, node.Input(0), node.Real("beta", 1), 0)), node.Real("alpha", 1), 0)),
        Until("ImageScaler", ScaleImage),
        Until("Crop", Crop),
    ];

    private static ImportRule Until(string name, Func<ImportNode, Value> translate) => ImportRule.Single(name, 1, translate) with { UntilVersion = Withdrawn - 1 };

    private static Value Scaled(ImportNode node, Value x, double scale, double shift) =>
        node.Emit("affine", AttributeSet.Empty.With(Affine.Scale, scale).With(Affine.Shift, shift), x);

    // y = scale * x + bias of the channel.
    private static Value ScaleImage(ImportNode node)
    {
        var (x, bias) = (RequireImage(node), node.Reals("bias") ?? []);
        if (bias.Length != x.Shape[1]) node.Fail("VKN3115", $"there are {bias.Length} biases for the channels of {x.Type}", "one for each channel is needed");
        var perChannel = node.Builder.Constant(Tensor.From([.. bias.Select(b => (float)b)], 1, bias.Length, 1, 1).Cast(x.DataType));
        return node.Emit("add", Scaled(node, x, node.Real("scale", 1), 0), perChannel);
    }

    // border: left, top, right, bottom; scale: height and width of what is kept, from the left and top border on.
    private static Value Crop(ImportNode node)
    {
        var x = RequireImage(node);
        if (node.Integers("border") is not { Length: 4 } border || border.Any(b => b < 0)) throw node.Fault("VKN3115", "'border' must be four sizes: left, top, right, bottom");
        var (top, left) = (border[1], border[0]);
        var (bottom, right) = (x.Shape[2] - border[3], x.Shape[3] - border[2]);
        if (node.Integers("scale") is { } scale)
        {
            if (scale.Length != 2 || scale.Any(s => s < 1 || s > long.MaxValue / 2)) node.Fail("VKN3115", "'scale' must be a height and a width");
            (bottom, right) = (top + scale[0], left + scale[1]);
        }
        if (top >= bottom || left >= right || bottom > x.Shape[2] || right > x.Shape[3]) node.Fail("VKN3115", $"nothing, or more than there is, would be left of {x.Type}");
        return node.Emit("slice", AttributeSet.Empty.With(Slice.Starts, [top, left]).With(Slice.Ends, [bottom, right]).With(Slice.Axes, [2, 3]), x);
    }

    private static Value RequireImage(ImportNode node)
    {
        if (node.Input(0).Shape.Rank != 4) node.Fail("VKN3115", $"the input is {node.Input(0).Type}, but a picture [N, C, H, W] is needed");
        return node.Input(0);
    }
}
