using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>A device that stops working, simulated where a driver would report it.</summary>
internal sealed class DeviceLossTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Loss_is_reported_once_and_remembered([Values] bool atSubmit)
    {
        var faults = atSubmit ? new DeviceFaults { LoseAtSubmit = 2 } : new DeviceFaults { LoseAtWait = 2 };
        var device = Open(new DeviceOptions { Faults = faults });
        var reported = new List<DeviceLostException>();
        device.Lost += (sender, e) =>
        {
            Assert.That(sender, Is.SameAs(device));
            reported.Add(e.Exception);
        };
        var buffer = device.AllocateBuffer(256, BufferPurpose.DeviceLocal, "data");
        var recorder = device.BeginRecording("fill");
        recorder.Fill(new BufferRange(buffer), 1);
        var recording = recorder.End();
        device.Wait(device.Submit(recording));

        var lost = Assert.Throws<DeviceLostException>(() => device.Wait(device.Submit(recording)))!;
        Assert.Multiple(() =>
        {
            Assert.That(lost.Diagnostic.Code, Is.EqualTo("VKN4020"));
            Assert.That(lost.Kind, Is.EqualTo(ErrorKind.Device));
            Assert.That(lost.Message, Does.Contain(device.Profile.Name));
            Assert.That(device.IsLost);
            Assert.That(reported, Is.EqualTo(new[] { lost }));
            Assert.That(() => device.Submit(recording), Throws.InstanceOf<DeviceLostException>());
            Assert.That(() => device.Wait(1), Throws.InstanceOf<DeviceLostException>());
            Assert.That(() => device.WaitAsync(1), Throws.InstanceOf<DeviceLostException>());
            Assert.That(() => device.AllocateBuffer(1, BufferPurpose.Upload, "x"), Throws.InstanceOf<DeviceLostException>());
            Assert.That(() => device.BeginRecording("x"), Throws.InstanceOf<DeviceLostException>());
            Assert.That(() => device.GetPipeline(TestKernels.Increment.Value, []), Throws.InstanceOf<DeviceLostException>());
        });
        recording.Dispose();
        buffer.Dispose();
        device.Dispose();
        Assert.That(TakeMessages(device), Is.Empty);
        Assert.That(device.Memory.LiveAllocations, Is.Zero);

        using var again = Open();
        Assert.That(again.IsLost, Is.False, "the device can be opened anew");
    }
}
