namespace VkNet.Devices.Spirv;

/// <summary>The constants of a module whose specialization constants have got their values: what is known of them, and new ones.</summary>
internal sealed class SpirvConstants
{
    private const int Chains = 256;

    private readonly List<SpirvInstruction> _added = [];
    // Scalars whose types and values lie in one chain, so that one is found without comparing it with all.
    private readonly uint[] _firstOfChain = new uint[Chains];
    private Entry[] _entries;

    /// <summary>Starts with a module's bound, from which new constants are counted.</summary>
    public SpirvConstants(uint bound)
    {
        Bound = bound;
        _entries = new Entry[bound + 64];
    }

    private enum Kind : byte
    {
        Other,
        TypeOfTruth,
        TypeOfWords,
        Scalar,
    }

    /// <summary>One more than the largest number of a value.</summary>
    public uint Bound { get; private set; }

    /// <summary>The constants that the module had not.</summary>
    public IReadOnlyList<SpirvInstruction> Added => _added;

    /// <summary>Takes note of a type or constant, and says what stands in its place: specialization constants become constants.</summary>
    /// <param name="instruction">The instruction, from a module's list of types and constants.</param>
    /// <param name="given">Values of specialization constants by the number of their result; those left out keep their defaults.</param>
    public SpirvInstruction Declare(SpirvInstruction instruction, uint?[] given)
    {
        var words = instruction.Words;
        switch (instruction.Op)
        {
            case SpirvOp.TypeBool:
                At(words[1]).Kind = Kind.TypeOfTruth;
                return instruction;
            case SpirvOp.TypeInt or SpirvOp.TypeFloat when words[2] == 32:
                At(words[1]).Kind = Kind.TypeOfWords;
                return instruction;
            case SpirvOp.ConstantTrue or SpirvOp.ConstantFalse:
                return Scalar(words[1], words[2], instruction.Op == SpirvOp.ConstantTrue ? 1u : 0);
            case SpirvOp.SpecConstantTrue or SpirvOp.SpecConstantFalse:
                return Scalar(words[1], words[2], given[words[2]] is { } truth ? truth : instruction.Op == SpirvOp.SpecConstantTrue ? 1u : 0);
            case SpirvOp.Constant or SpirvOp.SpecConstant when At(words[1]).Kind == Kind.TypeOfWords:
                return Scalar(words[1], words[2], instruction.Op == SpirvOp.SpecConstant && given[words[2]] is { } value ? value : words[3]);
            case SpirvOp.ConstantComposite or SpirvOp.SpecConstantComposite:
                At(words[2]).Parts = words[3..];
                return SpirvInstruction.Of(SpirvOp.ConstantComposite, words.AsSpan(1));
            case SpirvOp.SpecConstantOp when Fold((SpirvOp)words[3], words[1], words.AsSpan(4)) is { } folded:
                return Scalar(words[1], words[2], folded);
            default:
                return instruction;
        }
    }

    /// <summary>Whether a value is a constant of 32 bits, or a truth value (0 or 1).</summary>
    public bool TryGet(uint id, out uint value)
    {
        var entry = id < _entries.Length ? _entries[id] : default;
        value = entry.Value;
        return entry.Kind == Kind.Scalar;
    }

    /// <summary>The number of the constant of a type and value.</summary>
    public uint IdOf(uint type, uint value)
    {
        for (var known = _firstOfChain[ChainOf(type, value)]; known != 0; known = _entries[known].Next)
            if (_entries[known].Type == type && _entries[known].Value == value) return known;
        var id = NewId();
        _added.Add(Scalar(type, id, value));
        return id;
    }

    /// <summary>A number that nothing has.</summary>
    public uint NewId() => Bound++;

    /// <summary>The number of a value of a type that nobody reads.</summary>
    public uint Undefined(uint type)
    {
        var id = NewId();
        _added.Add(SpirvInstruction.Of(SpirvOp.Undef, type, id));
        return id;
    }

    /// <summary>A part of a constant composite; null where that is not known.</summary>
    public uint? Part(uint id, ReadOnlySpan<uint> path)
    {
        foreach (var index in path)
        {
            if (id >= _entries.Length || _entries[id].Parts is not { } parts || index >= parts.Length) return null;
            id = parts[index];
        }
        return id;
    }

    /// <summary>The result of an operation on constants; null where it is not of 32 bits, an operand is not known, or the operation is not defined for them.</summary>
    public uint? Fold(SpirvOp op, uint type, ReadOnlySpan<uint> operands)
    {
        if (At(type).Kind is not (Kind.TypeOfTruth or Kind.TypeOfWords)) return null;
        if (op == SpirvOp.CompositeExtract) return operands.Length > 1 && Part(operands[0], operands[1..]) is { } part && TryGet(part, out var inside) ? inside : null;
        if (operands.Length is < 1 or > 3 || !TryGet(operands[0], out var a)) return null;
        uint b = 0, c = 0;
        if ((operands.Length > 1 && !TryGet(operands[1], out b)) || (operands.Length > 2 && !TryGet(operands[2], out c))) return null;
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

    private static int ChainOf(uint type, uint value) => (int)((type * 31 + value * 0x9E3779B1) >> 24) % Chains;

    private ref Entry At(uint id)
    {
        if (id >= _entries.Length) Array.Resize(ref _entries, (int)id * 2);
        return ref _entries[id];
    }

    private static uint Truth(bool value) => value ? 1u : 0;

    private SpirvInstruction Scalar(uint type, uint id, uint value)
    {
        ref var entry = ref At(id);
        ref var first = ref _firstOfChain[ChainOf(type, value)];
        entry = new Entry { Kind = Kind.Scalar, Type = type, Value = value, Next = first };
        first = id;
        return At(type).Kind != Kind.TypeOfTruth ? SpirvInstruction.Of(SpirvOp.Constant, type, id, value) : SpirvInstruction.Of(value != 0 ? SpirvOp.ConstantTrue : SpirvOp.ConstantFalse, type, id);
    }

    // What is known of the number at which it stands.
    private struct Entry
    {
        public Kind Kind;
        public uint Type;
        public uint Value;
        public uint Next;
        public uint[]? Parts;
    }
}
