namespace VkNet.Execution;

/// <summary>How one sample of an operator fared on a device.</summary>
/// <param name="Name">The operator with its sample's types and attributes.</param>
/// <param name="Operator">The operator's name.</param>
/// <param name="Status">Whether the device agrees with the host.</param>
/// <param name="Reason">Why not; null when it does.</param>
/// <param name="MaximumError">Largest absolute difference of any output element; not-a-number when nothing was compared.</param>
/// <param name="Dispatches">Kernels run for it, the preparation of constants included.</param>
public sealed record OperatorCheckResult(string Name, string Operator, OperatorCheckStatus Status, string? Reason, double MaximumError, int Dispatches);
