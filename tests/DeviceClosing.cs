using VkNet.Tests.Device;

namespace VkNet.Tests;

/// <summary>Closes the devices that fixtures share when the last of them is done.</summary>
[SetUpFixture]
internal sealed class DeviceClosing
{
    [OneTimeTearDown]
    public void Close() => SharedDevices.CloseAll();
}
