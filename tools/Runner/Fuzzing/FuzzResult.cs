namespace VkNet.Runner.Fuzzing;

/// <summary>What a reader made of its mutated files.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Mutations">Files tried.</param>
/// <param name="Values">Files that were read.</param>
/// <param name="Refused">Files that were refused with a diagnostic, or passed over where that is the promise.</param>
/// <param name="Findings">The others.</param>
internal sealed record FuzzResult(string Reader, int Mutations, int Values, int Refused, IReadOnlyList<FuzzFinding> Findings);
