namespace VkNet.ShaderCompiler.Spirv;

/// <summary>The SPIR-V decorations that reflection looks at (section 3.20 of the specification).</summary>
internal enum SpirvDecoration
{
    SpecId = 1,
    ArrayStride = 6,
    BuiltIn = 11,
    NonWritable = 24,
    Binding = 33,
    DescriptorSet = 34,
    Offset = 35,
}
