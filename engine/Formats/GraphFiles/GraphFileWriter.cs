using System.Globalization;
using System.Text;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>
/// Writes graphs as graph files. Real constants become parameters, so that they can be trained further; they go into a safetensors file
/// beside the graph file. Other constants are written out where they are small.
/// </summary>
public sealed class GraphFileWriter
{
    private const long LargestLiteral = 1024;
    private static readonly string[] ReservedWords = ["true", "false", "yes", "no", "null", "on", "off", "nan", "inf", "infinity"];

    private readonly OpenGraph _open;
    private readonly Func<Value, Tensor?> _weights;
    private readonly Dictionary<Value, string> _references = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly StringBuilder _text = new();

    private GraphFileWriter(OpenGraph open, Func<Value, Tensor?> weights)
    {
        _open = open;
        _weights = weights;
    }

    private Graph Graph => _open.Graph;

    /// <summary>Writes a graph file and, where the graph has weights, a safetensors file of the same name.</summary>
    /// <param name="path">The graph file to create or replace.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">Finds the values of the graph's parameters; those without any are left to their initialisers.</param>
    /// <returns>The files written.</returns>
    /// <exception cref="VkNetException">VKN1111: the graph holds something that graph files cannot; VKN6003: a file cannot be written.</exception>
    public static IReadOnlyList<string> Save(string path, OpenGraph graph, Func<Value, Tensor?> weights)
    {
        var weightsFile = Path.ChangeExtension(path, ".safetensors");
        var (text, tensors) = Write(graph, weights, Path.GetFileName(weightsFile));
        if (tensors.Count > 0) SafetensorsFile.Save(weightsFile, tensors);
        AtomicFile.WriteAllText(path, text);
        return tensors.Count > 0 ? [path, weightsFile] : [path];
    }

    /// <summary>Writes a graph as text.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">Finds the values of the graph's parameters.</param>
    /// <param name="weightsFile">What the text calls the file of its weights.</param>
    /// <returns>The text, and the tensors that belong into that file.</returns>
    /// <exception cref="VkNetException">VKN1111: the graph holds something that graph files cannot.</exception>
    public static (string Text, IReadOnlyDictionary<string, Tensor> Tensors) Write(OpenGraph graph, Func<Value, Tensor?> weights, string weightsFile)
    {
        var writer = new GraphFileWriter(graph, weights);
        writer.Write(weightsFile);
        return (writer._text.ToString(), writer._tensors);
    }

    private void Write(string weightsFile)
    {
        if (Graph.RunValues.Count > 0) throw Fault($"'{Graph.RunValues[0].Name}' changes from run to run");
        Line($"version: {GraphFile.Version}");
        Line($"graph: {Quote(Graph.Name)}");
        WriteInputs();
        NameNodes();
        WriteConstants();
        WriteStates();
        if (Graph.Nodes.Count > 0) Line("nodes:");
        foreach (var node in Graph.Nodes) WriteNode(node);
        Line("outputs:");
        foreach (var (name, value) in Graph.Outputs) Line($"  {Quote(name)}: {_references[value]}");
        if (_tensors.Count > 0) Line($"weights_file: {Quote(weightsFile)}");
    }

    private void WriteInputs()
    {
        if (Graph.Inputs.Count == 0) return;
        Line("inputs:");
        for (var i = 0; i < Graph.Inputs.Count; i++)
        {
            var name = Name(Graph.Inputs[i]);
            var shape = string.Join(", ", _open.Inputs[i].Dimensions.Select(d => d.Symbol is { } symbol ? Symbol(symbol) : d.ToString()));
            Line($"  {name}: {{shape: [{shape}]{DType(Graph.Inputs[i].DataType)}}}");
        }
    }

    // Before constants, so that a node keeps its name where both want it.
    private void NameNodes()
    {
        foreach (var node in Graph.Nodes)
        {
            var stem = Name(node.Outputs[0]);
            for (var i = 1; i < node.Outputs.Count; i++)
                _references[node.Outputs[i]] = $"{stem}:{node.Operator.OutputName(i)}";
        }
    }

