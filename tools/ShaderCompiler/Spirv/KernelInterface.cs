namespace VkNet.ShaderCompiler.Spirv;

/// <summary>What a kernel shows to the host, read from its SPIR-V.</summary>
/// <param name="Bindings">The descriptors of set 0, by slot.</param>
/// <param name="Fields">The fields of the <c>Parameters</c> block, by offset; empty when there is none.</param>
/// <param name="ParameterBytes">Size of the block, rounded up to 16 bytes as std140 does; zero when there is none.</param>
/// <param name="Constants">Specialization constants that have an id, by id.</param>
/// <param name="LocalSize">Invocations per workgroup along x, y and z with every constant at its default.</param>
/// <param name="LocalSizeConstants">For each axis the id of the constant that decides it, or null.</param>
/// <param name="SharedBytes">Shared memory with every constant at its default.</param>
/// <param name="Features">Names of the device features that its capabilities need, ordered.</param>
internal sealed record KernelInterface(
    IReadOnlyList<InterfaceBinding> Bindings,
    IReadOnlyList<InterfaceField> Fields,
    int ParameterBytes,
    IReadOnlyList<InterfaceConstant> Constants,
    IReadOnlyList<int> LocalSize,
    IReadOnlyList<int?> LocalSizeConstants,
    int SharedBytes,
    IReadOnlyList<string> Features);

/// <summary>One descriptor.</summary>
/// <param name="Slot">Its binding number in set 0.</param>
/// <param name="Name">Its name in PascalCase, the same in every variant.</param>
/// <param name="Kind">A member name of <c>VkNet.Shaders.BindingKind</c>.</param>
/// <param name="Writable">Whether the kernel may write through it.</param>
internal sealed record InterfaceBinding(int Slot, string Name, string Kind, bool Writable);

/// <summary>One field of the parameter block.</summary>
/// <param name="Name">Its name in PascalCase.</param>
/// <param name="GlslName">Its name in GLSL.</param>
/// <param name="Offset">Bytes from the start of the block.</param>
/// <param name="Scalar">A member name of <c>VkNet.Shaders.ScalarKind</c>.</param>
/// <param name="Count">How many scalars it holds, side by side: 1 for a scalar, 4 for a vec4, 8 for an ivec4[2].</param>
internal sealed record InterfaceField(string Name, string GlslName, int Offset, string Scalar, int Count);

/// <summary>One specialization constant.</summary>
/// <param name="Id">Its constant_id.</param>
/// <param name="Name">Its name in PascalCase.</param>
/// <param name="Scalar">A member name of <c>VkNet.Shaders.ScalarKind</c>.</param>
/// <param name="DefaultValue">The bits of its default.</param>
internal sealed record InterfaceConstant(int Id, string Name, string Scalar, uint DefaultValue);
