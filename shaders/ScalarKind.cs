namespace VkNet.Shaders;

/// <summary>The type of a 32-bit number in a parameter block or a specialization constant.</summary>
public enum ScalarKind
{
    /// <summary>IEEE 754 single precision.</summary>
    Float,

    /// <summary>Signed integer.</summary>
    Int,

    /// <summary>Unsigned integer.</summary>
    UInt,

    /// <summary>Truth value, 0 or 1.</summary>
    Bool,
}
