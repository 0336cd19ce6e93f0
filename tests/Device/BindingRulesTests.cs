using VkNet.Devices;
using VkNet.Shaders;

namespace VkNet.Tests.Device;

/// <summary>What goes beyond a limit of the device is refused with the tensor and the limit named.</summary>
internal sealed class BindingRulesTests(string driver) : OnEveryDevice(driver)
{
    private static readonly DeviceProfile Poor = new()
    {
        MaxStorageBufferRange = 1024, MaxTexelBufferElements = 32, MaxUniformBufferRange = 64, BufferAlignment = 64, StorageAlignment = 16, TexelAlignment = 16, UniformAlignment = 64,
    };

    [Test]
    public void A_range_beyond_a_limit_is_named()
    {
        using var buffer = Device.AllocateBuffer(1 << 16, BufferPurpose.HostShared, "arena");
        Expect(BindingKind.StorageBuffer, 1028, "maxStorageBufferRange");
        Expect(BindingKind.StorageTexelBuffer, 513, "maxTexelBufferElements");
        Expect(BindingKind.UniformTexelBuffer, 528, "maxTexelBufferElements");
        Expect(BindingKind.UniformBuffer, 128, "maxUniformBufferRange");
        void Expect(BindingKind kind, long size, string limit)
        {
            var fault = Faults.Expect("VKN4013", () => Bind(kind, new BufferRange(buffer, 64, size, "weights of c1")));
            Assert.That(fault.Message, Does.Contain("weights of c1").And.Contain(limit).And.Contain("test/increment"));
        }
    }

    [Test]
    public void Sizes_are_rounded_to_whole_texels_within_the_buffer()
    {
        using var buffer = Device.AllocateBuffer(256, BufferPurpose.HostShared, "arena");
        Assert.That(Bind(BindingKind.StorageBuffer, new BufferRange(buffer, 0, 20)), Is.EqualTo(32));
        Assert.That(Bind(BindingKind.StorageTexelBuffer, new BufferRange(buffer, 64, 1)), Is.EqualTo(16));
        Assert.That(Bind(BindingKind.UniformBuffer, new BufferRange(buffer, 0, 20)), Is.EqualTo(20));
        Assert.That(Bind(BindingKind.StorageBuffer, new BufferRange(buffer, buffer.Size - 16, 16)), Is.EqualTo(16));
    }

    [Test]
    public void Misplaced_ranges_are_refused()
    {
        using var buffer = Device.AllocateBuffer(256, BufferPurpose.HostShared, "arena");
        Assert.That(() => Bind(BindingKind.StorageBuffer, new BufferRange(buffer, 8, 16)), Throws.ArgumentException);
        Assert.That(() => Bind(BindingKind.UniformBuffer, new BufferRange(buffer, 16, 16)), Throws.ArgumentException);
        Assert.That(() => Bind(BindingKind.StorageBuffer, new BufferRange(buffer, 0, buffer.Size + 1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Bind(BindingKind.StorageBuffer, new BufferRange(buffer, 0, 0)), Throws.ArgumentException);
    }

    [Test]
    public void Too_many_workgroups_are_refused()
    {
        using var buffer = Device.AllocateBuffer(256, BufferPurpose.HostShared, "arena");
        using var recorder = Device.BeginRecording("wide");
        var fault = Faults.Expect("VKN4014", () =>
            recorder.Dispatch(Device.GetPipeline(TestKernels.Increment.Value, []), [new BufferRange(buffer)], 1, Device.Profile.MaxWorkgroupCount.Y + 1));
        Assert.That(fault.Message, Does.Contain("along y"));
    }

    [Test]
    public void The_number_of_bindings_must_fit()
    {
        using var recorder = Device.BeginRecording("empty");
        Assert.That(() => recorder.Dispatch(Device.GetPipeline(TestKernels.Increment.Value, []), [], 1), Throws.ArgumentException);
    }

    private static long Bind(BindingKind kind, BufferRange range) =>
        BindingRules.BoundSize(Poor, TestKernels.Increment.Value, new KernelBinding(0, "Data", kind, true), range);
}
