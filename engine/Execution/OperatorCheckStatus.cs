namespace VkNet.Execution;

/// <summary>How the check of an operator's sample ended.</summary>
public enum OperatorCheckStatus
{
    /// <summary>Every output agrees with the host evaluator's.</summary>
    Passed,

    /// <summary>An output differs, the driver complained, or something went wrong.</summary>
    Failed,

    /// <summary>There was nothing to run; the reason says why.</summary>
    Unsupported,
}
