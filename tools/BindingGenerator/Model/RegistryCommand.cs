namespace VkNet.BindingGenerator.Model;

/// <summary>A command: its return type and parameters.</summary>
internal sealed record RegistryCommand(string Name, string ReturnType, IReadOnlyList<RegistryField> Parameters);
