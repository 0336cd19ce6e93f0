namespace VkNet.Devices.Spirv;

/// <summary>
/// Adds to every whole number that a kernel reads from its parameter block a zero that the driver cannot see through: the highest bit of the
/// workgroup's number.
/// </summary>
/// <remarks>
/// Mesa's software driver looks for loops and branches about which nothing but uniform buffers decides, and tries a kernel with what it finds there
/// when it is dispatched. Where that leaves less than half of the kernel it keeps doing so, and compiles the kernel anew for every dispatch: a row times a
/// matrix of 32 x 10 took 3 ms instead of 0.03, and each dispatch left 0.3 MB behind that only closing the device frees.
/// </remarks>
internal sealed class ParameterConcealment
{
    private const uint UniformStorage = 2;
    private const uint BuiltIn = 11;
    private const uint WorkgroupId = 26;
    private const uint LocalInvocationId = 27;
    private const uint HighestBit = 31;

    private readonly SpirvConstants _constants;
    // Types of whole numbers of 32 bits, and of vectors of them, with the type of a component and how many there are.
    private readonly Dictionary<uint, (uint Component, uint Count)> _types = [];
    private readonly HashSet<uint> _blocks = [];
    private readonly uint _numbers;
    private readonly uint _numbersType;

    /// <summary>Reads what a module declares.</summary>
    public ParameterConcealment(List<SpirvInstruction> module, SpirvConstants constants)
    {
        _constants = constants;
        var pointees = new Dictionary<uint, uint>();
        // The number of the workgroup rather than that of the invocation within it, which differs from lane to lane.
        uint numbers = 0, rank = 0;
        foreach (var instruction in module)
        {
            var words = instruction.Words;
            switch (instruction.Op)
            {
                case SpirvOp.TypeInt when words[2] == 32:
                    _types[words[1]] = (words[1], 1);
                    break;
                case SpirvOp.TypeVector when _types.ContainsKey(words[2]):
                    _types[words[1]] = (words[2], words[3]);
                    break;
                case SpirvOp.TypePointer:
                    pointees[words[1]] = words[3];
                    break;
                case SpirvOp.Decorate when words[2] == BuiltIn && words[3] is WorkgroupId or LocalInvocationId && (rank == 0 || words[3] < rank):
                    (numbers, rank) = (words[1], words[3]);
                    break;
                case SpirvOp.Variable when words[3] == UniformStorage:
                    _blocks.Add(words[2]);
                    break;
                case SpirvOp.Variable when words[2] == numbers:
                    (_numbers, _numbersType) = (words[2], pointees[words[1]]);
                    break;
            }
        }
    }

    /// <summary>Rewrites functions; they stay as they are where there is nothing to conceal, or nothing to conceal it behind.</summary>
    public List<SpirvInstruction> Rewrite(List<SpirvInstruction> code)
    {
        if (_blocks.Count == 0 || _numbers == 0) return code;
        var result = new List<SpirvInstruction>(code.Count + 64);
        var zeros = new Dictionary<uint, uint>();
        var places = new HashSet<uint>(_blocks);
        var begins = false;
        foreach (var instruction in code)
        {
            var words = instruction.Words;
            // Variables of a function come first in it.
            if (begins && instruction.Op is not (SpirvOp.FunctionParameter or SpirvOp.Label or SpirvOp.Variable))
            {
                begins = false;
                zeros = Zeros(result);
            }
            begins |= instruction.Op == SpirvOp.Function;
            if (instruction.Op is SpirvOp.AccessChain or SpirvOp.InBoundsAccessChain or SpirvOp.CopyObject && places.Contains(words[3])) places.Add(words[2]);
            if (instruction.Op != SpirvOp.Load || !places.Contains(words[3]) || !zeros.TryGetValue(words[1], out var zero))
            {
                result.Add(instruction);
                continue;
            }
            var read = _constants.NewId();
            result.Add(SpirvInstruction.Of(SpirvOp.Load, [words[1], read, .. words.AsSpan(3)]));
            result.Add(SpirvInstruction.Of(SpirvOp.IAdd, words[1], words[2], read, zero));
        }
        return result;
    }

    // A zero of each type.
    private Dictionary<uint, uint> Zeros(List<SpirvInstruction> result)
    {
        var type = _types[_numbersType].Component;
        var number = Add(SpirvOp.CompositeExtract, type, Add(SpirvOp.Load, _numbersType, _numbers), 0);
        var zeros = new Dictionary<uint, uint> { [type] = Add(SpirvOp.ShiftRightLogical, type, number, _constants.IdOf(type, HighestBit)) };
        foreach (var (other, (component, count)) in _types)
        {
            if (!zeros.ContainsKey(component)) zeros[component] = Add(SpirvOp.Bitcast, component, zeros[type]);
            if (count > 1) zeros[other] = Add(SpirvOp.CompositeConstruct, other, [.. Enumerable.Repeat(zeros[component], (int)count)]);
        }
        return zeros;

        uint Add(SpirvOp op, uint of, params ReadOnlySpan<uint> operands)
        {
            var id = _constants.NewId();
            result.Add(SpirvInstruction.Of(op, [of, id, .. operands]));
            return id;
        }
    }
}
