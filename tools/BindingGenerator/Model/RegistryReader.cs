using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace VkNet.BindingGenerator.Model;

/// <summary>Reads registry files into one <see cref="Registry"/>. What the first file defines, later ones do not change; aliases are taken from all.</summary>
internal sealed partial class RegistryReader
{
    private readonly Registry _registry = new();

    /// <summary>Reads files in the form of vk.xml.</summary>
    public static Registry Read(params IEnumerable<string> paths)
    {
        var reader = new RegistryReader();
        foreach (var path in paths) reader.Read(XDocument.Load(path).Root ?? throw new InvalidDataException($"{path} is empty"));
        return reader._registry;
    }

    private void Read(XElement root)
    {
        foreach (var type in root.Elements("types").Elements("type").Where(IsForVulkan)) ReadType(type);
        foreach (var group in root.Elements("enums")) ReadEnums(group);
        foreach (var value in root.Elements("feature").Where(IsForVulkan).Elements("require").Where(IsForVulkan).Elements("enum").Where(IsForVulkan))
        {
            Extend(value, extension: null, extensionNumber: 0);
        }
        foreach (var extension in root.Elements("extensions").Elements("extension").Where(IsSupported))
        {
            var (name, number) = (Attribute(extension, "name")!, Integer(Attribute(extension, "number")!));
            foreach (var value in extension.Elements("require").Where(IsForVulkan).Elements("enum").Where(IsForVulkan)) Extend(value, name, number);
        }
        foreach (var command in root.Elements("commands").Elements("command").Where(IsForVulkan)) ReadCommand(command);
    }

    // The registry also describes Vulkan SC, in elements of its own.
    private static bool IsForVulkan(XElement element) => Attribute(element, "api") is not { } api || api.Split(',').Contains("vulkan");

    private static bool IsSupported(XElement extension) => (Attribute(extension, "supported") ?? "").Split(',').Contains("vulkan");

    private static string? Attribute(XElement element, string name) => (string?)element.Attribute(name);

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private void ReadType(XElement type)
    {
        var name = Attribute(type, "name") ?? (string?)type.Element("name");
        if (name is null) return;
        if (Attribute(type, "alias") is { } alias)
        {
            _registry.TypeAliases.TryAdd(name, alias);
            return;
        }
        switch (Attribute(type, "category"))
        {
            case "handle":
                _registry.Handles.TryAdd(name, type.Element("type")!.Value == "VK_DEFINE_HANDLE");
                break;
            case "bitmask":
                _registry.Bitmasks.TryAdd(name, (Attribute(type, "requires") ?? Attribute(type, "bitvalues"), type.Element("type")!.Value == "VkFlags64"));
                break;
            case "funcpointer":
                _registry.FunctionPointers.Add(name);
                break;
            case "struct" or "union":
                var fields = type.Elements("member").Where(IsForVulkan).Select(ReadField).ToList();
                _registry.Structs.TryAdd(name, new RegistryStruct(name, fields, Attribute(type, "category") == "union"));
                break;
            case "define" when HeaderVersion().Match(type.Value) is { Success: true } patch:
                _registry.Version = patch.Groups[1].Value;
                break;
        }
    }

    private void ReadEnums(XElement group)
    {
        var name = Attribute(group, "name")!;
        if (name == "API Constants")
        {
            foreach (var constant in group.Elements("enum"))
            {
                if (Attribute(constant, "value") is { } text) _registry.Constants.TryAdd(Attribute(constant, "name")!, text);
            }
            return;
        }
        if (_registry.Enums.ContainsKey(name)) return;
        var definition = new RegistryEnum(name, Attribute(group, "type") == "bitmask", Attribute(group, "bitwidth") == "64");
        foreach (var value in group.Elements("enum").Where(IsForVulkan)) Add(definition, value, extension: null, extensionNumber: 0);
        _registry.Enums.Add(name, definition);
    }

    private void Extend(XElement value, string? extension, int extensionNumber)
    {
        if (Attribute(value, "extends") is { } name && _registry.Enums.TryGetValue(name, out var definition)) Add(definition, value, extension, extensionNumber);
    }

    private static void Add(RegistryEnum definition, XElement element, string? extension, int extensionNumber)
    {
        var name = Attribute(element, "name")!;
        if (definition.Values.Any(v => v.Name == name)) return;
        var alias = Attribute(element, "alias");
        definition.Values.Add(new RegistryEnumValue(name, alias is null ? Number(element, extensionNumber) : 0, alias, extension));
    }

    // Values that extensions add are numbered by the specification's rule: 10^9 + (extension - 1) * 1000 + offset.
    private static long Number(XElement element, int extensionNumber)
    {
        if (Attribute(element, "bitpos") is { } position) return 1L << Integer(position);
        if (Attribute(element, "offset") is { } offset)
        {
            if (Attribute(element, "extnumber") is { } owner) extensionNumber = Integer(owner);
            var value = 1_000_000_000L + ((extensionNumber - 1) * 1000L) + Integer(offset);
            return Attribute(element, "dir") == "-" ? -value : value;
        }
        var text = Attribute(element, "value")!;
        return text.StartsWith("0x", StringComparison.Ordinal) ? Convert.ToInt64(text, 16) : long.Parse(text, CultureInfo.InvariantCulture);
    }

    private void ReadCommand(XElement command)
    {
        if (Attribute(command, "alias") is { } alias)
        {
            _registry.CommandAliases.TryAdd(Attribute(command, "name")!, alias);
            return;
        }
        var proto = command.Element("proto")!;
        var name = proto.Element("name")!.Value;
        _registry.Commands.TryAdd(name, new RegistryCommand(name, proto.Element("type")!.Value, [.. command.Elements("param").Where(IsForVulkan).Select(ReadField)]));
    }

    // A member is C text with its type and name marked up: const <type>char</type>* <name>pName</name>[<enum>SIZE</enum>].
    private static RegistryField ReadField(XElement member)
    {
        var declaration = new XElement(member);
        declaration.Elements("comment").Remove();
        var (text, name) = (declaration.Value, declaration.Element("name")!.Value);
        var tail = text[(text.LastIndexOf(name, StringComparison.Ordinal) + name.Length)..];
        var array = ArrayBrackets().Match(tail);
        return new RegistryField(
            declaration.Element("type")!.Value,
            name,
            text.Count(c => c == '*'),
            text.TrimStart().StartsWith("const", StringComparison.Ordinal),
            Attribute(member, "len"),
            array.Success ? array.Groups[1].Value : null,
            Attribute(member, "values")?.Split(',')[0],
            tail.Contains(':', StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\[(\w+)\]")]
    private static partial Regex ArrayBrackets();

    [GeneratedRegex(@"#define\s+VK_HEADER_VERSION\s+(\d+)")]
    private static partial Regex HeaderVersion();
}
