namespace VkNet.Compilation;

/// <summary>What memory planning achieved, beside what is possible.</summary>
/// <param name="PlannedBytes">Bytes of activations, inputs and outputs of one slot, as planned.</param>
/// <param name="LowerBoundBytes">
/// The largest sum, over the schedule, of the bytes of tensors live at one call, alignment and padding counted, pinned inputs and outputs included.
/// No plan of this schedule can take less.
/// </param>
/// <param name="NoReuseBytes">Bytes if every tensor had a place of its own.</param>
/// <param name="WeightBytes">Bytes of resident constants.</param>
/// <param name="StateBytes">Bytes of carried tensors.</param>
/// <param name="Planner">The planner whose answer was kept.</param>
public sealed record MemoryReport(long PlannedBytes, long LowerBoundBytes, long NoReuseBytes, long WeightBytes, long StateBytes, string Planner)
{
    /// <summary>What is computed again to fit a budget, in the order of the decisions.</summary>
    public IReadOnlyList<RecomputedTensor> Recomputed { get; init; } = [];
}
