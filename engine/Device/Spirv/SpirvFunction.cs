namespace VkNet.Devices.Spirv;

/// <summary>A function: what its constants decide is decided, and what nobody reaches or reads is left out.</summary>
/// <remarks>
/// Structured control flow (SPIR-V 1.6, section 2.11) is kept: the block where a loop goes on, and the one where a construct
/// ends, stay when something still names them, emptied if nobody reaches them. Switches stay as they are. Numbers are not computed in floating point.
/// </remarks>
internal sealed class SpirvFunction
{
    private const uint FunctionStorage = 7;

    private readonly SpirvConstants _constants;
    private readonly List<SpirvInstruction> _head = [];
    private readonly List<SpirvBlock> _blocks = [];
    private readonly Dictionary<uint, SpirvBlock> _byLabel = [];
    private readonly Dictionary<uint, uint> _sameAs = [];
    private readonly HashSet<uint> _reached = [];

    /// <summary>Reads a function.</summary>
    /// <param name="instructions">From OpFunction to OpFunctionEnd.</param>
    /// <param name="constants">The module's constants.</param>
    public SpirvFunction(IEnumerable<SpirvInstruction> instructions, SpirvConstants constants)
    {
        _constants = constants;
        SpirvBlock? block = null;
        foreach (var instruction in instructions)
        {
            switch (instruction.Op)
            {
                case SpirvOp.Line or SpirvOp.NoLine or SpirvOp.FunctionEnd:
                    break;
                case SpirvOp.Label:
                    _blocks.Add(block = new SpirvBlock(instruction.Words[1]));
                    _byLabel[block.Label] = block;
                    break;
                case SpirvOp.LoopMerge or SpirvOp.SelectionMerge:
                    block!.Merge = instruction;
                    break;
                case >= SpirvOp.Branch and <= SpirvOp.Unreachable:
                    block!.End = instruction;
                    break;
                default:
                    (block is null ? _head : block.Body).Add(instruction);
                    break;
            }
        }
    }

    /// <summary>Whether every instruction is one whose operands are known here.</summary>
    public bool IsKnown => _blocks.All(b => b.End is not null && b.End.Operands is not null && b.Body.All(i => i.Operands is not null));

    /// <summary>Decides what the constants decide.</summary>
    public void Simplify()
    {
        if (_blocks.Count == 0) return;
        bool changed;
        do
        {
            changed = false;
            Reach();
            foreach (var block in _blocks)
            {
                if (!_reached.Contains(block.Label)) continue;
                changed |= block.Body.RemoveAll(i => Replaced(block, i)) > 0;
                Rename(block.End);
                changed |= Decide(block);
            }
        }
        while (changed);
        KeepStructure();
        RemoveUnread();
    }

    /// <summary>What is left.</summary>
    public IEnumerable<SpirvInstruction> Write()
    {
        foreach (var instruction in _head) yield return instruction;
        foreach (var block in _blocks)
        {
            yield return SpirvInstruction.Of(SpirvOp.Label, block.Label);
            foreach (var instruction in block.Body) yield return instruction;
            if (block.Merge is not null) yield return block.Merge;
            yield return block.End;
        }
        yield return SpirvInstruction.Of(SpirvOp.FunctionEnd);
    }

    private void Reach()
    {
        _reached.Clear();
        var waiting = new Stack<uint>([_blocks[0].Label]);
        while (waiting.TryPop(out var label))
        {
            if (!_reached.Add(label)) continue;
            foreach (var next in _byLabel[label].Successors) waiting.Push(next);
        }
    }

    private uint Resolve(uint id)
    {
        while (_sameAs.TryGetValue(id, out var other)) id = other;
        return id;
    }

    private void Rename(SpirvInstruction instruction)
    {
        var (first, end, step) = instruction.Operands!.Value;
        for (var i = first; i < end; i += step) instruction.Words[i] = Resolve(instruction.Words[i]);
    }

    // Whether an instruction is no longer needed, because its value is that of another.
    private bool Replaced(SpirvBlock block, SpirvInstruction instruction)
    {
        if (instruction.Op == SpirvOp.Phi) return ReplacedPhi(block, instruction);
        Rename(instruction);
        if (!instruction.IsPure || Equivalent(instruction) is not { } other || other == instruction.Words[2]) return false;
        _sameAs[instruction.Words[2]] = other;
        return true;
    }

    private bool ReplacedPhi(SpirvBlock block, SpirvInstruction phi)
    {
        var (values, own) = (new HashSet<uint>(), phi.Words[2]);
        for (var i = 3; i < phi.Words.Length; i += 2)
        {
            phi.Words[i] = Resolve(phi.Words[i]);
            if (Comes(block, phi.Words[i + 1]) && phi.Words[i] != own) values.Add(phi.Words[i]);
        }
        if (values.Count != 1) return false;
        _sameAs[own] = values.First();
        return true;
    }

    private bool Comes(SpirvBlock block, uint from) => _reached.Contains(from) && _byLabel[from].Successors.Contains(block.Label);

    private uint? Equivalent(SpirvInstruction instruction)
    {
        var words = instruction.Words;
        var type = words[1];
        var operands = words.AsSpan(3);
        if (_constants.Fold(instruction.Op, type, operands) is { } value) return _constants.IdOf(type, value);
        switch (instruction.Op)
        {
            case SpirvOp.CopyObject:
                return words[3];
            case SpirvOp.CompositeExtract:
                return _constants.Part(words[3], operands[1..]);
            case SpirvOp.Select when _constants.TryGet(words[3], out var condition):
                return condition != 0 ? words[4] : words[5];
            case SpirvOp.LogicalAnd or SpirvOp.LogicalOr or SpirvOp.BitwiseAnd or SpirvOp.BitwiseOr or SpirvOp.IMul or SpirvOp.IAdd:
                return OfOne(instruction.Op, words[3], words[4]) ?? OfOne(instruction.Op, words[4], words[3]);
            default:
                return null;
        }
    }

