using VkNet.BindingGenerator.Model;

namespace VkNet.BindingGenerator;

/// <summary>The part of the registry that an allow-list needs: what it names and every type reached from there.</summary>
internal sealed class Selection
{
    private readonly HashSet<string> _structureTypes = new(StringComparer.Ordinal);

    /// <summary>Follows all references of an allow-list.</summary>
    public Selection(Registry registry, AllowList allow)
    {
        Registry = registry;
        Allow = allow;
        foreach (var name in allow.Structs)
        {
            if (!registry.Structs.ContainsKey(registry.Resolve(name))) throw new InvalidDataException($"{name} is not in this vk.xml ({registry.Version}) and not in the supplement");
            Need(name);
        }
        foreach (var command in allow.Commands.Select(registry.Command))
        {
            Need(command.ReturnType);
            foreach (var parameter in command.Parameters) Need(parameter.Type);
        }
    }

    public Registry Registry { get; }

    public AllowList Allow { get; }

    /// <summary>C names of the structures and unions.</summary>
    public SortedSet<string> Structs { get; } = new(StringComparer.Ordinal);

    /// <summary>C names of the handles.</summary>
    public SortedSet<string> Handles { get; } = new(StringComparer.Ordinal);

    /// <summary>C names of the enumerations.</summary>
    public SortedSet<string> Enums { get; } = new(StringComparer.Ordinal);

    /// <summary>C names of the function pointer types.</summary>
    public SortedSet<string> FunctionPointers { get; } = new(StringComparer.Ordinal);

    /// <summary>The values of an enumeration that are wanted: the core's, those of allowed extensions, and of structure types those in use.</summary>
    public IEnumerable<RegistryEnumValue> Values(RegistryEnum definition) => definition.Name == "VkStructureType"
        ? definition.Values.Where(v => _structureTypes.Contains(v.Alias ?? v.Name))
        : definition.Values.Where(v => v.Extension is null || Allow.EnumExtensions.Contains(v.Extension));

    private void Need(string type)
    {
        type = Registry.Resolve(type);
        if (Registry.Handles.ContainsKey(type)) Handles.Add(type);
        else if (Registry.FunctionPointers.Contains(type)) FunctionPointers.Add(type);
        else if (Registry.Bitmasks.TryGetValue(type, out var mask)) AddEnum(mask.Bits);
        else if (Registry.Enums.ContainsKey(type)) AddEnum(type);
        else if (Registry.Structs.TryGetValue(type, out var definition) && Structs.Add(type) && !Allow.Opaque.Contains(type))
        {
            foreach (var field in definition.Fields)
            {
                Need(field.Type);
                if (field is { Name: "sType", RequiredValue: { } value }) _structureTypes.Add(value);
            }
        }
    }

    private void AddEnum(string? name)
    {
        if (name is not null && Registry.Enums.ContainsKey(name)) Enums.Add(name);
    }
}
