namespace VkNet.Interop.Vulkan;

/// <summary>Base of the generated classes that hold the commands of one Vulkan extension.</summary>
internal abstract class NativeExtension<T>;

/// <summary>Finds the address of a command by its zero-terminated name; 0 when the driver does not have it.</summary>
internal delegate nint ProcLoader(ReadOnlySpan<byte> nullTerminatedName);
