namespace VkNet.Shaders;

/// <summary>
/// A kernel with all its variants. Every variant has the same binding names, parameter block and specialization constants,
/// so the choice between them can be made for a device without changing how the kernel is fed.
/// </summary>
public sealed class KernelFamily
{
    /// <summary>Gathers the variants of a kernel.</summary>
    /// <param name="name">The kernel's name: <c>gemm/multiply</c>.</param>
    /// <param name="variants">At least one, the one that suits the fewest devices first.</param>
    public KernelFamily(string name, IReadOnlyList<KernelDescriptor> variants)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(variants);
        ArgumentOutOfRangeException.ThrowIfZero(variants.Count, nameof(variants));
        Name = name;
        Variants = variants;
    }

    /// <summary>The kernel's name: <c>gemm/multiply</c>.</summary>
    public string Name { get; }

    /// <summary>The variants, the one that suits the fewest devices first and the baseline last.</summary>
    public IReadOnlyList<KernelDescriptor> Variants { get; }

    /// <summary>The variant of a name, or null.</summary>
    public KernelDescriptor? Find(string variant)
    {
        foreach (var candidate in Variants)
            if (candidate.Variant == variant) return candidate;
        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
