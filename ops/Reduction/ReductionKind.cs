namespace VkNet.Operators.Reduction;

/// <summary>What a reduction computes.</summary>
internal enum ReductionKind
{
    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The sum divided by the count.</summary>
    Mean,

    /// <summary>The largest.</summary>
    Maximum,

    /// <summary>The smallest.</summary>
    Minimum,

    /// <summary>The product.</summary>
    Product,

    /// <summary>The sum of magnitudes.</summary>
    AbsoluteSum,

    /// <summary>The sum of squares.</summary>
    SquareSum,

    /// <summary>The square root of the sum of squares.</summary>
    Euclidean,

    /// <summary>The logarithm of the sum.</summary>
    LogSum,

    /// <summary>The logarithm of the sum of exponentials.</summary>
    LogSumExp,
}
