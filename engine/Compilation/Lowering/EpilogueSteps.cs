namespace VkNet.Compilation;

/// <summary>Which steps every kernel family knows.</summary>
public static class EpilogueSteps
{
    /// <summary>Opcodes below this number are known to all epilogues; the others to the pointwise kernel only (common/opcodes.glsl).</summary>
    public const int CommonOpcodes = 64;

    /// <summary>Whether every kernel family knows the function.</summary>
    public static bool IsCommon(int opcode) => opcode < CommonOpcodes;
}
