namespace VkNet.Devices;

/// <summary>The device has stopped working (driver reset, removed card): everything on it is gone. Open it again and rebuild.</summary>
public sealed class DeviceLostException : VkNetException
{
    internal DeviceLostException(string device, string doing)
        : base(
            "VKN4020",
            $"the device '{device}' was lost while {doing}",
            "its driver was reset or the card removed; what was on the device is gone: dispose the sessions, open the device again and load the model anew",
            kind: ErrorKind.Device)
    {
    }
}
