using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>Checks a range before it is bound to a kernel, against the buffer and against the device's limits.</summary>
internal static class BindingRules
{
    private const int TexelBytes = 16;

    /// <summary>
    /// The size to bind. It is the range's, rounded up to a whole number of texels for tensors, since kernels load four
    /// floats at a time; the rounding stays inside the padding that every tensor has.
    /// </summary>
    /// <exception cref="VkNetException">VKN4013 when the device cannot bind so many bytes.</exception>
    public static long BoundSize(DeviceProfile profile, KernelDescriptor kernel, KernelBinding binding, in BufferRange range)
    {
        range.Buffer.CheckRange(range.Offset, range.Size);
        if (range.Offset % profile.BufferAlignment != 0 && !IsAligned(profile, binding.Kind, range.Offset))
        {
            throw new ArgumentException($"{range} is bound to '{binding.Name}' of kernel {kernel} at an offset that is no multiple of {profile.BufferAlignment}");
        }
        var size = range.Size;
        if (binding.Kind != BindingKind.UniformBuffer) size = Math.Min((size + TexelBytes - 1) / TexelBytes * TexelBytes, range.Buffer.Size - range.Offset);
        var (limitName, limit) = binding.Kind switch
        {
            BindingKind.UniformBuffer => ("maxUniformBufferRange", profile.MaxUniformBufferRange),
            BindingKind.StorageBuffer => ("maxStorageBufferRange", profile.MaxStorageBufferRange),
            _ => ("maxTexelBufferElements (16 bytes each)", profile.MaxTexelBufferRange),
        };
        if (size > limit) throw DeviceErrors.RangeTooLarge(range.DisplayName, kernel.ToString(), binding.Name, range.Size, limitName, limit);
        if (size == 0) throw new ArgumentException($"{range} has no bytes to bind to '{binding.Name}' of kernel {kernel}");
        if (binding.Kind == BindingKind.UniformBuffer && size < kernel.ParameterBytes)
        {
            throw new ArgumentException($"{range} is smaller than the {kernel.ParameterBytes} bytes of parameters of kernel {kernel}");
        }
        return size;
    }

    // The common alignment covers all kinds and a cache line; slices inside a tensor need only that of their own kind.
    private static bool IsAligned(DeviceProfile profile, BindingKind kind, long offset) => kind switch
    {
        BindingKind.UniformBuffer => offset % profile.UniformAlignment == 0,
        BindingKind.StorageBuffer => offset % profile.StorageAlignment == 0,
        _ => offset % profile.TexelAlignment == 0,
    };
}