    private void WriteConstants()
    {
        var users = Graph.Nodes.SelectMany(n => n.Inputs.Select((value, index) => (Value: value, Node: n, Index: index))).Where(u => u.Value is not null).ToLookup(u => u.Value!);
        var used = Graph.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Concat(Graph.Outputs.Select(o => o.Value)).Concat(Graph.States.Select(s => s.Output)).Distinct();
        var (parameters, literals) = (new List<string>(), new List<string>());
        foreach (var value in used)
        {
            if (value.Kind is not (ValueKind.Constant or ValueKind.Parameter)) continue;
            var name = Name(value);
            if (value.Constant is { } data && (data.DataType != DataType.Float32 || data.Count <= 1) && data.Count <= LargestLiteral)
            {
                literals.Add($"  {name}: {{{Literal(data)}}}");
                continue;
            }
            var user = users[value].FirstOrDefault();
            var options = value.Parameter ?? (user.Node is null ? new ParameterOptions() : OptionsOf(user.Node, user.Index));
            if (!value.DataType.IsFloat()) options = options with { Frozen = true };
            parameters.Add($"  {name}: {{{Shape(value.Shape)}{DType(value.DataType)}{Options(options)}}}");
            if ((value.Constant ?? _weights(value)) is { } tensor) _tensors[name] = tensor;
        }
        if (parameters.Count > 0) Line("parameters:");
        foreach (var line in parameters) Line(line);
        if (literals.Count > 0) Line("constants:");
        foreach (var line in literals) Line(line);
    }

    private void WriteStates()
    {
        if (Graph.States.Count == 0) return;
        Line("states:");
        foreach (var state in Graph.States) Name(state.Input);
        foreach (var (input, output) in Graph.States.Select(s => (s.Input, s.Output)))
        {
            if (input.Kind != ValueKind.State) throw Fault($"parameter '{input.Name}' is given a next value, which is for training");
            var initial = input.Data!;
            var isZero = initial.Bytes().IndexOfAnyExcept((byte)0) < 0;
            if (!isZero && initial.Count > LargestLiteral) throw Fault($"state '{input.Name}' starts with {initial.Count} values");
            Line($"  {_references[input]}: {{{(isZero ? Shape(input.Shape) + DType(input.DataType) : Literal(initial))}, next: {_references[output]}}}");
        }
    }

    private void WriteNode(Node node)
    {
        if (!node.Operator.IsPublic) throw Fault($"{node.Operator.Name} '{node.Name}' is an operator of the compiler's own");
        var text = new StringBuilder($"  {_references[node.Outputs[0]]}: {{op: {node.Operator.Name}");
        var last = node.Inputs.Count;
        while (last > 0 && node.Inputs[last - 1] is null) last--;
        var inputs = node.Inputs.Take(last).Select(i => i is null ? "~" : _references[i]).ToList();
        if (inputs.Count == 1) text.Append(CultureInfo.InvariantCulture, $", input: {inputs[0]}");
        else if (inputs.Count > 1) text.Append(CultureInfo.InvariantCulture, $", inputs: [{string.Join(", ", inputs)}]");
        foreach (var definition in node.Operator.Attributes)
            if (node.Attributes.Find(definition.Name) is { } value && !IsImplied(node, definition, value))
                text.Append(CultureInfo.InvariantCulture, $", {definition.Name}: {Attribute(node, definition.Name, value)}");
        // A parameter that the node does without must not come into being.
        for (var i = 0; i < node.Operator.Inputs.Count; i++)
            if (node.Operator.Inputs[i] is { IsParameter: true, Optional: true, Name: var operand } && (i >= last || node.Inputs[i] is null) && node.Operator.Attributes.All(a => a.Name != operand))
                text.Append(CultureInfo.InvariantCulture, $", {operand}: false");
        Line(text.Append('}').ToString());
    }

    // What an attribute is without being written need not be, unless its presence decides whether an operand of that name comes into being.
    private static bool IsImplied(Node node, AttributeDefinition definition, object value) =>
        node.Operator.Inputs.All(i => i.Name != definition.Name) && definition.DefaultValue is { } usual
        && (usual is Array a && value is Array b ? a.Cast<object>().SequenceEqual(b.Cast<object>()) : usual.Equals(value));

    // How the operator itself would initialise and train this operand.
    private static ParameterOptions OptionsOf(Node node, int index)
    {
        if (index >= node.Operator.Inputs.Count || !node.Operator.Inputs[index].IsParameter) return new ParameterOptions { Initializer = node.Inputs[index]!.Shape.Rank > 1 ? "he" : "zeros" };
        var inputs = node.Inputs.Select((v, i) => i == index ? null : v).ToList();
        var attributes = node.Attributes;
        foreach (var (name, value) in Declared(node)) if (attributes.Find(name) is null) attributes = attributes.With(name, value);
        return node.Operator.DeclareParameters(new InferenceContext(node.Operator, attributes, inputs, node.Name, node.Location))
            .FirstOrDefault(d => d.Operand == node.Operator.Inputs[index].Name)?.Options ?? new ParameterOptions { Initializer = "he" };
    }

