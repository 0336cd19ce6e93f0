using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>A group of nodes being fused: its root, the pointwise members that follow, and the tensors read from outside.</summary>
internal sealed class FusionGroup
{
    private readonly Node _root;
    private readonly ILowering _lowering;
    private readonly Dictionary<Value, List<Node>> _users;
    private readonly HashSet<Value> _kept;
    private readonly Dictionary<Node, int> _position;
    private readonly HashSet<Node> _taken;
    private List<Node> _members;
    private List<Value> _operands = [];

    internal FusionGroup(Node root, ILowering lowering, Dictionary<Value, List<Node>> users, HashSet<Value> kept, Dictionary<Node, int> position, HashSet<Node> taken)
    {
        (_root, _lowering, _users, _kept, _position, _taken) = (root, lowering, users, kept, position, taken);
        _members = [root];
    }

    /// <summary>Root first, then the members in topological order.</summary>
    internal IReadOnlyList<Node> Members => _members;

    /// <summary>Tensors read from outside by the members after the root.</summary>
    internal IReadOnlyList<Value> Operands => _operands;

    /// <summary>Adds members as long as the group can be closed; what was added after it was last closed is dropped.</summary>
    internal void Grow()
    {
        var room = PointwiseProgram.MaximumSteps - (_lowering.EpilogueCost(_root).Steps);
        var operandRoom = PointwiseProgram.MaximumOperands - _lowering.EpilogueCost(_root).Operands;
        var members = new List<Node> { _root };
        var operands = new List<Value>();
        while (members.Count - 1 < room && NextCandidate(members) is { } candidate)
        {
            var added = candidate.Inputs.OfType<Value>().Where(v => !members.Any(m => m.Outputs[0] == v) && !operands.Contains(v)).Distinct().ToList();
            if (operands.Count + added.Count > operandRoom || !added.All(v => _lowering.AcceptsOperand(_root, v))) break;
            operands.AddRange(added);
            members.Add(candidate);
            if (!IsClosed(members)) continue;
            (_members, _operands) = ([.. members], [.. operands]);
        }
    }

    /// <summary>The members after the root as a program.</summary>
    internal PointwiseProgram Program()
    {
        var registers = new Dictionary<Value, int> { [_root.Outputs[0]] = 0 };
        for (var i = 0; i < _operands.Count; i++) registers[_operands[i]] = 1 + i;
        var steps = new List<PointwiseStep>();
        foreach (var member in _members.Skip(1))
        {
            var step = ((IPointwise)member.Operator).ToStep(member)!.Value;
            int Register(int input) => input < member.Inputs.Count && member.Inputs[input] is { } value ? registers[value] : 0;
            steps.Add(step with { A = Register(step.A), B = Register(step.B), C = Register(step.C) });
            registers[member.Outputs[0]] = PointwiseProgram.FirstResult + steps.Count - 1;
        }
        return new PointwiseProgram(steps, _operands.Count);
    }

    // The earliest pointwise user of a value of the group that is not in it yet.
    private Node? NextCandidate(List<Node> members) =>
        members.SelectMany(m => _users.GetValueOrDefault(m.Outputs[0]) ?? [])
            .Where(u => !members.Contains(u))
            .Distinct()
            .OrderBy(u => _position[u])
            .FirstOrDefault() is { } candidate && CanJoin(candidate) ? candidate : null;

    private bool CanJoin(Node node)
    {
        if (_taken.Contains(node) || node.Operator is not IPointwise pointwise || node.Outputs.Count != 1) return false;
        if (node.Outputs[0].Shape != _root.Outputs[0].Shape) return false;
        if (pointwise.ToStep(node) is not { } step || !_lowering.AcceptsStep(_root, step)) return false;
        // Reals and whole numbers are computed by kernels of their own; truth values go with either.
        var family = Family(_root.Outputs[0].DataType) ?? Family(node.Outputs[0].DataType);
        return node.Inputs.OfType<Value>().Append(node.Outputs[0]).All(v => Family(v.DataType) is not { } other || family is null || other == family);
    }

    private static bool? Family(DataType type) => type == DataType.Bool ? null : type.IsFloat();

    // Only the last member's value may be read from outside.
    private bool IsClosed(List<Node> members)
    {
        for (var i = 0; i < members.Count - 1; i++)
        {
            var value = members[i].Outputs[0];
            if (_kept.Contains(value)) return false;
            foreach (var user in _users.GetValueOrDefault(value) ?? [])
                if (!members.Contains(user)) return false;
        }
        return true;
    }
}
