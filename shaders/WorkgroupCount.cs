namespace VkNet.Shaders;

/// <summary>How many workgroups a dispatch has along each axis.</summary>
/// <param name="X">Along x.</param>
/// <param name="Y">Along y.</param>
/// <param name="Z">Along z.</param>
public readonly record struct WorkgroupCount(int X, int Y = 1, int Z = 1)
{
    /// <summary>The most workgroups along an axis that every device allows.</summary>
    public const int Limit = 65535;

    /// <summary>
    /// Spreads a number of workgroups over x and y for a kernel that numbers its workgroups flat (<c>common/indexing.glsl</c>).
    /// The product may exceed the number; such kernels return at once from what is too many.
    /// </summary>
    /// <param name="workgroups">How many are needed: 0 to 2^31 - 1 - <see cref="Limit"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are too many to be numbered by 32 bits.</exception>
    public static WorkgroupCount Flat(long workgroups)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workgroups);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workgroups, int.MaxValue - Limit);
        var x = (int)Math.Min(workgroups, Limit);
        return x == 0 ? new WorkgroupCount(0) : new WorkgroupCount(x, (int)((workgroups + x - 1) / x));
    }

    /// <summary>The same for a number of invocations, <paramref name="localSize"/> of them per workgroup.</summary>
    public static WorkgroupCount FlatInvocations(long invocations, int localSize) => Flat((invocations + localSize - 1) / localSize);
}
