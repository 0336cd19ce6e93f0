namespace VkNet.Interop.Vulkan;

/// <summary>Vulkan's 32-bit boolean (VkBool32); the counterpart of Silk.NET.Core.Bool32.</summary>
internal readonly struct Bool32(uint value) : IEquatable<Bool32>
{
    public Bool32(bool value)
        : this(value ? 1u : 0u)
    {
    }

    public uint Value { get; } = value;

    public static implicit operator bool(Bool32 value) => value.Value != 0;

    public static implicit operator Bool32(bool value) => new(value);

    public static implicit operator uint(Bool32 value) => value.Value;

    public static implicit operator Bool32(uint value) => new(value);

    public bool Equals(Bool32 other) => Value == other.Value;

    public override bool Equals(object? obj) => obj is Bool32 other && Equals(other);

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => Value != 0 ? "true" : "false";
}
