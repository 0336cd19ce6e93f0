namespace VkNet.Graphs;

/// <summary>
/// A short program of pointwise functions that a kernel applies to each result before it is stored (an epilogue), or that the
/// pointwise kernel runs by itself. At most <see cref="MaximumSteps"/> steps and <see cref="MaximumOperands"/> tensor operands.
/// </summary>
/// <param name="Steps">The steps, in order; the last one's result is the program's.</param>
/// <param name="OperandCount">Number of tensor operands (registers 1 to 4).</param>
public sealed record PointwiseProgram(IReadOnlyList<PointwiseStep> Steps, int OperandCount)
{
    /// <summary>Most steps in one program.</summary>
    public const int MaximumSteps = 8;

    /// <summary>Most tensor operands besides the primary value.</summary>
    public const int MaximumOperands = 4;

    /// <summary>Register of the first step's result.</summary>
    public const int FirstResult = 1 + MaximumOperands;

    /// <summary>The program that changes nothing.</summary>
    public static PointwiseProgram Identity { get; } = new([], 0);

    /// <inheritdoc/>
    public bool Equals(PointwiseProgram? other) => other is not null && OperandCount == other.OperandCount && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(OperandCount);
        foreach (var step in Steps) hash.Add(step);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join("; ", Steps.Select((s, i) => $"r{FirstResult + i}=op{s.Opcode}(r{s.A},r{s.B},r{s.C};{s.Alpha:R},{s.Beta:R})"));
}
