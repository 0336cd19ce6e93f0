using VkNet.Graphs;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>Reads how a parameter is initialised and trained: <c>{init: he, scale: 1, lr_scale: 1, decay_scale: 1, frozen: false}</c>.</summary>
internal static class ParameterReader
{
    internal static readonly string[] Keys = ["init", "scale", "lr_scale", "decay_scale", "frozen"];

    private static readonly ParameterOptions Unset = new() { Initializer = "", InitializerScale = double.NaN, LearningRateScale = double.NaN, DecayScale = double.NaN };

    /// <summary>Reads the options; what is not given stays as in <paramref name="defaults"/>, or unset for a later <see cref="Merge"/> when that is null.</summary>
    internal static ParameterOptions Read(YamlReading reading, YamlMappingNode mapping, ParameterOptions? defaults)
    {
        var options = defaults ?? Unset;
        if (YamlReading.Find(mapping, "init") is { } init)
        {
            var name = reading.Text(init, "init");
            // A number is the constant that it names.
            if (double.TryParse(name, System.Globalization.CultureInfo.InvariantCulture, out var constant)) options = options with { Initializer = "constant", InitializerScale = constant };
            else if (!Initializer.Names.Contains(name)) throw reading.Fault(init, "VKN1110", $"unknown initialiser '{name}'", Suggestion.For(name, Initializer.Names));
            else options = options with { Initializer = name, InitializerScale = double.IsNaN(options.InitializerScale) ? 1 : options.InitializerScale };
        }
        if (YamlReading.Find(mapping, "scale") is { } scale) options = options with { InitializerScale = reading.Real(scale, "scale") };
        if (YamlReading.Find(mapping, "lr_scale") is { } rate) options = options with { LearningRateScale = reading.Real(rate, "lr_scale") };
        if (YamlReading.Find(mapping, "decay_scale") is { } decay) options = options with { DecayScale = reading.Real(decay, "decay_scale") };
        if (YamlReading.Find(mapping, "frozen") is { } frozen) options = options with { Frozen = reading.Flag(frozen, "frozen") };
        return options;
    }

    /// <summary>What is set in <paramref name="given"/>, the rest from <paramref name="defaults"/>.</summary>
    internal static ParameterOptions Merge(ParameterOptions defaults, ParameterOptions given) => new()
    {
        Initializer = given.Initializer.Length > 0 ? given.Initializer : defaults.Initializer,
        InitializerScale = double.IsNaN(given.InitializerScale) ? defaults.InitializerScale : given.InitializerScale,
        LearningRateScale = double.IsNaN(given.LearningRateScale) ? defaults.LearningRateScale : given.LearningRateScale,
        DecayScale = double.IsNaN(given.DecayScale) ? defaults.DecayScale : given.DecayScale,
        Frozen = given.Frozen,
    };
}
