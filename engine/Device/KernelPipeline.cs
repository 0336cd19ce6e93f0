using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>A kernel made ready for a device with its specialization constants. It lives as long as the device; recordings keep the device alive.</summary>
internal sealed class KernelPipeline
{
    internal KernelPipeline(NativeDevice device, PipelineRequest request, Pipeline handle, PipelineLayout layout, DescriptorSetLayout setLayout)
    {
        Device = device;
        Request = request;
        Handle = handle;
        Layout = layout;
        SetLayout = setLayout;
    }

    /// <summary>The kernel variant.</summary>
    public KernelDescriptor Kernel => Request.Kernel;

    /// <summary>What it was made from.</summary>
    public PipelineRequest Request { get; }

    /// <summary>Whether the driver has made all of its code; see <see cref="PipelineWarmUp"/>.</summary>
    internal bool IsWarm { get; set; }

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
