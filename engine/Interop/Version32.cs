namespace VkNet.Interop.Vulkan;

/// <summary>A version packed as Vulkan packs it: 7 bits major, 10 bits minor, 12 bits patch; the counterpart of Silk.NET.Core.Version32.</summary>
internal readonly struct Version32(uint major, uint minor, uint patch = 0)
{
    public uint Value { get; } = (major << 22) | (minor << 12) | patch;

    public uint Major => (Value >> 22) & 0x7f;

    public uint Minor => (Value >> 12) & 0x3ff;

    public uint Patch => Value & 0xfff;

    public static implicit operator uint(Version32 version) => version.Value;

    public static explicit operator Version32(uint value) => new((value >> 22) & 0x7f, (value >> 12) & 0x3ff, value & 0xfff);

    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
