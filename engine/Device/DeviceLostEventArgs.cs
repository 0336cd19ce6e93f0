namespace VkNet.Devices;

/// <summary>Says that a device was lost.</summary>
/// <param name="exception">The exception that every later call on the device throws.</param>
public sealed class DeviceLostEventArgs(DeviceLostException exception) : EventArgs
{
    /// <summary>The exception that every later call on the device throws.</summary>
    public DeviceLostException Exception { get; } = exception;
}
