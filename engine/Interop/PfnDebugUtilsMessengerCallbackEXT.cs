namespace VkNet.Interop.Vulkan;

/// <summary>The address of a function that receives the validation layer's messages.</summary>
internal readonly unsafe struct PfnDebugUtilsMessengerCallbackEXT(
    delegate* unmanaged[Cdecl]<DebugUtilsMessageSeverityFlagsEXT, DebugUtilsMessageTypeFlagsEXT, DebugUtilsMessengerCallbackDataEXT*, void*, Bool32> handle)
{
    public readonly delegate* unmanaged[Cdecl]<DebugUtilsMessageSeverityFlagsEXT, DebugUtilsMessageTypeFlagsEXT, DebugUtilsMessengerCallbackDataEXT*, void*, Bool32> Handle = handle;
}