    // x and false, x and true, ...: what is known when one operand is.
    private uint? OfOne(SpirvOp op, uint known, uint other)
    {
        if (!_constants.TryGet(known, out var value)) return null;
        return (op, value) switch
        {
            (SpirvOp.LogicalAnd or SpirvOp.BitwiseAnd or SpirvOp.IMul, 0) => known,
            (SpirvOp.LogicalOr, 1) => known,
            (SpirvOp.LogicalAnd or SpirvOp.IMul, 1) => other,
            (SpirvOp.LogicalOr or SpirvOp.BitwiseOr or SpirvOp.IAdd, 0) => other,
            _ => null,
        };
    }

    private bool Decide(SpirvBlock block)
    {
        if (block.End.Op != SpirvOp.BranchConditional || !_constants.TryGet(block.End.Words[1], out var condition)) return false;
        block.End = SpirvInstruction.Of(SpirvOp.Branch, block.End.Words[condition != 0 ? 2 : 3]);
        if (block.Merge?.Op == SpirvOp.SelectionMerge) block.Merge = null;
        return true;
    }

    private void KeepStructure()
    {
        // Of a loop that never goes on, the block where it would is left, and of a construct that is never left, the block behind it.
        var goingOn = new Dictionary<uint, SpirvBlock>();
        var behind = new HashSet<uint>();
        foreach (var block in _blocks)
        {
            if (!_reached.Contains(block.Label) || block.Merge is not { } merge) continue;
            if (!_reached.Contains(merge.Words[1])) behind.Add(merge.Words[1]);
            if (merge.Op == SpirvOp.LoopMerge && !_reached.Contains(merge.Words[2])) goingOn[merge.Words[2]] = block;
        }
        foreach (var label in behind) Empty(_byLabel[label], SpirvInstruction.Of(SpirvOp.Unreachable));
        foreach (var (label, header) in goingOn) Empty(_byLabel[label], SpirvInstruction.Of(SpirvOp.Branch, header.Label));
        _blocks.RemoveAll(b => !_reached.Contains(b.Label) && !behind.Contains(b.Label) && !goingOn.ContainsKey(b.Label));
        foreach (var block in _blocks)
            for (var i = 0; i < block.Body.Count; i++)
                if (block.Body[i].Op == SpirvOp.Phi) block.Body[i] = WithoutMissing(block, block.Body[i]);
        foreach (var block in _blocks)
        {
            foreach (var instruction in block.Body) Rename(instruction);
            Rename(block.End);
        }

        static void Empty(SpirvBlock block, SpirvInstruction end)
        {
            block.Body.Clear();
            block.Merge = null;
            block.End = end;
        }
    }

    // A phi names every block that comes before it, and no other.
    private SpirvInstruction WithoutMissing(SpirvBlock block, SpirvInstruction phi)
    {
        List<uint> words = [phi.Words[1], phi.Words[2]];
        for (var i = 3; i < phi.Words.Length; i += 2)
            if (Comes(block, phi.Words[i + 1])) words.AddRange([phi.Words[i], phi.Words[i + 1]]);
        foreach (var before in _blocks)
            if (!_reached.Contains(before.Label) && before.Successors.Contains(block.Label)) words.AddRange([_constants.Undefined(phi.Words[1]), before.Label]);
        return SpirvInstruction.Of(SpirvOp.Phi, [.. words]);
    }

    // What neither stores, nor decides, nor is read by something that does. Storing in a variable of the function's own counts when the variable is read.
    private void RemoveUnread()
    {
        var made = new Dictionary<uint, SpirvInstruction>();
        foreach (var block in _blocks)
            foreach (var instruction in block.Body)
                if (instruction.HasResult) made[instruction.Words[2]] = instruction;
        var stores = new Dictionary<uint, List<SpirvInstruction>>();
        var live = new HashSet<SpirvInstruction>();
        var waiting = new Stack<SpirvInstruction>();
        foreach (var block in _blocks)
        {
            foreach (var instruction in block.Body)
            {
                if (instruction.Op == SpirvOp.Store && OwnVariable(instruction.Words[1]) is { } variable)
                {
                    if (!stores.TryGetValue(variable, out var list)) stores[variable] = list = [];
                    list.Add(instruction);
                }
                else if (!instruction.IsPure) waiting.Push(instruction);
            }
            waiting.Push(block.End);
        }
        while (waiting.TryPop(out var instruction))
        {
            if (!live.Add(instruction)) continue;
            if (instruction.Op == SpirvOp.Variable && stores.TryGetValue(instruction.Words[2], out var intoIt))
                foreach (var store in intoIt) waiting.Push(store);
            var (first, end, step) = instruction.Operands!.Value;
            for (var i = first; i < end; i += step)
                if (made.TryGetValue(instruction.Words[i], out var read)) waiting.Push(read);
        }
        foreach (var block in _blocks) block.Body.RemoveAll(i => !live.Contains(i));

        uint? OwnVariable(uint pointer)
        {
            while (made.TryGetValue(pointer, out var maker))
            {
                if (maker.Op == SpirvOp.Variable) return maker.Words[3] == FunctionStorage ? pointer : null;
                if (maker.Op is not (SpirvOp.AccessChain or SpirvOp.InBoundsAccessChain or SpirvOp.CopyObject)) return null;
                pointer = maker.Words[3];
            }
            return null;
        }
    }
}
