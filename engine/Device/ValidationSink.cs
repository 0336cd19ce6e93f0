using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace VkNet.Devices;

/// <summary>Collects the validation layer's messages of one instance; they may come from any thread.</summary>
internal sealed unsafe class ValidationSink(Action<ValidationMessage>? listener, ILogger? logger)
{
    // A broken loop must not fill the memory with the same message.
    private const int MostKept = 10_000;

    private readonly Lock _gate = new();
    private readonly List<ValidationMessage> _messages = [];

    /// <summary>The messages so far, oldest first.</summary>
    public IReadOnlyList<ValidationMessage> Messages
    {
        get
        {
            lock (_gate) return [.. _messages];
        }
    }

    /// <summary>The function that the layer calls; its user data is a <see cref="GCHandle"/> of the sink.</summary>
    public static PfnDebugUtilsMessengerCallbackEXT Callback => new(&OnMessage);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static Bool32 OnMessage(
        DebugUtilsMessageSeverityFlagsEXT severity,
        DebugUtilsMessageTypeFlagsEXT types,
        DebugUtilsMessengerCallbackDataEXT* data,
        void* userData)
    {
        // An exception must not pass through the driver's frames.
        try
        {
            if (GCHandle.FromIntPtr((nint)userData).Target is ValidationSink sink)
            {
                sink.Add(new ValidationMessage(
                    severity.HasFlag(DebugUtilsMessageSeverityFlagsEXT.ErrorBitExt),
                    Marshal.PtrToStringUTF8((nint)data->PMessageIdName) ?? "",
                    Marshal.PtrToStringUTF8((nint)data->PMessage) ?? ""));
            }
        }
        catch (Exception)
        {
            return false;
        }
        return false;
    }

    private void Add(ValidationMessage message)
    {
        lock (_gate)
        {
            if (_messages.Count < MostKept) _messages.Add(message);
        }
        logger?.Log(message.IsError ? LogLevel.Error : LogLevel.Warning, "Vulkan validation: {Message}", message);
        listener?.Invoke(message);
    }
}
