namespace VkNet.Shaders;

/// <summary>One specialization constant of a kernel.</summary>
/// <param name="Id">Its <c>constant_id</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">The type of its value.</param>
/// <param name="DefaultValue">The bits of the value it has when none is given.</param>
public sealed record KernelConstant(int Id, string Name, ScalarKind Kind, uint DefaultValue);
