using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>Objects are disposed in any order, and refuse to work afterwards.</summary>
internal sealed class DisposalTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Every_order_is_clean([Values(0, 1, 2, 3, 4, 5)] int order)
    {
        var device = Open();
        var buffer = device.AllocateBuffer(4096, BufferPurpose.DeviceLocal, "data");
        var recording = Record(device, buffer);
        device.Submit(recording);
        IDisposable[] objects = [device, buffer, recording];
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (var i in orders[order]) objects[i].Dispose();
        foreach (var item in objects) item.Dispose();
        Assert.That(TakeMessages(device), Is.Empty);
        Assert.That(device.Memory.LiveAllocations, Is.Zero);
    }

    [Test]
    public void A_disposed_device_refuses_work()
    {
        var device = Open();
        using var buffer = device.AllocateBuffer(4096, BufferPurpose.DeviceLocal, "data");
        using var recording = Record(device, buffer);
        var pipeline = TestKernels.Increment.Value;
        device.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => device.AllocateBuffer(1, BufferPurpose.Upload, "x"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => device.Submit(recording), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => device.Wait(0), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => device.WaitAsync(0), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => device.BeginRecording("x"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => device.GetPipeline(pipeline, []), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => device.Completed, Throws.InstanceOf<ObjectDisposedException>());
        });
        Assert.That(device.Profile.Name, Is.Not.Empty, "what is known about it stays");
    }

    [Test]
    public void Disposed_buffers_and_recordings_refuse_work()
    {
        var buffer = Device.AllocateBuffer(4096, BufferPurpose.HostShared, "data");
        var recording = Record(Device, buffer);
        buffer.Dispose();
        Assert.That(() => buffer.Bytes(0, 4).Length, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => Record(Device, buffer), Throws.InstanceOf<ObjectDisposedException>());
        Device.Wait(Device.Submit(recording));
        recording.Dispose();
        Assert.That(() => Device.Submit(recording), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => recording.ReadTimestamps(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void A_recorder_given_up_leaves_nothing()
    {
        using var buffer = Device.AllocateBuffer(4096, BufferPurpose.HostShared, "data");
        var recorder = Device.BeginRecording("given up");
        recorder.Fill(new BufferRange(buffer), 0);
        recorder.Dispose();
        Assert.That(() => recorder.End(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Disposing_while_another_thread_works_harms_nobody()
    {
        var device = Open();
        using var buffer = device.AllocateBuffer(4096, BufferPurpose.DeviceLocal, "data");
        using var recording = Record(device, buffer);
        using var started = new ManualResetEventSlim();
        var worker = Task.Run(() =>
        {
            try
            {
                while (true)
                {
                    device.Wait(device.Submit(recording));
                    started.Set();
                }
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        });
        started.Wait();
        device.Dispose();
        Assert.That(worker.Wait(TimeSpan.FromSeconds(30)) && worker.Result);
        recording.Dispose();
        buffer.Dispose();
        Assert.That(TakeMessages(device), Is.Empty);
    }

    [Test]
    public void A_pending_task_completes_after_the_device_was_disposed()
    {
        var device = Open();
        var buffer = device.AllocateBuffer(64 << 20, BufferPurpose.DeviceLocal, "data");
        var recording = Record(device, buffer);
        var task = device.WaitAsync(device.Submit(recording));
        device.Dispose();
        buffer.Dispose();
        recording.Dispose();
        Assert.That(task.Wait(TimeSpan.FromSeconds(30)));
    }

    private static CommandRecording Record(ComputeDevice device, DeviceBuffer buffer)
    {
        using var recorder = device.BeginRecording("increment");
        recorder.Barrier(BarrierScope.Device);
        recorder.Dispatch(device.GetPipeline(TestKernels.Increment.Value, []), [new BufferRange(buffer, 0, 4096)], 16);
        return recorder.End();
    }
}
