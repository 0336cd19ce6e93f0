namespace VkNet.BindingGenerator.Model;

/// <summary>A structure or union.</summary>
internal sealed record RegistryStruct(string Name, IReadOnlyList<RegistryField> Fields, bool IsUnion);
