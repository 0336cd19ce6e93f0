namespace VkNet.Graphs;

/// <summary>
/// One step of a pointwise program. Registers: 0 is the primary value, 1 to 4 are tensor operands, 5+i is the result of step i.
/// </summary>
/// <param name="Opcode">A value of <c>VkNet.Shaders.Kernels.PointwiseOpcode</c>.</param>
/// <param name="A">Register of the first argument.</param>
/// <param name="B">Register of the second argument; equal to <paramref name="A"/> for functions of one argument.</param>
/// <param name="C">Register of the third argument, for selections.</param>
/// <param name="Alpha">First number of the function (slope, lower bound, factor).</param>
/// <param name="Beta">Second number of the function (upper bound, summand).</param>
public readonly record struct PointwiseStep(int Opcode, int A, int B = 0, int C = 0, float Alpha = 0, float Beta = 0);
