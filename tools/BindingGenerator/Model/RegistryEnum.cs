namespace VkNet.BindingGenerator.Model;

/// <summary>An enumeration or a set of flag bits.</summary>
/// <param name="Name">Its C name.</param>
/// <param name="IsFlags">Whether its values are bits.</param>
/// <param name="IsWide">Whether it has 64 bits.</param>
internal sealed record RegistryEnum(string Name, bool IsFlags, bool IsWide)
{
    /// <summary>Its values in the registry's order, those that features and extensions add last.</summary>
    public List<RegistryEnumValue> Values { get; } = [];

    /// <summary>The number of a value, through its aliases; null when an alias leads nowhere.</summary>
    public long? Number(RegistryEnumValue value)
    {
        while (value.Alias is { } alias)
        {
            if (Values.FirstOrDefault(v => v.Name == alias) is not { } target) return null;
            value = target;
        }
        return value.Value;
    }
}

/// <summary>One value of an enumeration.</summary>
/// <param name="Name">Its C name.</param>
/// <param name="Value">Its number; meaningless for an alias.</param>
/// <param name="Alias">The value that it is another name of.</param>
/// <param name="Extension">The extension that adds it; null for the core.</param>
internal sealed record RegistryEnumValue(string Name, long Value, string? Alias, string? Extension);
