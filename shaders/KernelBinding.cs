namespace VkNet.Shaders;

/// <summary>One descriptor of a kernel, in descriptor set 0.</summary>
/// <param name="Slot">The binding number.</param>
/// <param name="Name">The name, the same in every variant of a kernel.</param>
/// <param name="Kind">The kind of descriptor; variants may differ in it.</param>
/// <param name="Writable">Whether the kernel may write through it.</param>
public sealed record KernelBinding(int Slot, string Name, BindingKind Kind, bool Writable);
