using System.Numerics;

namespace VkNet.Operators.Pointwise.Lowering;

/// <summary>Division by a known number as kernels do it (shaders/common/division.glsl): a multiplication and a shift, exact for numerators below 2^31.</summary>
/// <param name="Multiplier">Multiplied with the numerator; 0 stands for division by one.</param>
/// <param name="Shift">Right shift of the product's high word.</param>
internal readonly record struct FastDivisor(uint Multiplier, uint Shift)
{
    /// <summary>The divisor of a positive number below 2^31.</summary>
    internal static FastDivisor Of(long divisor)
    {
        if (divisor == 1) return default;
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)divisor - 1);
        return new FastDivisor((uint)((1UL << (31 + bits)) / (ulong)divisor + 1), (uint)bits - 1);
    }

    /// <summary>What a kernel computes.</summary>
    internal uint Divide(uint numerator) => Multiplier == 0 ? numerator : (uint)(((ulong)numerator * Multiplier) >> 32) >> (int)Shift;
}
