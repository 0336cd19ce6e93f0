namespace VkNet.Graphs;

/// <summary>What a node costs nominally: 2 x multiply-adds of the mathematical operation, and the bytes of its inputs and outputs read or written once.</summary>
/// <param name="Flops">Floating-point operations.</param>
/// <param name="Bytes">Bytes read and written.</param>
public readonly record struct OperatorCost(double Flops, double Bytes);
