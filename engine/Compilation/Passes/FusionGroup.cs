using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>A group of nodes being fused: its root, the pointwise members that follow, and the tensors read from outside.</summary>
internal sealed class FusionGroup
{
    private readonly Node _root;
    private readonly ILowering _lowering;
    private readonly GraphUsers _users;
    private readonly NumberTable<int> _position;
    private readonly NumberTable<bool> _taken;
    private List<Node> _members;
    private List<Value> _operands = [];
    private Node? _refused;
    private FormattableString? _reason;

    internal FusionGroup(Node root, ILowering lowering, GraphUsers users, NumberTable<int> position, NumberTable<bool> taken)
    {
        (_root, _lowering, _users, _position, _taken) = (root, lowering, users, position, taken);
        _members = [root];
    }

    /// <summary>The node that a group would take in first; null where nobody reads the root.</summary>
    internal static Node? First(Node root, GraphUsers users)
    {
        foreach (var user in users.Of(root.Outputs[0])) return user;
        return null;
    }

    /// <summary>Root first, then the members in topological order.</summary>
    internal IReadOnlyList<Node> Members => _members;

    /// <summary>Tensors read from outside by the members after the root.</summary>
    internal IReadOnlyList<Value> Operands => _operands;

    /// <summary>Adds members as long as the group can be closed; what was added after it was last closed is dropped.</summary>
    internal void Grow()
    {
        var cost = _lowering.EpilogueCost(_root);
        var (room, operandRoom) = (PointwiseProgram.MaximumSteps - cost.Steps, PointwiseProgram.MaximumOperands - cost.Operands);
        var members = new List<Node> { _root };
        var operands = new List<Value>();
        while (NextCandidate(members) is { } candidate)
        {
            // Asked before the inputs are looked at: an optimizer's node has thousands.
            var added = new List<Value>();
            var whyNot = WhyNot(candidate);
            if (whyNot is null)
            {
                foreach (var input in candidate.Inputs)
                    if (input is not null && !members.Exists(m => m.Outputs[0] == input) && !operands.Contains(input) && !added.Contains(input)) added.Add(input);
                whyNot = WhyNot(candidate, added, room - members.Count + 1, operandRoom - operands.Count);
            }
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
    internal FusionRefusal? Refusal => _reason is not null && _refused is { Operator: IPointwise } ? new FusionRefusal([_root.Name, _refused.Name], FormattableString.Invariant(_reason)) : null;

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
    private Node? NextCandidate(List<Node> members)
    {
        Node? next = null;
        foreach (var member in members)
        {
            // Users are listed in the graph's order.
            foreach (var user in _users.Of(member.Outputs[0]))
            {
                if (members.Contains(user)) continue;
                if (next is null || _position[user.Number] < _position[next.Number]) next = user;
                break;
            }
        }
        return next;
    }

    // Why a node cannot be a member, by itself.
    private FormattableString? WhyNot(Node node)
    {
        if (node.Operator is not IPointwise pointwise || node.Outputs.Count != 1) return $"{node.Operator.Name} is not pointwise";
        if (_taken[node.Number]) return $"it is fused into another kernel already";
        if (node.Outputs[0].Shape != _root.Outputs[0].Shape) return $"its result {node.Outputs[0].Shape} is larger than {_root.Outputs[0].Shape}";
        if (pointwise.ToStep(node) is not { } step) return $"{node.Operator.Name} with these attributes is no single step";
        if (!_lowering.AcceptsStep(_root, step)) return $"the kernel of {_root.Operator.Name} does not know {node.Operator.Name}; only the pointwise kernel does";
        // Reals and whole numbers are computed by kernels of their own; truth values go with either.
        var family = Family(_root.Outputs[0].DataType) ?? Family(node.Outputs[0].DataType);
        if (!IsOf(family, node.Outputs[0])) return $"one kernel computes either reals or whole numbers";
        foreach (var input in node.Inputs)
            if (input is not null && !IsOf(family, input)) return $"one kernel computes either reals or whole numbers";
        return null;
    }

    // Why a node cannot join the group as it is.
    private FormattableString? WhyNot(Node node, List<Value> operands, int steps, int room)
    {
        if (steps < 1) return $"an epilogue has at most {PointwiseProgram.MaximumSteps} steps";
        if (operands.Count > room) return $"an epilogue reads at most {PointwiseProgram.MaximumOperands} tensors";
        foreach (var operand in operands)
            if (!_lowering.AcceptsOperand(_root, operand)) return $"the kernel of {_root.Operator.Name} cannot read '{operand.Name}' {operand.Type} as an operand of its result {_root.Outputs[0].Shape}";
        return null;
    }

    private static bool IsOf(bool? family, Value value) => Family(value.DataType) is not { } own || family is null || own == family;

    private static bool? Family(DataType type) => type == DataType.Bool ? null : type.IsFloat();

    // Only the last member's value may be read from outside.
    private FormattableString? WhyOpen(List<Node> members)
    {
        for (var i = 0; i < members.Count - 1; i++)
        {
            var value = members[i].Outputs[0];
            if (_users.IsKept(value)) return $"'{value.Name}' is a result of the graph";
            foreach (var user in _users.Of(value))
                if (!members.Contains(user)) return $"'{value.Name}' is also read by '{user.Name}'";
        }
        return null;
    }
}
