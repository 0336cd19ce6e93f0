namespace VkNet.Graphs;

/// <summary>How far the gradient of one input is from central differences.</summary>
/// <param name="Input">The input's name.</param>
/// <param name="Element">Number of the element that differs most; -1 when there is none.</param>
/// <param name="Rule">Its gradient by the operator's rule.</param>
/// <param name="Difference">Its gradient by central differences.</param>
public sealed record GradientError(string Input, long Element, double Rule, double Difference)
{
    /// <summary>The distance of the two, relative to 1 + |difference|; a right rule stays below 1e-6 where the operator is smooth.</summary>
    public double Error => Math.Abs(Rule - Difference) / (1 + Math.Abs(Difference));
}
