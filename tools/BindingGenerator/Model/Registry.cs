namespace VkNet.BindingGenerator.Model;

/// <summary>What the generator knows of Khronos's vk.xml.</summary>
internal sealed class Registry
{
    /// <summary>The registry's VK_HEADER_VERSION, <c>239</c>.</summary>
    public string Version { get; set; } = "unknown";

    /// <summary>Structures and unions by C name.</summary>
    public Dictionary<string, RegistryStruct> Structs { get; } = new(StringComparer.Ordinal);

    /// <summary>Type names that stand for another type.</summary>
    public Dictionary<string, string> TypeAliases { get; } = new(StringComparer.Ordinal);

    /// <summary>Handle types, and whether they are dispatchable (a pointer, else 64 bits).</summary>
    public Dictionary<string, bool> Handles { get; } = new(StringComparer.Ordinal);

    /// <summary>Flag types (VkFooFlags) with the enumeration of their bits, which some lack, and whether they have 64 bits.</summary>
    public Dictionary<string, (string? Bits, bool IsWide)> Bitmasks { get; } = new(StringComparer.Ordinal);

    /// <summary>Enumerations by C name.</summary>
    public Dictionary<string, RegistryEnum> Enums { get; } = new(StringComparer.Ordinal);

    /// <summary>API constants, as C text.</summary>
    public Dictionary<string, string> Constants { get; } = new(StringComparer.Ordinal);

    /// <summary>Commands by C name.</summary>
    public Dictionary<string, RegistryCommand> Commands { get; } = new(StringComparer.Ordinal);

    /// <summary>Command names that stand for another command.</summary>
    public Dictionary<string, string> CommandAliases { get; } = new(StringComparer.Ordinal);

    /// <summary>Function pointer types.</summary>
    public HashSet<string> FunctionPointers { get; } = new(StringComparer.Ordinal);

    /// <summary>Follows type aliases to the type itself.</summary>
    public string Resolve(string type)
    {
        while (TypeAliases.TryGetValue(type, out var target)) type = target;
        return type;
    }

    /// <summary>A command by its name or one of its aliases.</summary>
    public RegistryCommand Command(string name) =>
        Commands.TryGetValue(CommandAliases.GetValueOrDefault(name, name), out var command)
            ? command
            : throw new InvalidDataException($"{name} is not in this vk.xml ({Version}) and not in the supplement");

    /// <summary>Size of a fixed array.</summary>
    public int ArraySize(string text) => int.TryParse(text, out var size) ? size : int.Parse(Constants[text], System.Globalization.CultureInfo.InvariantCulture);
}
