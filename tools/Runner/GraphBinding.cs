using VkNet.Graphs;

namespace VkNet.Runner;

/// <summary>Builds a model's graph for commands that compile without running: sizes nobody gives are taken as 1.</summary>
internal static class GraphBinding
{
    /// <summary>Builds the graph, and says on <paramref name="error"/> which sizes were taken as 1.</summary>
    /// <param name="model">The model.</param>
    /// <param name="files">Files of inputs whose value or size the model's shapes depend on, by name.</param>
    /// <param name="symbols">Sizes of symbols.</param>
    /// <param name="error">Where notes go.</param>
    /// <exception cref="VkNetException">VKN2011: the value of an input that is not given decides a shape; otherwise as <see cref="InputLoader.LoadGiven"/> and <see cref="ModelDefinition.BuildFor"/>.</exception>
    internal static Graph Build(ModelDefinition model, IReadOnlyDictionary<string, string> files, IReadOnlyDictionary<string, long> symbols, TextWriter error)
    {
        var inputs = InputLoader.LoadGiven(model.Inputs, files, symbols, null);
        var given = model.Inputs.Where(i => inputs.ContainsKey(i.Name)).SelectMany(i => i.Dimensions).Select(d => d.Symbol).ToHashSet();
        var open = model.Symbols.Where(s => !symbols.ContainsKey(s) && !given.Contains(s)).ToList();
        if (open.Count > 0) error.WriteLine($"note: {string.Join(", ", open)} taken as 1; choose with --bind {open[0]}=8");
        return model.BuildFor(inputs, symbols, openSymbols: 1);
    }
}
