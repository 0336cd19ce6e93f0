using System.Text;
using VkNet.BindingGenerator.Model;

namespace VkNet.BindingGenerator.Emission;

/// <summary>
/// Writes a C program that prints, from the real Vulkan headers, what the binding must agree with: a line
/// <c>Struct SIZE</c>, <c>Struct.Field OFFSET</c> or <c>Enum:Value NUMBER</c> for each name the binding has.
/// </summary>
internal static class AbiProbe
{
    public static string Source(Selection selection)
    {
        var text = new StringBuilder("""
            #include <stddef.h>
            #include <stdio.h>
            #include <vulkan/vulkan.h>

            #define SIZE(name, type) printf(name " %zu\n", sizeof(type))
            #define OFFSET(name, type, field) printf(name " %zu\n", offsetof(type, field))
            #define VALUE(name, value) printf(name " %lld\n", (long long)(value))

            int main(void)
            {

            """);
        foreach (var definition in selection.Structs.Where(s => !selection.Allow.Opaque.Contains(s)).Select(s => selection.Registry.Structs[s])) Write(text, definition);
        foreach (var definition in selection.Enums.Select(e => selection.Registry.Enums[e])) Write(text, selection, definition);
        return text.Append("    return 0;\n}\n").ToString();
    }

    // Extensions newer than the headers (those of the supplement) are left out.
    private static void Write(StringBuilder text, RegistryStruct definition)
    {
        var name = Naming.Type(definition.Name);
        Guard(text, definition.Name, () =>
        {
            text.Append($"    SIZE(\"{name}\", {definition.Name});\n");
            foreach (var field in definition.Fields) text.Append($"    OFFSET(\"{name}.{Naming.Field(field.Name)}\", {definition.Name}, {field.Name});\n");
        });
    }

    private static void Write(StringBuilder text, Selection selection, RegistryEnum definition) => Guard(text, definition.Name, () =>
    {
        foreach (var value in selection.Values(definition).Where(v => definition.Number(v) is not null))
        {
            Guard(text, value.Name, () => text.Append($"    VALUE(\"{Naming.Type(definition.Name)}:{Naming.EnumValue(definition.Name, value.Name)}\", {value.Name});\n"));
        }
    });

    private static void Guard(StringBuilder text, string name, Action body)
    {
        var isNew = name.Contains("CooperativeMatrix", StringComparison.Ordinal) && name.EndsWith("KHR", StringComparison.Ordinal)
            || name.Contains("COOPERATIVE_MATRIX", StringComparison.Ordinal) && name.EndsWith("KHR", StringComparison.Ordinal)
            || name is "VkComponentTypeKHR" or "VkScopeKHR";
        if (isNew) text.Append("#ifdef VK_KHR_cooperative_matrix\n");
        body();
        if (isNew) text.Append("#endif\n");
    }
}
