namespace VkNet.Devices.Spirv;

/// <summary>A run of instructions that is entered at its label only and left at its end only.</summary>
internal sealed class SpirvBlock(uint label, int place)
{
    /// <summary>The number of its label.</summary>
    public uint Label => label;

    /// <summary>How many blocks stand before it in the function.</summary>
    public int Place => place;

    /// <summary>Its instructions, without the label and the last two.</summary>
    public List<SpirvInstruction> Body { get; } = [];

    /// <summary>Where what it branches to comes together again; null when it says nothing of that.</summary>
    public SpirvInstruction? Merge { get; set; }

    /// <summary>Its last instruction.</summary>
    public SpirvInstruction End { get; set; } = null!;

    /// <summary>Whether a run may come to it.</summary>
    public bool IsReached { get; set; }

    /// <summary>How many blocks may come next.</summary>
    public int SuccessorCount => End.Op switch
    {
        SpirvOp.Branch => 1,
        SpirvOp.BranchConditional => 2,
        SpirvOp.Switch => (End.Words.Length - 1) / 2,
        _ => 0,
    };

    /// <summary>The label of a block that may come next.</summary>
    public uint Successor(int number) => End.Op switch
    {
        SpirvOp.Branch => End.Words[1],
        SpirvOp.BranchConditional => End.Words[2 + number],
        // The default, then pairs of a number and a label.
        _ => End.Words[2 + 2 * number],
    };

    /// <summary>Whether a block may come next.</summary>
    public bool LeadsTo(uint other)
    {
        for (var i = 0; i < SuccessorCount; i++)
            if (Successor(i) == other) return true;
        return false;
    }
}
