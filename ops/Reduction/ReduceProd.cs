using VkNet.Graphs;

namespace VkNet.Operators.Reduction;

/// <summary>The product of all elements along some axes. Its gradient is computed by division: where an element is 0 it is NaN.</summary>
public sealed class ReduceProd() : AccumulatingReduction("reduce_prod", "The product of all elements along some axes. Its gradient is computed by division: where an element is 0 it is NaN.", ReductionKind.Product, "ReduceProd")
{
    private protected override double Start => 1;

    private protected override long StartWhole(VkNet.Tensors.DataType type) => 1;

    private protected override double Take(double sum, double x) => sum * x;

    private protected override long Take(long sum, long x) => unchecked(sum * x);

    private protected override Value Gradient(Formula g, Formula x, Formula y, double count, AttributeSet attributes) => g * y / x;
}
