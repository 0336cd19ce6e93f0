using VkNet.Tensors;

namespace VkNet.Operators.Reduction;

/// <summary>Base of the reductions that go through the elements once, with one number carried along.</summary>
public abstract class AccumulatingReduction : ReductionOperator
{
    private protected AccumulatingReduction(string name, string summary, ReductionKind kind, string onnxName, int axesAreInputSince = 18, bool takesWhole = true)
        : base(name, summary, kind, onnxName, axesAreInputSince, takesWhole)
    {
    }

    /// <summary>The result of no elements.</summary>
    private protected virtual double Start => 0;

    /// <summary>The result of no whole numbers of the given type.</summary>
    private protected virtual long StartWhole(DataType type) => 0;

    /// <summary>Takes in an element.</summary>
    private protected abstract double Take(double sum, double x);

    /// <summary>Takes in a whole number.</summary>
    private protected virtual long Take(long sum, long x) => throw new NotSupportedException($"{Name} is not defined on whole numbers");

    /// <summary>Makes the result of what was accumulated.</summary>
    private protected virtual double Finish(double sum, double count) => sum;

    /// <summary>Makes the result of what was accumulated from whole numbers.</summary>
    private protected virtual long Finish(long sum, long count) => sum;

    private protected sealed override double[] Fold(double[] values, int[] target, int count)
    {
        var (sums, counts) = (new double[count], new long[count]);
        Array.Fill(sums, Start);
        for (var i = 0; i < values.Length; i++)
        {
            sums[target[i]] = Take(sums[target[i]], values[i]);
            counts[target[i]]++;
        }
        for (var i = 0; i < count; i++) sums[i] = Finish(sums[i], counts[i]);
        return sums;
    }

    private protected sealed override long[] FoldWhole(long[] values, int[] target, int count, DataType type)
    {
        var (sums, counts) = (new long[count], new long[count]);
        Array.Fill(sums, StartWhole(type));
        for (var i = 0; i < values.Length; i++)
        {
            sums[target[i]] = Take(sums[target[i]], values[i]);
            counts[target[i]]++;
        }
        for (var i = 0; i < count; i++) sums[i] = Finish(sums[i], counts[i]);
        return sums;
    }
}
