using VkNet.Shaders;

namespace VkNet.Operators;

/// <summary>How many invocations of a workgroup share a row (see common/lanes.glsl).</summary>
internal static class RowLanes
{
    // Rows shorter than this are the work of one invocation each.
    private const long Short = 16;

    // Rows at least this long are worth a workgroup of 64 where there are few of them.
    private const long Long = 512;

    /// <summary>The number of invocations: a power of two that divides 64.</summary>
    /// <param name="kernel">The variant. One that exchanges by shuffles shares rows at next to no cost within a subgroup; others pay barriers.</param>
    /// <param name="steps">Steps of four elements, or one, that a row takes.</param>
    /// <param name="units">Rows, or groups of four rows that are worked on together.</param>
    public static int Of(KernelDescriptor kernel, long steps, long units)
    {
        if (steps < Short) return 1;
        if (!kernel.Defines.TryGetValue("Subgroup", out var subgroup)) return steps < Long && units >= 16 ? 8 : 64;
        if (steps >= Long && units < 64) return 64;
        return steps < 4 * Short ? 8 : subgroup;
    }
}
