using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>The validation layer is really on: what is wrong on purpose is reported.</summary>
internal sealed class ValidationTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void A_missing_barrier_is_reported([Values] bool withBarrier)
    {
        if (!Device.Profile.Has(DeviceFeatures.TexelBuffer)) Assert.Ignore("the kernel needs texel buffers");
        ValidationLayer.Require();
        var heard = new List<ValidationMessage>();
        using var device = ComputeDevice.Open(new DeviceOptions { Selector = Driver, Validation = true, OnValidationMessage = heard.Add });
        using var arena = device.AllocateBuffer(4096, BufferPurpose.DeviceLocal, "arena");
        var (parameters, a, b, c) = (new BufferRange(arena, 0, 16), new BufferRange(arena, 256, 64), new BufferRange(arena, 512, 64), new BufferRange(arena, 768, 64));
        // The second kernel reads as texels what the first writes as storage. (The layer says nothing about two writes of
        // one binding, nor about a binding that a kernel both reads and writes.)
        var pipeline = device.GetPipeline(TestKernels.MultiplyAdd.Value, []);
        using var recorder = device.BeginRecording("racing");
        recorder.Dispatch(pipeline, [parameters, a, a, b], 1);
        if (withBarrier) recorder.Barrier(BarrierScope.ComputeToCompute);
        recorder.Dispatch(pipeline, [parameters, b, a, c], 1);
        using var recording = recorder.End();
        if (withBarrier) Assert.That(device.ValidationMessages, Is.Empty);
        else
        {
            Assert.That(device.ValidationMessages.Select(m => m.Id), Has.Some.EqualTo("SYNC-HAZARD-READ-AFTER-WRITE"));
            Assert.That(heard, Is.EqualTo(device.ValidationMessages));
            Assert.That(heard[0].IsError);
        }
    }

    [Test]
    public void Disjoint_ranges_of_one_buffer_need_no_barrier()
    {
        using var buffer = Device.AllocateBuffer(4096, BufferPurpose.DeviceLocal, "arena");
        var pipeline = Device.GetPipeline(TestKernels.Increment.Value, []);
        using var recorder = Device.BeginRecording("side by side");
        recorder.BeginLabel("two tensors");
        recorder.Dispatch(pipeline, [new BufferRange(buffer, 0, 250)], 1);
        recorder.Dispatch(pipeline, [new BufferRange(buffer, 256, 250)], 1);
        recorder.EndLabel();
        using var recording = recorder.End();
        Device.Wait(Device.Submit(recording));
    }
}
