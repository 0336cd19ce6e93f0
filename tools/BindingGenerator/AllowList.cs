namespace VkNet.BindingGenerator;

/// <summary>What of the registry is wanted; its form is described at the head of <c>allow.txt</c>.</summary>
internal sealed class AllowList
{
    /// <summary>Commands of class Vk.</summary>
    public List<string> CoreCommands { get; } = [];

    /// <summary>Extensions with commands, in order.</summary>
    public List<AllowedExtension> Extensions { get; } = [];

    /// <summary>Structures wanted beside those that commands mention.</summary>
    public List<string> Structs { get; } = [];

    /// <summary>API constants.</summary>
    public List<string> Constants { get; } = [];

    /// <summary>Structures whose members are left out.</summary>
    public HashSet<string> Opaque { get; } = new(StringComparer.Ordinal);

    /// <summary>Extensions whose enum values are kept.</summary>
    public HashSet<string> EnumExtensions { get; } = new(StringComparer.Ordinal);

    /// <summary>Every command, of the core and of extensions.</summary>
    public IEnumerable<string> Commands => CoreCommands.Concat(Extensions.SelectMany(e => e.Commands));

    /// <summary>Reads the lines of an allow-list.</summary>
    public static AllowList Parse(IEnumerable<string> lines)
    {
        var list = new AllowList();
        AllowedExtension? extension = null;
        foreach (var line in lines)
        {
            var words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            var rest = words[1..];
            switch (words[0])
            {
                case "core":
                    extension = null;
                    break;
                case "ext":
                    extension = new AllowedExtension(rest[0], rest[1]);
                    list.Extensions.Add(extension);
                    list.EnumExtensions.Add(rest[0]);
                    break;
                case "cmd":
                    (extension?.Commands ?? list.CoreCommands).AddRange(rest);
                    break;
                case "struct":
                    list.Structs.AddRange(rest);
                    break;
                case "const":
                    list.Constants.AddRange(rest);
                    break;
                case "opaque":
                    list.Opaque.UnionWith(rest);
                    break;
                case "enumext":
                    list.EnumExtensions.UnionWith(rest);
                    break;
                default:
                    throw new FormatException($"the allow-list has a line that begins with '{words[0]}'");
            }
        }
        return list;
    }
}

/// <summary>An extension with commands.</summary>
/// <param name="Name">Its name, <c>VK_EXT_debug_utils</c>.</param>
/// <param name="ClassName">The class that holds its commands, <c>ExtDebugUtils</c>.</param>
internal sealed record AllowedExtension(string Name, string ClassName)
{
    /// <summary>Its commands.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>Its vendor, which names the namespace: <c>EXT</c>.</summary>
    public string Vendor => Name.Split('_')[1];
}
