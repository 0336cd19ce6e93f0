namespace VkNet.Devices.Spirv;

/// <summary>One instruction: its words, the first of which holds its length and operation.</summary>
internal sealed class SpirvInstruction(uint[] words)
{
    /// <summary>Makes an instruction of an operation and its operands.</summary>
    public static SpirvInstruction Of(SpirvOp op, params ReadOnlySpan<uint> operands)
    {
        uint[] words = [(uint)(operands.Length + 1) << 16 | (uint)op, .. operands];
        return new SpirvInstruction(words);
    }

    /// <summary>Its words; number 0 is not to be changed.</summary>
    public uint[] Words => words;

    /// <summary>Whether it has been found to be needed.</summary>
    public bool IsLive { get; set; }

    /// <summary>The operation.</summary>
    public SpirvOp Op => (SpirvOp)(words[0] & 0xffff);

    /// <summary>Whether it defines a value, of type <c>Words[1]</c> with the number <c>Words[2]</c>.</summary>
    public bool HasResult => Op is SpirvOp.Undef or SpirvOp.ExtInst or SpirvOp.FunctionParameter or SpirvOp.FunctionCall or SpirvOp.Variable or SpirvOp.Load or SpirvOp.Phi or SpirvOp.ImageTexelPointer or SpirvOp.ArrayLength
        or (>= SpirvOp.AccessChain and <= SpirvOp.InBoundsAccessChain) or (>= SpirvOp.VectorExtractDynamic and <= SpirvOp.Transpose) or SpirvOp.ImageFetch or SpirvOp.ImageRead
        or (>= SpirvOp.ConvertFToU and <= SpirvOp.BitCount) or SpirvOp.AtomicLoad or (>= SpirvOp.AtomicExchange and <= SpirvOp.AtomicXor)
        or (>= SpirvOp.GroupNonUniformElect and <= SpirvOp.GroupNonUniformQuadSwap);

    /// <summary>The number of what it defines, be it a value, a type or a place; null when it defines nothing.</summary>
    public uint? Result => Op switch
    {
        SpirvOp.String or SpirvOp.ExtInstImport or SpirvOp.Label or (>= SpirvOp.TypeVoid and <= SpirvOp.TypePipe) => words[1],
        SpirvOp.Function or (>= SpirvOp.ConstantTrue and <= SpirvOp.SpecConstantOp) => words[2],
        _ => HasResult ? words[2] : null,
    };

    /// <summary>Whether nothing but its result matters, so that it may go when nobody reads that.</summary>
    public bool IsPure => HasResult && Op switch
    {
        SpirvOp.FunctionCall or SpirvOp.FunctionParameter or SpirvOp.AtomicLoad or (>= SpirvOp.AtomicExchange and <= SpirvOp.AtomicXor) => false,
        // Modf and Frexp (GLSL.std.450) store one of their results.
        SpirvOp.ExtInst => words[4] is not (35 or 51),
        // Volatile.
        SpirvOp.Load => words.Length < 5 || (words[4] & 1) == 0,
        _ => true,
    };

    /// <summary>Which words name values, as the first and the end of them and the step; null for an operation that is not known here.</summary>
    /// <remarks>Constants and types may be named by other words as well (memory scopes, kinds of results).</remarks>
    public (int First, int End, int Step)? Operands => Op switch
    {
        SpirvOp.Undef or SpirvOp.FunctionParameter or SpirvOp.Variable or SpirvOp.Label or SpirvOp.Branch or SpirvOp.LoopMerge or SpirvOp.SelectionMerge or SpirvOp.Kill or SpirvOp.Return or SpirvOp.Unreachable
            or SpirvOp.ControlBarrier or SpirvOp.MemoryBarrier => (0, 0, 1),
        SpirvOp.BranchConditional or SpirvOp.Switch or SpirvOp.ReturnValue => (1, 2, 1),
        SpirvOp.Store => (1, 3, 1),
        SpirvOp.Phi => (3, words.Length, 2),
        SpirvOp.Load or SpirvOp.CompositeExtract or SpirvOp.ArrayLength => (3, 4, 1),
        SpirvOp.CompositeInsert or SpirvOp.VectorShuffle => (3, 5, 1),
        SpirvOp.ImageFetch or SpirvOp.ImageRead => words.Length > 5 ? null : (3, 5, 1),
        SpirvOp.ImageWrite => words.Length > 4 ? null : (1, 4, 1),
        SpirvOp.ExtInst => (5, words.Length, 1),
        SpirvOp.AtomicStore => (1, words.Length, 1),
        SpirvOp.GroupNonUniformBallotBitCount or (>= SpirvOp.GroupNonUniformIAdd and <= SpirvOp.GroupNonUniformLogicalXor) => (5, words.Length, 1),
        _ => HasResult ? (3, words.Length, 1) : null,
    };
}
