using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>The Vulkan descriptor types of the kinds of binding that kernels have.</summary>
internal static class DescriptorTypes
{
    /// <summary>The descriptor type of a kind of binding.</summary>
    public static DescriptorType Of(BindingKind kind) => kind switch
    {
        BindingKind.UniformBuffer => DescriptorType.UniformBuffer,
        BindingKind.StorageBuffer => DescriptorType.StorageBuffer,
        BindingKind.StorageTexelBuffer => DescriptorType.StorageTexelBuffer,
        BindingKind.UniformTexelBuffer => DescriptorType.UniformTexelBuffer,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
