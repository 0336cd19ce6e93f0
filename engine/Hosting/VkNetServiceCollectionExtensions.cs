using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VkNet.Devices;
using VkNet.Formats;
using VkNet.Hosting;
using VkNet.Operators;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds VkNet to a service collection.</summary>
public static class VkNetServiceCollectionExtensions
{
    /// <summary>
    /// Adds a device, opened when it is first asked for and disposed with the container (<see cref="ComputeDevice"/>). Models follow with
    /// <see cref="AddModel(VkNetBuilder, string, string, Action{ModelOptions}?)"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes to the options; they can also be bound from configuration as <see cref="VkNetOptions"/>.</param>
    public static VkNetBuilder AddVkNet(this IServiceCollection services, Action<VkNetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<VkNetOptions>();
        if (configure is not null) options.Configure(configure);
        services.TryAddSingleton(provider =>
        {
            var chosen = provider.GetRequiredService<IOptions<VkNetOptions>>().Value;
            return ComputeDevice.Open(new DeviceOptions
            {
                Selector = chosen.Device,
                RequireHardware = chosen.RequireHardware,
                MemoryLimit = chosen.MemoryLimit,
                CacheFolder = chosen.CacheFolder,
                Logger = provider.GetService<ILoggerFactory>()?.CreateLogger("VkNet.Device"),
            });
        });
        return new VkNetBuilder(services);
    }

    /// <summary>Adds a graph file under a name. Ask for it as a keyed <see cref="IVkNetModel"/>.</summary>
    /// <param name="builder">What <see cref="AddVkNet"/> returned.</param>
    /// <param name="name">The model's name in the container.</param>
    /// <param name="path">A graph file. For ONNX models set <see cref="ModelOptions.Model"/> to a call of VkNet.Onnx's loader.</param>
    /// <param name="configure">Weights, batching, plans.</param>
    public static VkNetBuilder AddModel(this VkNetBuilder builder, string name, string path, Action<ModelOptions>? configure = null) =>
        builder.AddModel(name, options =>
        {
            options.Model = () => GraphFile.Load(path, StandardOperators.Registry);
            configure?.Invoke(options);
        });

    /// <summary>Adds any model under a name. Ask for it as a keyed <see cref="IVkNetModel"/>.</summary>
    /// <param name="builder">What <see cref="AddVkNet"/> returned.</param>
    /// <param name="name">The model's name in the container.</param>
    /// <param name="configure">Sets <see cref="ModelOptions.Model"/>, and weights, batching, plans.</param>
    public static VkNetBuilder AddModel(this VkNetBuilder builder, string name, Action<ModelOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        builder.Services.AddOptions<ModelOptions>(name).Configure(configure);
        builder.Services.AddKeyedSingleton<IVkNetModel>(name, (provider, _) =>
            new HostedModel(name, provider.GetRequiredService<ComputeDevice>(), provider.GetRequiredService<IOptionsMonitor<ModelOptions>>().Get(name)));
        return builder;
    }
}
