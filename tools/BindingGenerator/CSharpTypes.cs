using VkNet.BindingGenerator.Model;

namespace VkNet.BindingGenerator;

/// <summary>The C# types of C types.</summary>
internal sealed class CSharpTypes(Registry registry)
{
    /// <summary>The C# type of a C type without stars.</summary>
    public string Of(string type)
    {
        type = registry.Resolve(type);
        return type switch
        {
            "uint32_t" or "VkFlags" or "VkSampleMask" => "uint",
            "int32_t" or "int" => "int",
            "uint64_t" or "VkDeviceSize" or "VkDeviceAddress" or "VkFlags64" => "ulong",
            "int64_t" => "long",
            "uint16_t" => "ushort",
            "uint8_t" or "char" => "byte",
            "size_t" => "nuint",
            "float" => "float",
            "double" => "double",
            "void" => "void",
            "VkBool32" => "Bool32",
            _ when registry.Bitmasks.TryGetValue(type, out var mask) => Mask(mask),
            _ when type.StartsWith("PFN_vk", StringComparison.Ordinal) => Naming.FunctionPointer(type),
            _ when type.StartsWith("Vk", StringComparison.Ordinal) => Naming.Type(type),
            _ => throw new NotSupportedException($"the C type {type}"),
        };
    }

    /// <summary>The C# type of a member or parameter, stars included.</summary>
    public string Of(RegistryField field) => Of(field.Type) + new string('*', field.Stars);

    // Flags that have no bits yet are plain numbers.
    private string Mask((string? Bits, bool IsWide) mask) =>
        mask.Bits is { } bits && registry.Enums.ContainsKey(bits) ? Naming.Type(bits) : mask.IsWide ? "ulong" : "uint";
}
