namespace VkNet.Shaders;

/// <summary>Reads the SPIR-V modules embedded in this assembly.</summary>
internal static class EmbeddedSpirv
{
    /// <summary>The bytes of a module.</summary>
    /// <exception cref="InvalidOperationException">The assembly was built without it.</exception>
    public static byte[] Load(string name)
    {
        using var stream = typeof(EmbeddedSpirv).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"VkNet.Shaders was built without the module '{name}'");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
