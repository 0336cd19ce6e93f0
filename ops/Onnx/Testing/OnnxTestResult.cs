namespace VkNet.Onnx.Testing;

/// <summary>How one case ended.</summary>
/// <param name="Case">The case.</param>
/// <param name="Status">Passed or not.</param>
/// <param name="Reason">Why not; null when it passed, unless it passed without a dispatch: then why there was nothing to dispatch.</param>
public sealed record OnnxTestResult(OnnxTestCase Case, OnnxTestStatus Status, string? Reason)
{
    /// <summary>The ONNX operators in the main graph, most frequent first.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>The operator that the case is about, besides the constants it is given; <c>several</c> when its model has more than one.</summary>
    public string MainOperator => Operators.Where(o => o != "Constant").ToList() is [var only] ? only : "several";

    /// <summary>Largest absolute difference of any output element; not-a-number when no outputs were compared.</summary>
    public double MaximumError { get; init; } = double.NaN;

    /// <summary>Whether an output needed the absolute tolerance for sums.</summary>
    public bool NeededSumTolerance { get; init; }

    /// <summary>Device dispatches in one run of the last data set; null when no device was used.</summary>
    public int? Dispatches { get; init; }

    /// <summary>Nodes left for a run after constants and value-bound inputs were folded.</summary>
    public int Nodes { get; init; }

    /// <summary>Names of inputs whose values became part of the plan.</summary>
    public IReadOnlyList<string> BoundInputs { get; init; } = [];

    /// <summary>Time taken, loading included.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Case.Name}: {Status.ToString().ToLowerInvariant()}{(Reason is null ? "" : ": " + Reason)}";
}
