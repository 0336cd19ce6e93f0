using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Whether a differs from b; true where either is NaN, as bool.</summary>
public sealed class NotEqual() : ComparisonOperator("not_equal", "Whether a differs from b; true where either is NaN, as bool.", PointwiseOpcode.NotEqual, null, families: ElementFamilies.Any)
{
    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Not", [node.Step("Equal", node.Inputs)]);

    private protected override bool Holds(double a, double b) => a != b;

    private protected override bool Holds(long a, long b) => a != b;
}
