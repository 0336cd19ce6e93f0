namespace VkNet.Operators.RandomNumbers;

/// <summary>Which random numbers; the numbers of the kernel's constant KIND.</summary>
public enum RandomKind
{
    /// <summary>Spread evenly over an interval.</summary>
    Uniform = 0,

    /// <summary>Normally distributed.</summary>
    Normal = 1,

    /// <summary>Whole numbers, spread evenly.</summary>
    Integer = 2,
}
