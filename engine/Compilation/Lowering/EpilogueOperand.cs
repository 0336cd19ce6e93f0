namespace VkNet.Compilation;

/// <summary>How a kernel finds an epilogue operand's element for a result element. Numbers match <c>OPERAND_MODES</c> in common/epilogue.glsl.</summary>
public enum OperandMode
{
    /// <summary>Not used.</summary>
    None = 0,

    /// <summary>The same element: same shape and layout as the output.</summary>
    Full = 1,

    /// <summary>One element for all.</summary>
    Scalar = 2,

    /// <summary>By the innermost axis: a GEMM's column, a channels-last tensor's channel.</summary>
    Column = 3,

    /// <summary>By the row: a GEMM's row, a dense convolution's channel.</summary>
    Row = 4,

    /// <summary>By computed strides; the pointwise kernel only.</summary>
    Strided = 5,
}

/// <summary>A tensor operand of an epilogue.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Mode">How it is indexed.</param>
public readonly record struct EpilogueOperand(DeviceTensor Tensor, OperandMode Mode);
