using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>Allocation, its limits and its faults.</summary>
internal sealed class MemoryTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Live_and_peak_bytes_are_counted()
    {
        using var device = Open();
        using (var a = device.AllocateBuffer(1000, BufferPurpose.DeviceLocal, "a"))
        using (var b = device.AllocateBuffer(1 << 20, BufferPurpose.Upload, "b"))
        {
            Assert.That(a.Size, Is.GreaterThanOrEqualTo(1000));
            Assert.That(a.Size % device.Profile.BufferAlignment, Is.Zero);
            Assert.That(b.IsMapped);
            Assert.That(device.Memory.LiveAllocations, Is.EqualTo(2));
            Assert.That(device.Memory.LiveBytes, Is.GreaterThanOrEqualTo(1000 + (1 << 20)));
        }
        Assert.That(device.Memory, Has.Property("LiveBytes").EqualTo(0).And.Property("TotalAllocations").EqualTo(2));
        Assert.That(device.Memory.PeakBytes, Is.GreaterThanOrEqualTo(1000 + (1 << 20)));
    }

    [Test]
    public void The_limit_holds_and_frees_up_again()
    {
        using var device = Open(new DeviceOptions { MemoryLimit = 1 << 20 });
        using (device.AllocateBuffer(600_000, BufferPurpose.DeviceLocal, "first"))
        {
            var fault = Faults.Expect("VKN4011", () => device.AllocateBuffer(600_000, BufferPurpose.DeviceLocal, "second"));
            Assert.That(fault.Message, Does.Contain("second").And.Contain("1 MiB"));
            Assert.That(fault.Kind, Is.EqualTo(ErrorKind.Device));
        }
        using var again = device.AllocateBuffer(600_000, BufferPurpose.DeviceLocal, "again");
        Assert.That(device.Memory.LiveAllocations, Is.EqualTo(1));
    }

    [Test]
    public void More_than_the_device_allocates_in_one_piece_is_refused() =>
        Faults.Expect("VKN4012", () => Device.AllocateBuffer(Device.Profile.MaxAllocationBytes + 1, BufferPurpose.DeviceLocal, "huge"));

    [Test]
    public void More_than_the_heap_holds_is_refused_before_the_driver_is_asked()
    {
        using var device = Open(new DeviceOptions { Faults = new DeviceFaults { HeapBytes = 1 << 20 } });
        using var first = device.AllocateBuffer(600_000, BufferPurpose.DeviceLocal, "first");
        Assert.That(Faults.Expect("VKN4010", () => device.AllocateBuffer(600_000, BufferPurpose.DeviceLocal, "second")).Message, Does.Contain("second"));
        Assert.That(device.Memory.LiveAllocations, Is.EqualTo(1));
    }

    [Test]
    public void A_failed_allocation_leaves_nothing_behind([Values(1, 2, 3)] int failing)
    {
        using var device = Open(new DeviceOptions { Faults = new DeviceFaults { FailAllocation = failing } });
        var held = new List<DeviceBuffer>();
        var fault = Faults.Expect("VKN4010", () =>
        {
            for (var i = 0; i < 3; i++) held.Add(device.AllocateBuffer(100, BufferPurpose.HostShared, $"piece {i + 1}"));
        });
        Assert.That(fault.Message, Does.Contain($"piece {failing}"));
        Assert.That(device.Memory.LiveAllocations, Is.EqualTo(failing - 1));
        held.ForEach(b => b.Dispose());
        Assert.That(device.Memory.LiveBytes, Is.Zero);
        device.Dispose();
        Assert.That(TakeMessages(device), Is.Empty);
    }

    [Test]
    public void Bytes_outside_a_buffer_cannot_be_reached()
    {
        using var buffer = Device.AllocateBuffer(64, BufferPurpose.HostShared, "small");
        Assert.That(() => buffer.Bytes(buffer.Size - 4, 8).Length, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => buffer.Bytes(-1, 1).Length, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => buffer.Flush(0, buffer.Size + 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Ten_thousand_buffers_leave_memory_flat()
    {
        var before = Device.Memory.TotalAllocations;
        for (var i = 0; i < 10_000; i++) Device.AllocateBuffer(4096 + i, BufferPurpose.HostShared, "short-lived").Dispose();
        Assert.That(Device.Memory.TotalAllocations - before, Is.EqualTo(10_000));
        Assert.That(Device.Memory.LiveBytes, Is.Zero);
    }
}