    // Sizes that a node may leave out while its weight is given.
    private static IEnumerable<KeyValuePair<string, object>> Declared(Node node)
    {
        if (node.Inputs.Count < 2 || node.Inputs[1] is not { Shape.Rank: > 1 } weight) yield break;
        foreach (var definition in node.Operator.Attributes)
        {
            if (definition is { Name: "filters" or "units", Kind: AttributeKind.Integer }) yield return new(definition.Name, node.Outputs[0].Shape[definition.Name == "units" ? -1 : 1]);
            if (definition is { Name: "kernel", Kind: AttributeKind.Integers }) yield return new(definition.Name, weight.Shape.Skip(2).ToArray());
        }
    }

    private static string Attribute(Node node, string name, object value) => value switch
    {
        long number => number.ToString(CultureInfo.InvariantCulture),
        long[] numbers => $"[{string.Join(", ", numbers)}]",
        double number => Real(number),
        double[] numbers => $"[{string.Join(", ", numbers.Select(Real))}]",
        bool flag => flag ? "true" : "false",
        string word => Quote(word),
        string[] words => $"[{string.Join(", ", words.Select(Quote))}]",
        _ => throw Fault($"'{name}' of {node.Operator.Name} '{node.Name}' is a graph of its own"),
    };

    private static string Literal(Tensor data)
    {
        var values = data.DataType == DataType.Bool ? ElementConversion.LoadIntegers(data).Select(v => v != 0 ? "true" : "false")
            : data.DataType.IsFloat() ? ElementConversion.LoadReals(data).Select(Real)
            : ElementConversion.LoadIntegers(data).Select(v => v.ToString(CultureInfo.InvariantCulture));
        return $"{Shape(data.Shape)}{DType(data.DataType)}, value: [{string.Join(", ", values)}]";
    }

    private static string Shape(Shape shape) => $"shape: [{string.Join(", ", shape)}]";

    private static string DType(DataType type) => type == DataType.Float32 ? "" : $", dtype: {type.Name()}";

    private static string Options(ParameterOptions options)
    {
        var text = options.Initializer == "zeros" ? "" : $", init: {options.Initializer}";
        if (options.InitializerScale != 1) text += $", scale: {Real(options.InitializerScale)}";
        if (options.LearningRateScale != 1) text += $", lr_scale: {Real(options.LearningRateScale)}";
        if (options.DecayScale != 1) text += $", decay_scale: {Real(options.DecayScale)}";
        return options.Frozen ? text + ", frozen: true" : text;
    }

    private static string Real(double value) =>
        double.IsNaN(value) ? ".nan" : double.IsInfinity(value) ? value > 0 ? ".inf" : "-.inf" : value.ToString("R", CultureInfo.InvariantCulture);

    // Names come from other formats; those here are words that need no quotes and hold no colon, which divides a node from its output.
    private string Name(Value value)
    {
        if (_references.TryGetValue(value, out var known)) return known;
        var stem = Word(value.Name, "_.-");
        var name = stem;
        for (var i = 2; !_names.Add(name); i++) name = $"{stem}_{i}";
        return _references[value] = name;
    }

    private static string Symbol(string symbol) => Word(symbol, "_").TrimStart('_') is { Length: > 0 } word && char.IsAsciiLetter(word[0]) ? word : "s" + Word(symbol, "_");

    private static string Word(string text, string alsoAllowed)
    {
        var word = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || alsoAllowed.Contains(c) ? c : '_'));
        if (word.Length == 0 || !(char.IsAsciiLetter(word[0]) || word[0] == '_')) word = "v" + word;
        return ReservedWords.Contains(word.ToLowerInvariant()) ? word + "_" : word;
    }

    private static string Quote(string text) =>
        text.Length > 0 && text == Word(text, "_") ? text : $"\"{string.Concat(text.Select(c => c switch { '"' => "\\\"", '\\' => "\\\\", < ' ' => $"\\x{(int)c:x2}", _ => c.ToString() }))}\"";

    private void Line(string text) => _text.Append(text).Append('\n');

    private static VkNetException Fault(string what) => new("VKN1111", $"the graph cannot be written as a graph file: {what}", "graph files hold public operators, parameters, constants and states");
}
