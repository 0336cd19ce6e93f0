namespace VkNet.ShaderCompiler.Spirv;

/// <summary>Types, constants, names and decorations of a module by id: the tables that reflection asks.</summary>
internal sealed class SpirvTypes
{
    private readonly Dictionary<uint, SpirvModule.Instruction> types = [];
    private readonly Dictionary<uint, SpirvModule.Instruction> constants = [];
    private readonly Dictionary<uint, string> names = [];
    private readonly Dictionary<(uint Id, int Member), string> memberNames = [];
    private readonly Dictionary<(uint Id, int Member, SpirvDecoration Decoration), uint> decorations = [];

    public SpirvTypes(SpirvModule module)
    {
        foreach (var instruction in module.Instructions)
        {
            switch (instruction.Op)
            {
                case SpirvOp.Name: names[instruction[0]] = instruction.Text(1); break;
                case SpirvOp.MemberName: memberNames[(instruction[0], (int)instruction[1])] = instruction.Text(2); break;
                case SpirvOp.Decorate: decorations[(instruction[0], -1, (SpirvDecoration)instruction[1])] = instruction.Operands.Count > 2 ? instruction[2] : 1; break;
                case SpirvOp.MemberDecorate: decorations[(instruction[0], (int)instruction[1], (SpirvDecoration)instruction[2])] = instruction.Operands.Count > 3 ? instruction[3] : 1; break;
                case >= SpirvOp.TypeBool and <= SpirvOp.TypePointer: types[instruction[0]] = instruction; break;
                case SpirvOp.Constant or (>= SpirvOp.SpecConstantTrue and <= SpirvOp.SpecConstantOp): constants[instruction[1]] = instruction; break;
            }
        }
    }

    /// <summary>The constants of the module, ordinary and specialization.</summary>
    public IEnumerable<SpirvModule.Instruction> Constants => constants.Values;

    /// <summary>The instruction that declares a type.</summary>
    public SpirvModule.Instruction Type(uint id) => types[id];

    /// <summary>The name given to an id, or the empty text.</summary>
    public string Name(uint id) => names.GetValueOrDefault(id, "");

    /// <summary>The name given to a member of a struct, or the empty text.</summary>
    public string MemberName(uint id, int member) => memberNames.GetValueOrDefault((id, member), "");

    /// <summary>The literal of a decoration on an id (1 where it has none), or null without it.</summary>
    public uint? Decoration(uint id, SpirvDecoration decoration) => Decoration(id, -1, decoration);

    /// <summary>The literal of a decoration on a member of a struct (1 where it has none), or null without it.</summary>
    public uint? Decoration(uint id, int member, SpirvDecoration decoration) =>
        decorations.TryGetValue((id, member, decoration), out var value) ? value : null;

    /// <summary>The value of an integer or truth constant with every specialization constant at its default.</summary>
    /// <exception cref="InvalidDataException">It is an expression this small evaluator does not know.</exception>
    public uint Value(uint id)
    {
        var constant = constants[id];
        return constant.Op switch
        {
            SpirvOp.SpecConstantTrue => 1,
            SpirvOp.SpecConstantFalse => 0,
            SpirvOp.Constant or SpirvOp.SpecConstant => constant[2],
            SpirvOp.SpecConstantOp => Evaluate(constant),
            _ => throw new InvalidDataException($"the constant '{Name(id)}' is no scalar"),
        };
    }

    /// <summary>The three ids behind <c>gl_WorkGroupSize</c>, where the size depends on specialization constants; else null.</summary>
    public IReadOnlyList<uint>? WorkgroupSize()
    {
        const uint workgroupSize = 25;
        foreach (var constant in constants.Values)
        {
            if (constant.Op == SpirvOp.SpecConstantComposite && Decoration(constant[1], SpirvDecoration.BuiltIn) == workgroupSize)
                return [constant[2], constant[3], constant[4]];
        }
        return null;
    }

    /// <summary>Bytes of a value of a type outside any block: vectors and arrays are packed, as in shared memory.</summary>
    public int PackedBytes(uint id)
    {
        var type = types[id];
        return type.Op switch
        {
            SpirvOp.TypeBool => 4,
            SpirvOp.TypeInt or SpirvOp.TypeFloat => (int)type[1] / 8,
            SpirvOp.TypeVector => (int)type[2] * PackedBytes(type[1]),
            SpirvOp.TypeArray => checked((int)Value(type[2]) * PackedBytes(type[1])),
            SpirvOp.TypeStruct => type.Operands.Skip(1).Sum(PackedBytes),
            _ => throw new InvalidDataException($"a value of type {type.Op} has no size"),
        };
    }

    private uint Evaluate(SpirvModule.Instruction constant)
    {
        var left = Value(constant[3]);
        var right = constant.Operands.Count > 4 ? Value(constant[4]) : 0;
        return constant[2] switch
        {
            128 => left + right,
            130 => left - right,
            132 => left * right,
            134 when right != 0 => left / right,
            135 when right != 0 => (uint)((int)left / (int)right),
            137 when right != 0 => left % right,
            139 when right != 0 => (uint)((int)left % (int)right),
            194 => left >> (int)right,
            195 => (uint)((int)left >> (int)right),
            196 => left << (int)right,
            124 => left,
            var operation => throw new InvalidDataException($"a size depends on the constant expression {operation}, which reflection does not evaluate"),
        };
    }
}
