using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Pointwise;

/// <summary>Sum of two tensors, element by element.</summary>
public sealed class Add() : BinaryOperator("add", "Sum: a + b, element by element.", PointwiseOpcode.Add, "Add")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules =>
    [
        .. base.ImportRules,
        ImportRule.Single("Sum", 1, node => Chain(node, "add")),
        ImportRule.Single("Mean", 1, node => node.Emit("affine", AttributeSet.Empty.With(Affine.Scale, 1.0 / node.Inputs.Count), Chain(node, "add"))),
    ];

    /// <summary>Applies an operator of two inputs to any number of them, from the left; one alone is passed on.</summary>
    internal static Value Chain(ImportNode node, string name)
    {
        var result = node.Input(0);
        for (var i = 1; i < node.Inputs.Count; i++) result = node.Emit(name, result, node.Input(i));
        return node.Inputs.Count == 1 ? node.Emit("identity", result) : result;
    }

    private protected override double Compute(double a, double b, AttributeSet attributes) => a + b;

    private protected override long Compute(long a, long b, AttributeSet attributes) => unchecked(a + b);

    private protected override Value? GradientOfFirst(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => g;

    private protected override Value? GradientOfSecond(Formula g, Formula a, Formula b, Formula y, AttributeSet attributes) => g;
}
