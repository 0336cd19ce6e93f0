namespace VkNet.Devices;

/// <summary>The options of a device with what the environment adds to them.</summary>
/// <param name="Selector">Index or part of a name; null for the best device.</param>
/// <param name="RequireHardware">Whether software drivers are refused.</param>
/// <param name="Validation">Whether to run under the validation layer.</param>
/// <param name="MemoryLimit">Most bytes of device memory; null for no limit of ours.</param>
/// <param name="Disabled">Features to do without.</param>
internal sealed record DeviceSettings(string? Selector, bool RequireHardware, bool Validation, long? MemoryLimit, IReadOnlySet<string> Disabled)
{
    /// <summary>Reads the environment for what the options leave open.</summary>
    /// <exception cref="VkNetException">VKN4007 or VKN4008: a variable cannot be understood.</exception>
    public static DeviceSettings Read(DeviceOptions options) => Read(options, Environment.GetEnvironmentVariable);

    /// <summary>The same with an environment of the caller's.</summary>
    public static DeviceSettings Read(DeviceOptions options, Func<string, string?> get) => new(
        options.Selector ?? NullIfEmpty(get("VKNET_DEVICE")),
        options.RequireHardware || Flag("VKNET_REQUIRE_HARDWARE", get),
        options.Validation || Flag("VKNET_VALIDATE", get),
        options.MemoryLimit ?? Limit(get),
        Checked(options.DisabledFeatures ?? Names(get("VKNET_DISABLE"))));

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static bool Flag(string variable, Func<string, string?> get) => get(variable)?.Trim().ToLowerInvariant() switch
    {
        null or "" or "0" or "false" => false,
        "1" or "true" => true,
        var text => throw DeviceErrors.BadSetting(variable, text, "0 or 1"),
    };

    private static long? Limit(Func<string, string?> get)
    {
        const string Variable = "VKNET_MEMORY_LIMIT";
        if (NullIfEmpty(get(Variable)) is not { } text) return null;
        return ByteSize.TryParse(text, out var bytes) ? bytes : throw DeviceErrors.BadSetting(Variable, text, "a size such as 512MB");
    }

    private static HashSet<string> Names(string? list) =>
        new((list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), StringComparer.Ordinal);

    private static IReadOnlySet<string> Checked(IReadOnlySet<string> names)
    {
        foreach (var name in names)
        {
            if (!DeviceFeatures.All.Contains(name)) throw DeviceErrors.UnknownFeature(name);
        }
        return names;
    }
}
