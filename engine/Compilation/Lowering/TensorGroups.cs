using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Finds tensors that one call can serve together (<see cref="ITreatsAlike"/>) and gives each its place in a buffer that they share: carried
/// tensors, and results that are computed where they will be read. A tensor that must lie elsewhere (a result that the caller reads) is
/// left out, in every role, and gets a call of its own.
/// </summary>
internal sealed class TensorGroups
{
    // A group of results takes its memory from the first of them on, and a call of this size costs the device more than being started, so
    // larger groups would cost memory and save nothing.
    private const long LargestGroup = 4L << 20;

    private readonly Graph _graph;
    private readonly CompilerOptions _options;
    private readonly Dictionary<Value, (Group Group, int Index)> _members = [];
    private readonly HashSet<Value> _states;
    private readonly HashSet<Value> _outputs;
    private readonly long _largest;

    internal TensorGroups(Graph graph, CompilerOptions options)
    {
        (_graph, _options) = (graph, options);
        _states = [.. graph.States.Select(s => s.Input)];
        _outputs = [.. graph.Outputs.Select(o => o.Value), .. graph.States.Select(s => s.Output)];
        // What is read as texels must lie within the device's limit.
        _largest = Math.Min(LargestGroup, 16 * options.Profile.MaxTexelBufferElements);
        foreach (var node in graph.Nodes)
            if (node.Operator is ITreatsAlike alike) Add(node, alike.Roles(node));
    }

    /// <summary>The place of a tensor; null where it has a buffer of its own.</summary>
    internal (Group Group, BufferPart Part)? Find(Value value) => _members.TryGetValue(value, out var found) ? (found.Group, found.Group.Parts[found.Index]) : null;

    private void Add(Node node, IReadOnlyList<IReadOnlyList<int>> roles)
    {
        var members = new List<Value?[]>();
        long bytes = 0;
        for (var t = 0; t < roles[0].Count; t++)
        {
            var values = roles.Select(r => node.Inputs[r[t]]!).ToArray();
            var size = DeviceTensor.SizeOf(values[0].Type, Layout.Dense);
            if (values[0].Shape.ElementCount == 0 || size > _largest) continue;
            var sources = values.Select(Source).ToArray();
            // Tensors that another node has placed lie in an order of their own, which is the same in most graphs.
            var placed = values.Select((v, i) => sources[i] is { } s ? _members.ContainsKey(s) : v.Producer?.Operator is ITreatsAlike).ToArray();
            if (placed.All(p => p) || Enumerable.Range(0, values.Length).Any(i => sources[i] is null && !placed[i])) continue;
            var next = sources.Select((s, i) => placed[i] ? null : s).ToArray();
            if (next.OfType<Value>().Distinct().Count() != next.OfType<Value>().Count()) continue;
            var end = (bytes + _options.Profile.BufferAlignment - 1) / _options.Profile.BufferAlignment * _options.Profile.BufferAlignment + size;
            if (members.Count > 0 && (end > _largest || !MayFollow(members[^1], next)))
            {
                Finish(members);
                members.Clear();
                end = size;
            }
            members.Add(next);
            bytes = end;
        }
        Finish(members);
    }

    // What is placed as a member: a carried tensor, or a result seen through views. Null where the value must lie elsewhere.
    private Value? Source(Value value)
    {
        if (_states.Contains(value)) return value;
        while (value.Layout == Layout.Dense && value.Producer is { Operator: ILowering lowering } producer && !_outputs.Contains(value))
        {
            if (producer.Operator is ITreatsAlike) return null;
            if (!lowering.IsView(producer)) return value;
            value = producer.Inputs[0]!;
        }
        return null;
    }

    private bool MayFollow(Value?[] previous, Value?[] next)
    {
        for (var role = 0; role < next.Length; role++)
        {
            if (previous[role] is null != next[role] is null) return false;
            if (previous[role] is { } first && _states.Contains(first) != _states.Contains(next[role]!)) return false;
            if (previous[role] is { } before && _states.Contains(before) && _options.MayFollow is { } may && !may(before.Name, next[role]!.Name)) return false;
        }
        return true;
    }

    private void Finish(List<Value?[]> members)
    {
        if (members.Count < 2) return;
        for (var role = 0; role < members[0].Length; role++)
        {
            if (members[0][role] is not { } first) continue;
            var group = new Group($"{first.Name} and {members.Count - 1} more", _states.Contains(first) ? BufferKind.State : BufferKind.Activation);
            foreach (var member in members)
            {
                var value = member[role]!;
                _members[value] = (group, group.Parts.Count);
                group.Add(value, _options.Profile.BufferAlignment);
            }
        }
    }

    /// <summary>Tensors that share a buffer.</summary>
    internal sealed class Group(string name, BufferKind kind)
    {
        internal string Name => name;

        internal BufferKind Kind => kind;

        internal List<BufferPart> Parts { get; } = [];

        internal long Bytes { get; private set; }

        /// <summary>The buffer, once it is made.</summary>
        internal VirtualBuffer? Buffer { get; set; }

        internal void Add(Value value, int alignment)
        {
            var offset = (Bytes + alignment - 1) / alignment * alignment;
            var size = DeviceTensor.SizeOf(value.Type, Layout.Dense);
            Parts.Add(new BufferPart(offset, size, kind == BufferKind.State ? value.Data : null, kind == BufferKind.State && value.Kind == ValueKind.Parameter ? value : null));
            Bytes = offset + size;
        }
    }
}
