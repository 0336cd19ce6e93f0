namespace VkNet.Devices.Spirv;

/// <summary>The constants of a module whose specialization constants have got their values: what is known of them, and new ones.</summary>
internal sealed class SpirvConstants
{
    private readonly HashSet<uint> _boolTypes = [];
    private readonly HashSet<uint> _wordTypes = [];
    private readonly Dictionary<uint, uint> _values = [];
    private readonly Dictionary<uint, uint[]> _composites = [];
    private readonly Dictionary<(uint Type, uint Value), uint> _ids = [];
    private readonly List<SpirvInstruction> _added = [];

    /// <summary>Starts with a module's largest number, from which new constants are counted.</summary>
    public SpirvConstants(uint bound) => Bound = bound;

    /// <summary>One more than the largest number of a value.</summary>
    public uint Bound { get; private set; }

    /// <summary>The constants that the module had not.</summary>
    public IReadOnlyList<SpirvInstruction> Added => _added;

    /// <summary>Takes note of a type or constant, and says what stands in its place: specialization constants become constants.</summary>
    /// <param name="instruction">The instruction, from a module's list of types and constants.</param>
    /// <param name="given">Values of specialization constants by the number of their result; those left out keep their defaults.</param>
    public SpirvInstruction Declare(SpirvInstruction instruction, IReadOnlyDictionary<uint, uint> given)
    {
        var words = instruction.Words;
        switch (instruction.Op)
        {
            case SpirvOp.TypeBool:
                _boolTypes.Add(words[1]);
                return instruction;
            case SpirvOp.TypeInt or SpirvOp.TypeFloat when words[2] == 32:
                _wordTypes.Add(words[1]);
                return instruction;
            case SpirvOp.ConstantTrue or SpirvOp.ConstantFalse:
                return Scalar(words[1], words[2], instruction.Op == SpirvOp.ConstantTrue ? 1u : 0);
            case SpirvOp.SpecConstantTrue or SpirvOp.SpecConstantFalse:
                return Scalar(words[1], words[2], given.TryGetValue(words[2], out var truth) ? truth : instruction.Op == SpirvOp.SpecConstantTrue ? 1u : 0);
            case SpirvOp.Constant or SpirvOp.SpecConstant when _wordTypes.Contains(words[1]):
                return Scalar(words[1], words[2], given.TryGetValue(words[2], out var value) ? value : words[3]);
            case SpirvOp.ConstantComposite or SpirvOp.SpecConstantComposite:
                _composites[words[2]] = words[3..];
                return SpirvInstruction.Of(SpirvOp.ConstantComposite, words.AsSpan(1));
            case SpirvOp.SpecConstantOp when Fold((SpirvOp)words[3], words[1], words.AsSpan(4)) is { } folded:
                return Scalar(words[1], words[2], folded);
            default:
                return instruction;
        }
    }

    /// <summary>Whether a value is a constant of 32 bits, or a truth value (0 or 1).</summary>
    public bool TryGet(uint id, out uint value) => _values.TryGetValue(id, out value);

    /// <summary>The number of the constant of a type and value.</summary>
    public uint IdOf(uint type, uint value)
    {
        if (_ids.TryGetValue((type, value), out var known)) return known;
        var id = Bound++;
        _added.Add(Scalar(type, id, value));
        return id;
    }

    /// <summary>The number of a value of a type that nobody reads.</summary>
    public uint Undefined(uint type)
    {
        var id = Bound++;
        _added.Add(SpirvInstruction.Of(SpirvOp.Undef, type, id));
        return id;
    }

    /// <summary>A part of a constant composite; null where that is not known.</summary>
    public uint? Part(uint id, ReadOnlySpan<uint> path)
    {
        foreach (var index in path)
        {
            if (!_composites.TryGetValue(id, out var parts) || index >= parts.Length) return null;
            id = parts[index];
        }
        return id;
    }

    /// <summary>The result of an operation on constants; null where it is not of 32 bits, an operand is not known, or the operation is not defined for them.</summary>
    public uint? Fold(SpirvOp op, uint type, ReadOnlySpan<uint> operands)
    {
        if (!_boolTypes.Contains(type) && !_wordTypes.Contains(type)) return null;
        if (op == SpirvOp.CompositeExtract) return operands.Length > 1 && Part(operands[0], operands[1..]) is { } part && _values.TryGetValue(part, out var inside) ? inside : null;
        if (operands.Length is < 1 or > 3 || !_values.TryGetValue(operands[0], out var a)) return null;
        uint b = 0, c = 0;
        if ((operands.Length > 1 && !_values.TryGetValue(operands[1], out b)) || (operands.Length > 2 && !_values.TryGetValue(operands[2], out c))) return null;
        var (x, y) = ((int)a, (int)b);
        var divisible = b != 0 && !(a == 0x80000000 && b == uint.MaxValue);
        return op switch
        {
            SpirvOp.IAdd => a + b,
            SpirvOp.ISub => a - b,
            SpirvOp.IMul => a * b,
            SpirvOp.UDiv when b != 0 => a / b,
            SpirvOp.UMod when b != 0 => a % b,
            SpirvOp.SDiv when divisible => (uint)(x / y),
            SpirvOp.SRem when divisible => (uint)(x % y),
            SpirvOp.SMod when divisible => (uint)(x % y != 0 && x % y < 0 != y < 0 ? x % y + y : x % y),
            SpirvOp.SNegate => (uint)-x,
            SpirvOp.Not => ~a,
            SpirvOp.BitwiseAnd => a & b,
            SpirvOp.BitwiseOr => a | b,
            SpirvOp.BitwiseXor => a ^ b,
            SpirvOp.ShiftLeftLogical when b < 32 => a << y,
            SpirvOp.ShiftRightLogical when b < 32 => a >> y,
            SpirvOp.ShiftRightArithmetic when b < 32 => (uint)(x >> y),
            SpirvOp.Bitcast or SpirvOp.CopyObject => a,
            SpirvOp.LogicalNot => 1 - a,
            SpirvOp.LogicalAnd => a & b,
            SpirvOp.LogicalOr => a | b,
            SpirvOp.LogicalEqual => Truth(a == b),
            SpirvOp.LogicalNotEqual => Truth(a != b),
            SpirvOp.Select => a != 0 ? b : c,
            SpirvOp.IEqual => Truth(a == b),
            SpirvOp.INotEqual => Truth(a != b),
            SpirvOp.UGreaterThan => Truth(a > b),
            SpirvOp.UGreaterThanEqual => Truth(a >= b),
            SpirvOp.ULessThan => Truth(a < b),
            SpirvOp.ULessThanEqual => Truth(a <= b),
            SpirvOp.SGreaterThan => Truth(x > y),
            SpirvOp.SGreaterThanEqual => Truth(x >= y),
            SpirvOp.SLessThan => Truth(x < y),
            SpirvOp.SLessThanEqual => Truth(x <= y),
            _ => null,
        };
    }

    private static uint Truth(bool value) => value ? 1u : 0;

    private SpirvInstruction Scalar(uint type, uint id, uint value)
    {
        _values[id] = value;
        _ids.TryAdd((type, value), id);
        return !_boolTypes.Contains(type) ? SpirvInstruction.Of(SpirvOp.Constant, type, id, value) : SpirvInstruction.Of(value != 0 ? SpirvOp.ConstantTrue : SpirvOp.ConstantFalse, type, id);
    }
}
