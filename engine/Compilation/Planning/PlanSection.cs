namespace VkNet.Compilation;

/// <summary>Calls that are recorded together, with the contents of their parameter buffer.</summary>
/// <param name="Calls">The calls in order.</param>
/// <param name="Parameters">Contents of the plan-constant buffer; each dispatch binds a range of it.</param>
public sealed record PlanSection(IReadOnlyList<PlanCall> Calls, byte[] Parameters)
{
    /// <summary>Number of kernel calls.</summary>
    public int Dispatches => Calls.Count(c => c is DispatchCall);

    /// <summary>Number of memory barriers.</summary>
    public int Barriers => Calls.Count(c => c.BarrierBefore);
}
