namespace VkNet.Shaders;

/// <summary>The kind of descriptor that a kernel expects at a binding.</summary>
public enum BindingKind
{
    /// <summary>A uniform buffer: the parameter block at binding 0.</summary>
    UniformBuffer,

    /// <summary>A storage buffer: a tensor read or written element by element.</summary>
    StorageBuffer,

    /// <summary>A storage texel buffer of four floats per texel: a tensor read with <c>imageLoad</c>.</summary>
    StorageTexelBuffer,

    /// <summary>A uniform texel buffer of four floats per texel: a tensor read with <c>texelFetch</c>.</summary>
    UniformTexelBuffer,
}
