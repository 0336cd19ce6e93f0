namespace VkNet.Devices;

/// <summary>One matrix product that a device does in hardware: result [M, N] = A [M, K] x B [K, N] + C [M, N].</summary>
/// <param name="M">Rows of A and of the result.</param>
/// <param name="N">Columns of B and of the result.</param>
/// <param name="K">Columns of A, rows of B.</param>
/// <param name="A">Element type of A, as Vulkan names it without its suffix: <c>Float16</c>, <c>Float32</c>, <c>Sint8</c> ...</param>
/// <param name="B">Element type of B.</param>
/// <param name="C">Element type of C.</param>
/// <param name="Result">Element type of the result.</param>
/// <param name="Extension">The feature that offers it: <see cref="DeviceFeatures.CooperativeMatrix"/> or <see cref="DeviceFeatures.CooperativeMatrixNv"/>.</param>
public sealed record CooperativeMatrixShape(int M, int N, int K, string A, string B, string C, string Result, string Extension);
