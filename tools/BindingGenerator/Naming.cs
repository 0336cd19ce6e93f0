using System.Text;
using System.Text.RegularExpressions;

namespace VkNet.BindingGenerator;

/// <summary>The rules by which Silk.NET 2.x turns C names into C# names.</summary>
internal static partial class Naming
{
    private static readonly string[] Vendors =
        ["KHR", "EXT", "NV", "AMD", "INTEL", "ARM", "QCOM", "IMG", "GOOGLE", "HUAWEI", "VALVE", "FUCHSIA", "ANDROID", "GGP", "NN", "MVK", "NVX", "AMDX", "QNX", "SEC", "LUNARG", "MSFT"];

    /// <summary>VkBufferUsageFlagBits -> BufferUsageFlags.</summary>
    public static string Type(string name) => (name.StartsWith("Vk", StringComparison.Ordinal) ? name[2..] : name).Replace("FlagBits", "Flags", StringComparison.Ordinal);

    /// <summary>PFN_vkVoidFunction -> PfnVoidFunction.</summary>
    public static string FunctionPointer(string name) => "Pfn" + name["PFN_vk".Length..];

    /// <summary>vkCmdBeginDebugUtilsLabelEXT -> CmdBeginDebugUtilsLabel.</summary>
    public static string Command(string name) => WithoutVendor(name["vk".Length..]);

    /// <summary>VK_MAX_MEMORY_TYPES -> MaxMemoryTypes.</summary>
    public static string Constant(string name) => Words(name["VK_".Length..]);

    /// <summary>VkSampleCountFlagBits, VK_SAMPLE_COUNT_1_BIT -> Count1Bit; VK_BUFFER_USAGE_STORAGE_BUFFER_BIT -> StorageBufferBit.</summary>
    public static string EnumValue(string enumName, string valueName)
    {
        var prefix = UpperSnake(WithoutVendor(enumName).Replace("FlagBits", "", StringComparison.Ordinal));
        var start = enumName == "VkResult" ? "VK_" : prefix + "_";
        var rest = valueName.StartsWith(start, StringComparison.Ordinal) ? valueName[start.Length..] : valueName["VK_".Length..];
        var name = Words(rest);
        // A name may not begin with a digit: the last word of the enumeration's own name goes before it.
        return char.IsDigit(name[0]) ? Pascal(prefix.Split('_')[^1]) + name : name;
    }

    /// <summary>pipelineCacheUUID -> PipelineCacheUuid.</summary>
    public static string Field(string name) =>
        CapitalRun().Replace(char.ToUpperInvariant(name[0]) + name[1..], m => m.Value[0] + m.Value[1..].ToLowerInvariant());

    /// <summary>A parameter's name, escaped where C# reserves it.</summary>
    public static string Parameter(string name) => name is "event" or "object" or "ref" or "in" or "out" ? "@" + name : name;

    private static string WithoutVendor(string name)
    {
        foreach (var vendor in Vendors)
        {
            if (name.EndsWith(vendor, StringComparison.Ordinal)) return name[..^vendor.Length];
        }
        return name;
    }

    private static string Words(string upperSnake) => string.Concat(upperSnake.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(Word));

    private static string Word(string word) => word is "NV" or "ID" ? word : Pascal(word);

    // SHADER -> Shader, 16BIT -> 16Bit, FLOAT16 -> Float16.
    private static string Pascal(string word)
    {
        var text = new StringBuilder();
        var upper = true;
        foreach (var c in word)
        {
            text.Append(upper ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
            upper = char.IsDigit(c);
        }
        return text.ToString();
    }

    private static string UpperSnake(string camel) => WordBoundary().Replace(camel, "_").ToUpperInvariant();

    [GeneratedRegex("[A-Z]{3,}")]
    private static partial Regex CapitalRun();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-zA-Z])(?=[0-9])")]
    private static partial Regex WordBoundary();
}
