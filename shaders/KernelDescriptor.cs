namespace VkNet.Shaders;

/// <summary>
/// One variant of a kernel: its SPIR-V and everything the host must know to bind, specialise and dispatch it.
/// VkNet's own kernels are described by generated code; a kernel of your own is described by making one of these.
/// Safe for use from several threads.
/// </summary>
public sealed class KernelDescriptor
{
    private static readonly Dictionary<string, int> EmptyDefines = [];
    private readonly Lazy<byte[]> spirv;

    /// <summary>Describes a kernel variant.</summary>
    /// <param name="name">The kernel's name, family first: <c>gemm/multiply</c>.</param>
    /// <param name="variant">The variant's name, unique within the kernel.</param>
    /// <param name="load">Gives the SPIR-V; called once, when it is first asked for.</param>
    public KernelDescriptor(string name, string variant, Func<byte[]> load)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(variant);
        ArgumentNullException.ThrowIfNull(load);
        Name = name;
        Variant = variant;
        spirv = new Lazy<byte[]>(load);
    }

    /// <summary>The kernel's name, family first: <c>gemm/multiply</c>.</summary>
    public string Name { get; }

    /// <summary>The variant's name, unique within the kernel.</summary>
    public string Variant { get; }

    /// <summary>The SPIR-V module, loaded at the first call; its length is a multiple of four.</summary>
    public ReadOnlyMemory<byte> Spirv => spirv.Value;

    /// <summary>SHA-256 of the SPIR-V in lower-case hexadecimal: the key of pipeline caches.</summary>
    public required string Hash { get; init; }

    /// <summary>The descriptors, by slot.</summary>
    public required IReadOnlyList<KernelBinding> Bindings { get; init; }

    /// <summary>Bytes of the parameter block at binding 0; zero where there is none.</summary>
    public int ParameterBytes { get; init; }

    /// <summary>The fields of the parameter block, by offset.</summary>
    public IReadOnlyList<KernelParameter> Parameters { get; init; } = [];

    /// <summary>The specialization constants, by id.</summary>
    public IReadOnlyList<KernelConstant> Constants { get; init; } = [];

    /// <summary>Numbers that the variant was compiled with and that the host needs to divide the work: tile sizes and the like.</summary>
    public IReadOnlyDictionary<string, int> Defines { get; init; } = EmptyDefines;

    /// <summary>Invocations per workgroup.</summary>
    public required LocalSize LocalSize { get; init; }

    /// <summary>What the device must offer.</summary>
    public required KernelRequirements Requirements { get; init; }

    /// <summary>The binding of a name, or null.</summary>
    public KernelBinding? FindBinding(string name)
    {
        foreach (var binding in Bindings)
            if (binding.Name == name) return binding;
        return null;
    }

    /// <summary>The kernel and the variant, as they appear in reports: <c>gemm/multiply.lanes8</c>.</summary>
    public override string ToString() => $"{Name}.{Variant}";
}
