using Microsoft.Extensions.DependencyInjection;

namespace VkNet.Hosting;

/// <summary>Adds models to a container; returned by <c>AddVkNet</c>.</summary>
/// <param name="services">The container's services.</param>
public sealed class VkNetBuilder(IServiceCollection services)
{
    /// <summary>The container's services.</summary>
    public IServiceCollection Services { get; } = services;
}
