using VkNet.Shaders.Kernels;

namespace VkNet.Compilation;

/// <summary>Which steps every kernel family knows.</summary>
public static class EpilogueSteps
{
    /// <summary>Opcodes below this number are known to all epilogues; the others to the pointwise kernel only (common/opcodes.glsl).</summary>
    public const int CommonOpcodes = 64;

    /// <summary>Whether every kernel family knows the function.</summary>
    public static bool IsCommon(int opcode) => opcode < CommonOpcodes;

    /// <summary>About how many additions a function takes: 20 where it has an exponential in it, 4 for divisions and roots.</summary>
    internal static int Cost(int opcode) => (PointwiseOpcode)opcode switch
    {
        PointwiseOpcode.Exponential or PointwiseOpcode.Elu or PointwiseOpcode.Sigmoid or PointwiseOpcode.Tanh or PointwiseOpcode.Gelu or PointwiseOpcode.GeluTanh
            or PointwiseOpcode.Silu or PointwiseOpcode.Mish or PointwiseOpcode.Softplus => 20,
        PointwiseOpcode.Divide or PointwiseOpcode.Reciprocal or PointwiseOpcode.SquareRoot => 4,
        _ => 1,
    };
}
