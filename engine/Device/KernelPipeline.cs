using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>A kernel made ready for a device with its specialization constants. It lives as long as the device; recordings keep the device alive.</summary>
internal sealed class KernelPipeline
{
    internal KernelPipeline(NativeDevice device, KernelDescriptor kernel, Pipeline handle, PipelineLayout layout, DescriptorSetLayout setLayout)
    {
        Device = device;
        Kernel = kernel;
        Handle = handle;
        Layout = layout;
        SetLayout = setLayout;
    }

    /// <summary>The kernel variant.</summary>
    public KernelDescriptor Kernel { get; }

    /// <summary>The device it was made for.</summary>
    internal NativeDevice Device { get; }

    /// <summary>The Vulkan pipeline.</summary>
    internal Pipeline Handle { get; }

    /// <summary>Its layout: descriptor set 0.</summary>
    internal PipelineLayout Layout { get; }

    /// <summary>The layout of descriptor set 0.</summary>
    internal DescriptorSetLayout SetLayout { get; }

    /// <inheritdoc/>
    public override string ToString() => Kernel.ToString();
}
