using VkNet.ShaderCompiler.Spirv;

namespace VkNet.ShaderCompiler;

/// <summary>A variant after compilation: what it shows and where its SPIR-V is.</summary>
/// <param name="Declaration">The line that declares it.</param>
/// <param name="Interface">Its interface; null when an optional variant was left out.</param>
/// <param name="ResourceName">The name of the embedded resource.</param>
/// <param name="SpirvHash">SHA-256 of the embedded SPIR-V, in hexadecimal.</param>
internal sealed record CompiledVariant(VariantDeclaration Declaration, KernelInterface? Interface, string ResourceName, string SpirvHash);
