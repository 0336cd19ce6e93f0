using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// A model before it is bound: declared inputs, and a way to build the graph for given bindings. Graph files, ONNX models and C# code
/// all give one of these.
/// </summary>
public class ModelDefinition
{
    private readonly Func<Bindings, Graph> _build;

    /// <summary>Makes a model from a build function.</summary>
    public ModelDefinition(string name, IReadOnlyList<InputDeclaration> inputs, Func<Bindings, Graph> build)
    {
        Name = name;
        Inputs = inputs;
        _build = build;
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The inputs with their symbols.</summary>
    public IReadOnlyList<InputDeclaration> Inputs { get; }

    /// <summary>The symbols of all inputs, in order of appearance.</summary>
    public IEnumerable<string> Symbols => Inputs.SelectMany(i => i.Dimensions).Select(d => d.Symbol).OfType<string>().Distinct();

    /// <summary>Where the model's weights lie by default; null when it names none.</summary>
    public string? WeightsFile { get; init; }

    /// <summary>Builds the graph for concrete sizes and values.</summary>
    /// <exception cref="ValueNeededException">The value of an input is needed.</exception>
    /// <exception cref="VkNetException">VKN1, VKN2 or VKN3: the model does not fit together.</exception>
    public Graph Build(Bindings bindings) => _build(bindings);

    /// <summary>
    /// Builds the graph for the inputs about to be run: symbols take the sizes of the inputs' axes, and inputs whose values decide shapes
    /// are bound by value.
    /// </summary>
    /// <param name="inputs">The inputs, or those of them that are known.</param>
    /// <param name="symbols">Sizes of symbols that the caller fixes.</param>
    /// <param name="openSymbols">The size of symbols that neither give; null when that is an error.</param>
    /// <exception cref="ValueNeededException">The value of an input that is not among <paramref name="inputs"/> is needed.</exception>
    /// <exception cref="VkNetException">VKN2009, VKN2010: an input does not fit its declaration or another input; otherwise as <see cref="Build"/>.</exception>
    public Graph BuildFor(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, long>? symbols = null, long? openSymbols = null)
    {
        var types = inputs.ToDictionary(i => i.Key, i => i.Value.Type);
        var bindings = Bindings.FromShapes(Inputs, types, symbols);
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        while (true)
        {
            try
            {
                return Build(new Bindings { Symbols = bindings.Symbols, Values = values, OpenSymbols = openSymbols });
            }
            catch (ValueNeededException needed) when (needed.Inputs.All(i => inputs.ContainsKey(i) && !values.ContainsKey(i)))
            {
                foreach (var name in needed.Inputs) values[name] = inputs[name];
            }
        }
    }
}
