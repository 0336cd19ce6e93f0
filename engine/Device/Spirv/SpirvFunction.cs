namespace VkNet.Devices.Spirv;

/// <summary>A function: what its constants decide is decided, and what nobody reaches or reads is left out.</summary>
/// <remarks>
/// Structured control flow (SPIR-V 1.6, section 2.11) is kept: the block where a loop goes on, and the one where a construct
/// ends, stay when something still names them, emptied if nobody reaches them. Switches stay as they are. Numbers are not computed in floating point.
/// Everything is found by arrays over the module's numbers, which are dense: this runs for every pipeline of a starting program.
/// </remarks>
internal sealed class SpirvFunction
{
    private const uint FunctionStorage = 7;

    private readonly SpirvConstants _constants;
    private readonly List<SpirvInstruction> _head = [];
    private readonly List<SpirvBlock> _blocks = [];
    private readonly SpirvBlock?[] _byLabel;
    // What stands for a value that has been found to be another; 0 for none.
    private readonly uint[] _sameAs;

    /// <summary>Reads a function.</summary>
    /// <param name="module">The module's instructions.</param>
    /// <param name="first">That of OpFunction.</param>
    /// <param name="end">That behind OpFunctionEnd.</param>
    /// <param name="constants">The module's constants.</param>
    public SpirvFunction(List<SpirvInstruction> module, int first, int end, SpirvConstants constants)
    {
        _constants = constants;
        _byLabel = new SpirvBlock?[constants.Bound];
        _sameAs = new uint[constants.Bound];
        SpirvBlock? block = null;
        for (var i = first; i < end; i++)
        {
            var instruction = module[i];
            switch (instruction.Op)
            {
                case SpirvOp.Line or SpirvOp.NoLine or SpirvOp.FunctionEnd:
                    break;
                case SpirvOp.Label:
                    _blocks.Add(block = new SpirvBlock(instruction.Words[1], _blocks.Count));
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
    public bool IsKnown
    {
        get
        {
            foreach (var block in _blocks)
            {
                if (block.End?.Operands is null) return false;
                foreach (var instruction in block.Body)
                    if (instruction.Operands is null) return false;
            }
            return true;
        }
    }

    /// <summary>Decides what the constants decide.</summary>
    public void Simplify()
    {
        if (_blocks.Count == 0) return;
        if (IsOrdered()) SimplifyOnTheWay();
        bool changed;
        do
        {
            Reach();
            changed = false;
            foreach (var block in _blocks)
                if (block.IsReached) changed |= Simplify(block, onTheWay: false);
        }
        while (changed);
        KeepStructure();
        RemoveUnread();
    }

    /// <summary>Writes what is left.</summary>
    public void Write(List<SpirvInstruction> target)
    {
        target.AddRange(_head);
        foreach (var block in _blocks)
        {
            target.Add(SpirvInstruction.Of(SpirvOp.Label, block.Label));
            target.AddRange(block.Body);
            if (block.Merge is not null) target.Add(block.Merge);
            target.Add(block.End);
        }
        target.Add(SpirvInstruction.Of(SpirvOp.FunctionEnd));
    }

    // Whether branches lead forward, but for those of loops to their beginning.
    private bool IsOrdered()
    {
        foreach (var block in _blocks)
            for (var i = 0; i < block.SuccessorCount; i++)
                if (_byLabel[block.Successor(i)] is { } next && next.Place <= block.Place && next.Merge?.Op != SpirvOp.LoopMerge) return false;
        return true;
    }

    // Most of a kernel is switched off at its beginning. What is reached is found out while going through it, so that the rest is not even looked at.
    private void SimplifyOnTheWay()
    {
        _blocks[0].IsReached = true;
        foreach (var block in _blocks)
        {
            if (!block.IsReached) continue;
            Simplify(block, onTheWay: true);
            for (var i = 0; i < block.SuccessorCount; i++) _byLabel[block.Successor(i)]!.IsReached = true;
        }
    }

    private void Reach()
    {
        foreach (var block in _blocks) block.IsReached = false;
        var waiting = new Stack<SpirvBlock>();
        waiting.Push(_blocks[0]);
        while (waiting.TryPop(out var block))
        {
            if (block.IsReached) continue;
            block.IsReached = true;
            for (var i = 0; i < block.SuccessorCount; i++) waiting.Push(_byLabel[block.Successor(i)]!);
        }
    }

    private bool Simplify(SpirvBlock block, bool onTheWay)
    {
        var kept = 0;
        for (var i = 0; i < block.Body.Count; i++)
        {
            var instruction = block.Body[i];
            if (!(instruction.Op == SpirvOp.Phi ? ReplacedPhi(block, instruction, onTheWay) : Replaced(instruction))) block.Body[kept++] = instruction;
        }
        var changed = kept < block.Body.Count;
        block.Body.RemoveRange(kept, block.Body.Count - kept);
        Rename(block.End);
        return Decide(block) || changed;
    }

    private uint Resolve(uint id)
    {
        while (id < _sameAs.Length && _sameAs[id] != 0) id = _sameAs[id];
        return id;
    }

    private void Rename(SpirvInstruction instruction)
    {
        var (first, end, step) = instruction.Operands!.Value;
        for (var i = first; i < end; i += step) instruction.Words[i] = Resolve(instruction.Words[i]);
    }

    // Whether an instruction is no longer needed, because its value is that of another.
    private bool Replaced(SpirvInstruction instruction)
    {
        Rename(instruction);
        if (!instruction.IsPure || Equivalent(instruction) is not { } other || other == instruction.Words[2]) return false;
        _sameAs[instruction.Words[2]] = other;
        return true;
    }

    private bool ReplacedPhi(SpirvBlock block, SpirvInstruction phi, bool onTheWay)
    {
        var (only, own) = (0u, phi.Words[2]);
        for (var i = 3; i < phi.Words.Length; i += 2)
        {
            var value = phi.Words[i] = Resolve(phi.Words[i]);
            if (value == own || value == only || !Comes(phi.Words[i + 1], block, onTheWay)) continue;
            if (only != 0) return false;
            only = value;
        }
        if (only == 0) return false;
        _sameAs[own] = only;
        return true;
    }

    // Whether one block may come right before another. On the way nothing is known of the blocks behind.
    private bool Comes(uint from, SpirvBlock block, bool onTheWay) =>
        _byLabel[from] is { } before && ((onTheWay && before.Place >= block.Place) || (before.IsReached && before.LeadsTo(block.Label)));

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
        var left = new List<SpirvBlock>();
        foreach (var block in _blocks)
        {
            if (!block.IsReached || block.Merge is not { } merge) continue;
            if (_byLabel[merge.Words[1]] is { IsReached: false } behind) Empty(behind, SpirvInstruction.Of(SpirvOp.Unreachable));
            if (merge.Op == SpirvOp.LoopMerge && _byLabel[merge.Words[2]] is { IsReached: false } goingOn) Empty(goingOn, SpirvInstruction.Of(SpirvOp.Branch, block.Label));
        }
        _blocks.RemoveAll(b => !b.IsReached && !left.Contains(b));
        foreach (var block in _blocks)
            for (var i = 0; i < block.Body.Count; i++)
            {
                if (block.Body[i].Op == SpirvOp.Phi) block.Body[i] = WithoutMissing(block, block.Body[i], left);
                Rename(block.Body[i]);
            }

        void Empty(SpirvBlock block, SpirvInstruction end)
        {
            block.Body.Clear();
            block.Merge = null;
            block.End = end;
            left.Add(block);
        }
    }

    // A phi names every block that comes before it, and no other.
    private SpirvInstruction WithoutMissing(SpirvBlock block, SpirvInstruction phi, List<SpirvBlock> left)
    {
        var words = phi.Words.AsSpan(1).ToArray();
        var count = 2;
        for (var i = 2; i < words.Length; i += 2)
            if (Comes(words[i + 1], block, onTheWay: false)) (words[count++], words[count++]) = (words[i], words[i + 1]);
        var result = words.AsSpan(0, count).ToArray();
        foreach (var before in left)
            if (before.LeadsTo(block.Label)) result = [.. result, _constants.Undefined(phi.Words[1]), before.Label];
        return SpirvInstruction.Of(SpirvOp.Phi, result);
    }

    // What neither stores, nor decides, nor is read by something that does. Storing in a variable of the function's own counts when the variable is read.
    private void RemoveUnread()
    {
        var made = new SpirvInstruction?[_constants.Bound];
        foreach (var block in _blocks)
            foreach (var instruction in block.Body)
                if (instruction.HasResult) made[instruction.Words[2]] = instruction;
        var stores = new List<SpirvInstruction>?[_constants.Bound];
        var waiting = new Stack<SpirvInstruction>();
        foreach (var block in _blocks)
        {
            foreach (var instruction in block.Body)
            {
                if (instruction.Op == SpirvOp.Store && OwnVariable(instruction.Words[1]) is not 0 and var variable) (stores[variable] ??= []).Add(instruction);
                else if (!instruction.IsPure) waiting.Push(instruction);
            }
            waiting.Push(block.End);
        }
        while (waiting.TryPop(out var instruction))
        {
            if (instruction.IsLive) continue;
            instruction.IsLive = true;
            if (instruction.Op == SpirvOp.Variable && stores[instruction.Words[2]] is { } intoIt)
                foreach (var store in intoIt) waiting.Push(store);
            var (first, end, step) = instruction.Operands!.Value;
            for (var i = first; i < end; i += step)
                if (made[instruction.Words[i]] is { } read) waiting.Push(read);
        }
        foreach (var block in _blocks) block.Body.RemoveAll(i => !i.IsLive);

        uint OwnVariable(uint pointer)
        {
            while (made[pointer] is { } maker)
            {
                if (maker.Op == SpirvOp.Variable) return maker.Words[3] == FunctionStorage ? pointer : 0;
                if (maker.Op is not (SpirvOp.AccessChain or SpirvOp.InBoundsAccessChain or SpirvOp.CopyObject)) return 0;
                pointer = maker.Words[3];
            }
            return 0;
        }
    }
}
