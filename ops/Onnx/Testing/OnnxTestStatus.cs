namespace VkNet.Onnx.Testing;

/// <summary>How a case ended.</summary>
public enum OnnxTestStatus
{
    /// <summary>Every output of every data set is within tolerance.</summary>
    Passed,

    /// <summary>An output is not within tolerance, or something went wrong.</summary>
    Failed,

    /// <summary>The model uses an operator, a type or a data-dependent shape that is not supported; the reason says which.</summary>
    Unsupported,
}
