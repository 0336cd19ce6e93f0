using VkNet.Graphs;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>Reads one node of a graph file: its inputs, its attributes, the parameters that come into being with it, and its activation.</summary>
internal static class NodeReader
{
    internal static IReadOnlyList<Value> Add(GraphBuilder builder, GraphScope scope, string name, YamlMappingNode node, Operator @operator)
    {
        var reading = scope.Reading;
        var location = reading.At(node);
        var fullName = scope.Prefix + name;
        var attributes = AttributeReader.Read(reading, node, @operator, name);
        var inputs = ReadInputs(scope, node).ToList();
        var options = ReadOperands(scope, node, @operator, inputs, out var declined);
        AddParameters(builder, @operator, attributes, inputs, options, declined, fullName, location);
        if (YamlReading.Find(node, "activation") is not { } activation) return builder.Add(@operator, attributes, inputs, fullName, location);
        var linear = builder.Add(@operator, attributes, inputs, fullName + ".linear", location);
        return [Activate(builder, reading, activation, linear[0], fullName), .. linear.Skip(1)];
    }

    /// <summary>The positional inputs: <c>input: x</c> or <c>inputs: [a, b]</c>; an empty entry stands for an absent optional one.</summary>
    internal static IReadOnlyList<Value?> ReadInputs(GraphScope scope, YamlMappingNode node)
    {
        var (one, many) = (YamlReading.Find(node, "input"), YamlReading.Find(node, "inputs"));
        if (one is not null && many is not null) throw scope.Reading.Fault(many, "VKN1102", "'input' and 'inputs' cannot both be given");
        if (one is not null) return [scope.Reference(one)];
        if (many is null) return [];
        return [.. scope.Reading.Sequence(many, "inputs").Select(i => i is YamlScalarNode { Value: "" or "~" or "null" } ? null : scope.Reference(i))];
    }

    // Operands given by name: a reference, a parameter's options, or false for none.
    private static Dictionary<string, ParameterOptions> ReadOperands(GraphScope scope, YamlMappingNode node, Operator @operator, List<Value?> inputs, out HashSet<string> declined)
    {
        var options = new Dictionary<string, ParameterOptions>(StringComparer.Ordinal);
        declined = [];
        for (var i = 0; i < @operator.Inputs.Count; i++)
        {
            var definition = @operator.Inputs[i];
            if (definition.Name is "input" or "inputs" || YamlReading.Find(node, definition.Name) is not { } given) continue;
            if (@operator.Attributes.Any(a => a.Name == definition.Name) && !AttributeReader.IsOperand(scope.Reading, given, @operator, definition.Name)) continue;
            var flag = scope.Reading.TryFlag(given);
            if (flag == false && definition.Optional) declined.Add(definition.Name);
            else if (flag == true && definition.IsParameter) continue;
            else if (definition.IsParameter && scope.Reading.Resolve(given) is YamlMappingNode mapping)
            {
                scope.Reading.CheckKeys(mapping, definition.Name, ParameterReader.Keys);
                options[definition.Name] = ParameterReader.Read(scope.Reading, mapping, null);
            }
            else
            {
                while (inputs.Count <= i) inputs.Add(null);
                if (inputs[i] is not null) throw scope.Reading.Fault(given, "VKN1105", $"input '{definition.Name}' is given twice");
                inputs[i] = scope.Reference(given);
            }
        }
        return options;
    }

    private static void AddParameters(GraphBuilder builder, Operator @operator, AttributeSet attributes, List<Value?> inputs, Dictionary<string, ParameterOptions> options, HashSet<string> declined, string name, SourceLocation location)
    {
        if (!@operator.Inputs.Any(i => i.IsParameter) || inputs.Count == 0 || inputs[0] is null) return;
        foreach (var declaration in @operator.DeclareParameters(new InferenceContext(@operator, attributes, inputs, name, location)))
        {
            var index = Enumerable.Range(0, @operator.Inputs.Count).First(i => @operator.Inputs[i].Name == declaration.Operand);
            if (declined.Contains(declaration.Operand) || (index < inputs.Count && inputs[index] is not null)) continue;
            while (inputs.Count <= index) inputs.Add(null);
            var given = options.GetValueOrDefault(declaration.Operand);
            inputs[index] = builder.Parameter($"{name}.{declaration.Operand}", declaration.Type, given is null ? declaration.Options : ParameterReader.Merge(declaration.Options, given), location);
        }
    }

    private static Value Activate(GraphBuilder builder, YamlReading reading, YamlNode node, Value value, string name)
    {
        var mapping = reading.Resolve(node) as YamlMappingNode;
        var opNode = mapping is null ? node : reading.Require(mapping, "op", "activation");
        var @operator = builder.Registry.Get(reading.Text(opNode, "activation"), reading.At(opNode));
        if (!@operator.IsPublic) throw reading.Fault(opNode, "VKN1101", $"unknown operator '{@operator.Name}'", Suggestion.For(@operator.Name, builder.Registry.Operators.Where(o => o.IsPublic).Select(o => o.Name)));
        var attributes = mapping is null ? AttributeSet.Empty : AttributeReader.Read(reading, mapping, @operator, name);
        if (mapping is not null) reading.CheckKeys(mapping, "activation", ["op", .. @operator.Attributes.Select(a => a.Name)]);
        var inputs = @operator.Inputs.Select((_, i) => i == 0 ? value : null).Take(Math.Max(1, @operator.Inputs.Count(i => !i.Optional))).ToList<Value?>();
        return builder.Add(@operator, attributes, inputs, name, reading.At(node))[0];
    }
}
