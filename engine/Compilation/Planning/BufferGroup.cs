namespace VkNet.Compilation;

/// <summary>Activations that share one place one after another.</summary>
/// <param name="First">The one that is made first.</param>
/// <param name="Last">The one that takes the place over last.</param>
internal readonly record struct BufferGroup(VirtualBuffer First, VirtualBuffer Last);
