using Microsoft.Extensions.Configuration;
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
    /// Adds a device, opened when it is first asked for and disposed with the container: <see cref="VkNetDevice"/>, and for those who need not
    /// outlive its loss, <see cref="ComputeDevice"/> itself. Models follow with <see cref="AddModel(VkNetBuilder, string, string, Action{ModelOptions}?)"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes to the options; they can also be bound from configuration as <see cref="VkNetOptions"/>.</param>
    /// <seealso cref="AddVkNet(IServiceCollection, IConfiguration)"/>
    public static VkNetBuilder AddVkNet(this IServiceCollection services, Action<VkNetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<VkNetOptions>();
        if (configure is not null) options.Configure(configure);
        services.TryAddSingleton(provider => new VkNetDevice(provider.GetRequiredService<IOptions<VkNetOptions>>(), provider.GetService<ILoggerFactory>()));
        services.TryAddSingleton(provider => provider.GetRequiredService<VkNetDevice>().Current);
        return new VkNetBuilder(services);
    }

    /// <summary>Adds a device as <see cref="AddVkNet(IServiceCollection, Action{VkNetOptions}?)"/> does, with options from a section of the configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">A section whose keys are the names of <see cref="VkNetOptions"/>: <c>{"VkNet": {"Device": "radeon", "RequireHardware": true}}</c>.</param>
    public static VkNetBuilder AddVkNet(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var builder = services.AddVkNet();
        services.AddOptions<VkNetOptions>().Bind(configuration);
        return builder;
    }

    /// <summary>Adds a graph file under a name. Ask for it as a keyed <see cref="IVkNetModel"/>.</summary>
    /// <param name="builder">What <c>AddVkNet</c> returned.</param>
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
    /// <param name="builder">What <c>AddVkNet</c> returned.</param>
    /// <param name="name">The model's name in the container.</param>
    /// <param name="configure">Sets <see cref="ModelOptions.Model"/>, and weights, batching, plans.</param>
    public static VkNetBuilder AddModel(this VkNetBuilder builder, string name, Action<ModelOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        builder.Services.AddOptions<ModelOptions>(name).Configure(configure);
        builder.Services.AddKeyedSingleton<IVkNetModel>(name, (provider, _) =>
            new HostedModel(name, provider.GetRequiredService<VkNetDevice>(), provider.GetRequiredService<IOptionsMonitor<ModelOptions>>().Get(name)));
        return builder;
    }
}
