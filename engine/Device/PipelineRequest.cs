using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>A pipeline to be made.</summary>
/// <param name="Kernel">The kernel variant.</param>
/// <param name="Constants">Values of its specialization constants; those left out keep their defaults.</param>
/// <param name="SubgroupSize">Subgroup size to ask for; null takes what the kernel requires, or else the device's own.</param>
internal sealed record PipelineRequest(KernelDescriptor Kernel, IReadOnlyList<SpecializationValue> Constants, int? SubgroupSize = null);
