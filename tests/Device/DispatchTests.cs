using VkNet.Devices;
using VkNet.Shaders;

namespace VkNet.Tests.Device;

/// <summary>Kernels, copies and fills, recorded once and replayed.</summary>
internal sealed class DispatchTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void A_kernel_reads_texels_and_writes_storage([Values(1, 4, 63, 64, 1021)] int texels)
    {
        if (!Device.Profile.Has(DeviceFeatures.TexelBuffer)) Assert.Ignore("the kernel needs texel buffers");
        var floats = texels * 4;
        using var parameters = Device.AllocateBuffer(256, BufferPurpose.HostShared, "parameters");
        using var source = Filled("source", floats, i => i);
        using var added = Filled("added", floats, i => 1000 - i);
        using var target = Device.AllocateBuffer(floats * sizeof(float), BufferPurpose.DeviceLocal, "target");
        parameters.Elements<uint>(0, 1)[0] = (uint)texels;
        parameters.Elements<float>(4, 1)[0] = 3;
        parameters.Flush(0, 256);
        var pipeline = Device.GetPipeline(TestKernels.MultiplyAdd.Value, [new SpecializationValue(0, 0.5f)]);

        using var recorder = Device.BeginRecording("multiply and add");
        recorder.Dispatch(pipeline, [new(parameters, 0, 16), new(source), new(added), new(target)], (texels + 63) / 64);
        recorder.Barrier(BarrierScope.ComputeToTransfer | BarrierScope.ToHost);
        using var recording = recorder.End();
        Device.Wait(Device.Submit(recording));

        Assert.That(Read(target, floats), Is.EqualTo(Enumerable.Range(0, floats).Select(i => (3f * i) + (1000 - i) + 0.5f)));
    }

    [Test]
    public void A_recording_is_replayed_with_new_parameters()
    {
        const int Count = 1000;
        using var data = Filled("data", Count, i => i);
        var pipeline = Device.GetPipeline(TestKernels.Increment.Value, []);
        using var recorder = Device.BeginRecording("increment twice");
        var range = new BufferRange(data, 0, Count * sizeof(float));
        for (var i = 0; i < 2; i++)
        {
            recorder.Barrier(BarrierScope.Device);
            recorder.Dispatch(pipeline, [range], (Count + 63) / 64);
        }
        recorder.Barrier(BarrierScope.ToHost | BarrierScope.ComputeToTransfer);
        Assert.That(recorder.DispatchCount, Is.EqualTo(2));
        using var recording = recorder.End();
        for (var run = 0; run < 5; run++) Device.Wait(Device.Submit(recording));
        Assert.That(Read(data, Count), Is.EqualTo(Enumerable.Range(0, Count).Select(i => i + 10f)));
    }

    [Test]
    public void Copies_and_fills_work()
    {
        using var a = Filled("a", 64, i => i);
        using var b = Filled("b", 64, _ => -1);
        using var recorder = Device.BeginRecording("copy");
        recorder.Copy(new BufferRange(a, 16, 32), new BufferRange(b, 64, 32));
        recorder.Fill(new BufferRange(b, 128, 8), 0x40000000);
        recorder.Barrier(BarrierScope.TransferToTransfer | BarrierScope.ToHost);
        using var recording = recorder.End();
        Device.Wait(Device.Submit(recording));
        var expected = Enumerable.Repeat(-1f, 64).ToArray();
        for (var i = 0; i < 8; i++) expected[16 + i] = 4 + i;
        (expected[32], expected[33]) = (2, 2);
        Assert.That(Read(b, 64), Is.EqualTo(expected));
    }

    [Test]
    public void Transfers_reach_memory_that_the_host_cannot()
    {
        using var device = Open(new DeviceOptions { DisabledFeatures = new HashSet<string> { DeviceFeatures.UnifiedMemory } });
        var bytes = new byte[(33 << 20) + 12];
        new Random(1).NextBytes(bytes);
        using var buffer = device.AllocateBuffer(bytes.Length, BufferPurpose.DeviceLocal, "large");
        Assert.That(buffer.IsMapped, Is.False);
        device.Write(buffer, 0, bytes);
        var back = new byte[bytes.Length];
        device.Read(buffer, 0, back);
        Assert.That(back.AsSpan().SequenceEqual(bytes));
        Assert.That(TakeMessages(device), Is.Empty);
    }

    [Test]
    public void Accesses_outside_a_binding_change_nothing_else()
    {
        using var data = Filled("data", 192, _ => 1);
        var pipeline = Device.GetPipeline(TestKernels.Stray.Value, []);
        using var recorder = Device.BeginRecording("stray");
        recorder.Dispatch(pipeline, [new BufferRange(data, 0, 64 * sizeof(float))], 1);
        recorder.Barrier(BarrierScope.ToHost | BarrierScope.ComputeToTransfer);
        using var recording = recorder.End();
        Device.Wait(Device.Submit(recording));
        Assert.That(Read(data, 192), Is.All.EqualTo(1f));
    }

    [Test]
    public void Nothing_is_recorded_for_zero_groups()
    {
        using var data = Filled("data", 64, _ => 1);
        using var recorder = Device.BeginRecording("nothing");
        recorder.Dispatch(Device.GetPipeline(TestKernels.Increment.Value, []), [new BufferRange(data)], 0);
        Assert.That(recorder.DispatchCount, Is.Zero);
    }

    private DeviceBuffer Filled(string label, int count, Func<int, float> value)
    {
        var buffer = Device.AllocateBuffer(count * sizeof(float), BufferPurpose.DeviceLocal, label);
        var values = Enumerable.Range(0, count).Select(value).ToArray();
        Device.Write(buffer, 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return buffer;
    }

    private float[] Read(DeviceBuffer buffer, int count)
    {
        var values = new float[count];
        Device.Read(buffer, 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
