using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>A copy of a model's graph that more can be added to, in training or in inference form.</summary>
internal sealed class ModelCopy
{
    private readonly Dictionary<Value, Value> _map = [];
    private int _streams;

    private ModelCopy(Graph model, string name) => Builder = new GraphBuilder(model.Registry, name);

    internal GraphBuilder Builder { get; }

    /// <summary>What stands for each value of the model.</summary>
    internal IReadOnlyDictionary<Value, Value> Map => _map;

    /// <summary>Parameters of the copy whose next value an operator's training form has set (running statistics).</summary>
    internal HashSet<Value> Carried { get; } = [];

    /// <summary>Copies a graph.</summary>
    /// <param name="model">The model's graph.</param>
    /// <param name="name">The copy's name.</param>
    /// <param name="trainingSeed">The seed of a copy in training form; null for inference form.</param>
    /// <param name="parameterName">Names the copy's parameters; null to keep their names.</param>
    /// <param name="learnt">Inputs that become parameters; null for none.</param>
    /// <param name="rules">Changes to the parameters' options; null for none.</param>
    /// <param name="stateName">Names the copy's carried tensors that are no parameters; null to keep their names.</param>
    internal static ModelCopy Of(Graph model, string name, ulong? trainingSeed, Func<string, string>? parameterName = null, IReadOnlySet<string>? learnt = null, IReadOnlyList<ParameterRule>? rules = null, Func<string, string>? stateName = null)
    {
        var copy = new ModelCopy(model, name);
        var builder = copy.Builder;
        foreach (var input in model.Inputs)
            copy._map[input] = learnt?.Contains(input.Name) == true ? builder.Parameter(parameterName?.Invoke(input.Name) ?? input.Name, input.Type, Options(input.Name, new ParameterOptions())) : builder.Input(input.Name, input.Type);
        foreach (var value in model.RunValues) copy._map[value] = builder.RunValue(value.Name, value.DataType);
        foreach (var parameter in model.Parameters)
            copy._map[parameter] = builder.Parameter(parameterName?.Invoke(parameter.Name) ?? parameter.Name, parameter.Type, Options(parameter.Name, parameter.Parameter!));
        foreach (var state in model.States)
            if (!copy._map.ContainsKey(state.Input)) copy._map[state.Input] = builder.State(stateName?.Invoke(state.Input.Name) ?? state.Input.Name, state.Input.Data!);
        foreach (var node in model.Nodes) copy.Add(node, trainingSeed);
        foreach (var state in model.States) builder.SetState(copy._map[state.Input], copy.Of(state.Output));
        return copy;

        ParameterOptions Options(string parameter, ParameterOptions own) =>
            rules is null ? own : rules.Where(r => ParameterChoice.Fits(parameter, r.Pattern)).Aggregate(own, (options, rule) => rule.Change(options));
    }

    /// <summary>What stands for a value of the model.</summary>
    internal Value Of(Value value)
    {
        if (_map.TryGetValue(value, out var found)) return found;
        return _map[value] = Builder.Constant(value.Constant!, value.Name);
    }

    private void Add(Node node, ulong? trainingSeed)
    {
        var inputs = node.Inputs.Select(i => i is null ? null : Of(i)).ToArray();
        IReadOnlyList<Value> outputs;
        if (trainingSeed is { } seed && node.Operator is ITrainingMode mode)
        {
            var before = Builder.CarriedValues.ToHashSet();
            outputs = mode.BuildTraining(new TrainingModeContext(Builder, node, inputs, seed, () => _streams++));
            Carried.UnionWith(Builder.CarriedValues.Where(v => !before.Contains(v)));
        }
        else outputs = Builder.Add(node.Operator, node.Attributes, inputs, node.Name, node.Location);
        for (var i = 0; i < node.Outputs.Count; i++)
        {
            _map[node.Outputs[i]] = outputs[i];
            // A form that gives its input through unchanged leaves that its own name.
            if (!inputs.Contains(outputs[i]) && Builder.Find(node.Outputs[i].Name) is null) Builder.Rename(outputs[i], node.Outputs[i].Name);
        }
    }
}
