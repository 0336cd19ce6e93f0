namespace VkNet.Runner.Reports;

/// <summary>One case of <c>vknet check</c>.</summary>
/// <param name="Name">What was run.</param>
/// <param name="Operator">The operator it belongs to.</param>
/// <param name="Status"><c>passed</c>, <c>failed</c> or <c>unsupported</c>.</param>
/// <param name="Reason">Why it did not pass; null when it did.</param>
/// <param name="MaxError">Largest absolute difference of an element; not-a-number when nothing was compared.</param>
/// <param name="Dispatches">Kernels run; null when no device was used.</param>
internal sealed record CheckCase(string Name, string Operator, string Status, string? Reason, double MaxError, int? Dispatches);
