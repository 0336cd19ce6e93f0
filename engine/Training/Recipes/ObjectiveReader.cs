using VkNet.Formats;
using VkNet.Graphs;
using YamlDotNet.RepresentationModel;

namespace VkNet.Training;

/// <summary>
/// Reads what a recipe minimises and measures. Losses and metrics are nodes as in graph files, over the names of the model and the fed
/// columns; <c>nodes</c> holds what several of them share.
/// </summary>
internal sealed class ObjectiveReader
{
    internal static readonly string[] StepKeys = ["name", "minimise", "wrt", "optimizer", "schedule", "every"];

    private readonly YamlReading _reading;
    private readonly OperatorRegistry _registry;
    private readonly YamlMappingNode _root;
    private readonly long _epochs;
    private readonly List<KeyValuePair<string, Func<ObjectiveContext, Value>>> _metrics;

    internal ObjectiveReader(YamlReading reading, OperatorRegistry registry, YamlMappingNode root, long epochs)
    {
        (_reading, _registry, _root, _epochs) = (reading, registry, root, epochs);
        if (YamlReading.Find(root, "nodes") is { } nodes) GraphFileCheck.CheckNodes(reading, nodes, registry, []);
        _metrics = [.. reading.Entries(YamlReading.Find(root, "metrics"), "metrics").Select(m => new KeyValuePair<string, Func<ObjectiveContext, Value>>(m.Name, Term(m.Value, m.Name)))];
    }

    internal IReadOnlyList<KeyValuePair<string, Func<ObjectiveContext, Value>>> Metrics() => _metrics;

    internal IReadOnlyList<RecipeStep> Steps()
    {
        if (YamlReading.Find(_root, "steps") is not { } steps)
            return [Step(_root, "the recipe", "train", _reading.Require(_root, "loss", "the recipe"))];
        foreach (var key in (string[])["loss", "optimizer", "schedule", "wrt"])
            if (YamlReading.Find(_root, key) is { } twice) throw _reading.Fault(twice, "VKN1102", $"'{key}' cannot stand beside 'steps'", "every step has its own");
        var read = _reading.Sequence(steps, "steps").Select((node, i) =>
        {
            var mapping = _reading.Mapping(node, "a step");
            _reading.CheckKeys(mapping, "a step", StepKeys);
            var name = YamlReading.Find(mapping, "name") is { } n ? _reading.Text(n, "name") : $"step{i + 1}";
            return Step(mapping, $"step '{name}'", name, _reading.Require(mapping, "minimise", $"step '{name}'"));
        }).ToList();
        if (read.Count == 0) throw _reading.Fault(steps, "VKN1005", "'steps' is empty");
        if (read.Select(r => r.Name).Distinct().Count() != read.Count) throw _reading.Fault(steps, "VKN1105", "two steps have the same name");
        return read;
    }

    private RecipeStep Step(YamlMappingNode mapping, string where, string name, YamlNode loss)
    {
        var optimizer = _reading.Require(mapping, "optimizer", where);
        return new RecipeStep(name, Term(loss, "loss"), ReadOptimizer(_reading.Mapping(optimizer, "optimizer")))
        {
            WithRespectTo = YamlReading.Find(mapping, "wrt") is { } wrt
                ? [.. _reading.Resolve(wrt) is YamlSequenceNode list ? list.Select(w => _reading.Text(w, "wrt")) : [_reading.Text(wrt, "wrt")]]
                : ["*"],
            Every = YamlReading.Find(mapping, "every") is { } every ? RecipeFile.Positive(_reading, every, "every") : 1,
            Schedule = YamlReading.Find(mapping, "schedule") is { } schedule ? ScheduleReader.Read(_reading, schedule, _epochs, _metrics) : LearningRateSchedule.Constant,
        };
    }

    private OptimizerOptions ReadOptimizer(YamlMappingNode mapping)
    {
        var op = _reading.Require(mapping, "op", "optimizer");
        var name = _reading.Text(op, "op");
        if (!_registry.TryGet(name, out var found) || found is not IOptimizer)
            throw _reading.Fault(op, "VKN5012", $"unknown optimizer '{name}'", Suggestion.For(name, _registry.Operators.Where(o => o is IOptimizer).Select(o => o.Name)));
        _reading.CheckKeys(mapping, $"the optimizer {name}", ["op", "lr", "average", .. found.Attributes.Select(a => a.Name)]);
        var rateNode = _reading.Require(mapping, "lr", "optimizer");
        var rate = _reading.Real(rateNode, "lr");
        if (!(rate > 0 && double.IsFinite(rate))) throw _reading.Fault(rateNode, "VKN5021", $"the learning rate cannot be {YamlReading.Show(rateNode)}", "it is a positive number; 0.001 suits adam, 0.01 to 0.1 suits sgd");
        var average = YamlReading.Find(mapping, "average") is { } a ? _reading.Real(a, "average") : 0;
        if (!(average is >= 0 and < 1)) throw _reading.Fault(YamlReading.Find(mapping, "average")!, "VKN1203", "'average' must be at least 0 and below 1", "it is the share of the running average that is kept in a step");
        return new OptimizerOptions(name, rate) { Attributes = AttributeReader.Read(_reading, mapping, found, "optimizer"), AverageDecay = average };
    }

    // A loss or a metric: the name of a value, or a node.
    private Func<ObjectiveContext, Value> Term(YamlNode node, string name)
    {
        if (_reading.Resolve(node) is YamlMappingNode mapping)
            GraphFileCheck.CheckNodes(_reading, new YamlMappingNode(new YamlScalarNode(name), mapping), _registry, []);
        return context =>
        {
            var scope = Scope(context);
            if (_reading.Resolve(node) is not YamlMappingNode term) return scope.Reference(node);
            var op = _reading.Require(term, "op", $"'{name}'");
            return NodeReader.Add(context.Builder, scope, context.Builder.Find(name) is null ? name : context.Builder.Fresh(name), term, context.Builder.Registry.Get(_reading.Text(op, "op"), _reading.At(op)))[0];
        };
    }

    // The nodes of the recipe are added once to each graph, when its first term is built.
    private GraphScope Scope(ObjectiveContext context)
    {
        if (context.Scope is { } known) return known;
        var scope = new GraphScope("", _reading.Naming(context.Symbols), null);
        foreach (var (name, values) in context.Values) scope.Values[name] = values;
        context.Scope = scope;
        foreach (var (name, key, value) in _reading.Entries(YamlReading.Find(_root, "nodes"), "nodes"))
        {
            var node = _reading.Mapping(value, $"node '{name}'");
            var op = _reading.Require(node, "op", $"node '{name}'");
            if (!scope.Values.TryAdd(name, NodeReader.Add(context.Builder, scope, name, node, context.Builder.Registry.Get(_reading.Text(op, "op"), _reading.At(op)))))
                throw _reading.Fault(key, "VKN1105", $"the name '{name}' is assigned twice", "the model has it already");
        }
        return scope;
    }
}
