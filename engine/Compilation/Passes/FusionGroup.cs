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
    private Node? _refused;
    private string? _reason;

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
        while (NextCandidate(members) is { } candidate)
        {
            var added = candidate.Inputs.OfType<Value>().Where(v => !members.Any(m => m.Outputs[0] == v) && !operands.Contains(v)).Distinct().ToList();
            var whyNot = WhyNot(candidate) ?? WhyNot(candidate, added, room - members.Count + 1, operandRoom - operands.Count);
            // A member taken in the hope that its other readers would follow is the one to name, not the reader that did not.
            if (_reason is null) (_refused, _reason) = (candidate, whyNot);
            if (whyNot is not null) return;
            operands.AddRange(added);
            members.Add(candidate);
            if (WhyOpen(members) is { } open)
            {
                _reason ??= open;
                continue;
            }
            (_members, _operands, _reason) = ([.. members], [.. operands], null);
        }
    }

    /// <summary>Why the group ends where it does, if a pointwise node that it could have taken follows.</summary>
    internal FusionRefusal? Refusal => _reason is not null && _refused is { Operator: IPointwise } ? new FusionRefusal([_root.Name, _refused.Name], _reason) : null;

    /// <summary>The node that the refusal is about.</summary>
    internal Node? Refused => _refused;

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

    // The earliest user of a value of the group that is not in it yet.
    private Node? NextCandidate(List<Node> members) =>
        members.SelectMany(m => _users.GetValueOrDefault(m.Outputs[0]) ?? [])
            .Where(u => !members.Contains(u))
            .Distinct()
            .OrderBy(u => _position[u])
            .FirstOrDefault();

    // Why a node cannot be a member, by itself.
    private string? WhyNot(Node node)
    {
        if (node.Operator is not IPointwise pointwise || node.Outputs.Count != 1) return $"{node.Operator.Name} is not pointwise";
        if (_taken.Contains(node)) return "it is fused into another kernel already";
        if (node.Outputs[0].Shape != _root.Outputs[0].Shape) return $"its result {node.Outputs[0].Shape} is larger than {_root.Outputs[0].Shape}";
        if (pointwise.ToStep(node) is not { } step) return $"{node.Operator.Name} with these attributes is no single step";
        if (!_lowering.AcceptsStep(_root, step)) return $"the kernel of {_root.Operator.Name} does not know {node.Operator.Name}; only the pointwise kernel does";
        // Reals and whole numbers are computed by kernels of their own; truth values go with either.
        var family = Family(_root.Outputs[0].DataType) ?? Family(node.Outputs[0].DataType);
        return node.Inputs.OfType<Value>().Append(node.Outputs[0]).All(v => Family(v.DataType) is not { } other || family is null || other == family)
            ? null
            : "one kernel computes either reals or whole numbers";
    }

    // Why a node cannot join the group as it is.
    private string? WhyNot(Node node, List<Value> operands, int steps, int room)
    {
        if (steps < 1) return $"an epilogue has at most {PointwiseProgram.MaximumSteps} steps";
        if (operands.Count > room) return $"an epilogue reads at most {PointwiseProgram.MaximumOperands} tensors";
        return operands.FirstOrDefault(v => !_lowering.AcceptsOperand(_root, v)) is { } operand
            ? $"the kernel of {_root.Operator.Name} cannot read '{operand.Name}' {operand.Type} as an operand of its result {_root.Outputs[0].Shape}"
            : null;
    }

    private static bool? Family(DataType type) => type == DataType.Bool ? null : type.IsFloat();

    // Only the last member's value may be read from outside.
    private string? WhyOpen(List<Node> members)
    {
        for (var i = 0; i < members.Count - 1; i++)
        {
            var value = members[i].Outputs[0];
            if (_kept.Contains(value)) return $"'{value.Name}' is a result of the graph";
            foreach (var user in _users.GetValueOrDefault(value) ?? [])
                if (!members.Contains(user)) return $"'{value.Name}' is also read by '{user.Name}'";
        }
        return null;
    }
}
