using VkNet.Operators.Import;

namespace VkNet.Onnx.Rules;

/// <summary>
/// Rules for ONNX operators that leave no operator of ours behind: they become constants, or the nodes of one of their sub-graphs.
/// A page with a rule of the same name goes before them.
/// </summary>
internal static class DissolvingRules
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ImportRule> All { get; } =
    [
        .. ConstantRule.Rules, .. ConstantOfShapeRule.Rules, .. ShapeRules.Rules, .. WindowRules.Rules, .. IfRule.Rules, .. LoopRule.Rules, .. ScanRule.Rules, .. ExperimentalRules.Rules,
        .. GradientRule.Rules, .. OptimizerRules.Rules,
    ];
}
