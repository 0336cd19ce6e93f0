namespace VkNet.Onnx.Testing;

/// <summary>How near an output must come to the expected one: |difference| &lt;= <paramref name="Absolute"/> * scale + <paramref name="Relative"/> * |expected|.</summary>
/// <param name="Absolute">The absolute part.</param>
/// <param name="Relative">The relative part.</param>
/// <param name="ScaledByLargest">Whether the scale is the largest expected magnitude of the tensor (at least 1) instead of 1.</param>
/// <param name="SumAbsolute">The absolute part where the order of summation in single precision decides the last digits: outputs of models that sum.</param>
public sealed record OnnxTolerance(double Absolute, double Relative, bool ScaledByLargest, double SumAbsolute)
{
    /// <summary>Single operators: the upstream runner's tolerance, and 1e-5 absolute behind sums.</summary>
    public static OnnxTolerance SingleOperator { get; } = new(1e-7, 1e-3, false, 1e-5);

    /// <summary>Whole models.</summary>
    public static OnnxTolerance WholeModel { get; } = new(1e-4, 1e-3, true, 1e-4);
}
