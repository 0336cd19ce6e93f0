namespace VkNet.Devices.Spirv;

/// <summary>A run of instructions that is entered at its label only and left at its end only.</summary>
internal sealed class SpirvBlock(uint label)
{
    /// <summary>The number of its label.</summary>
    public uint Label => label;

    /// <summary>Its instructions, without the label and the last two.</summary>
    public List<SpirvInstruction> Body { get; } = [];

    /// <summary>Where what it branches to comes together again; null when it says nothing of that.</summary>
    public SpirvInstruction? Merge { get; set; }

    /// <summary>Its last instruction.</summary>
    public SpirvInstruction End { get; set; } = null!;

    /// <summary>Labels of the blocks that may come next.</summary>
    public IEnumerable<uint> Successors => End.Op switch
    {
        SpirvOp.Branch => [End.Words[1]],
        SpirvOp.BranchConditional => [End.Words[2], End.Words[3]],
        // The default, then pairs of a number and a label.
        SpirvOp.Switch => End.Words.Skip(2).Where((_, i) => i % 2 == 0),
        _ => [],
    };
}
