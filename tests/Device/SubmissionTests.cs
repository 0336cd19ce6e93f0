using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>Submitting, waiting, and the order of things.</summary>
internal sealed class SubmissionTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Submissions_are_numbered_and_complete_in_order()
    {
        using var buffer = Zeroes(64);
        using var first = Increment(buffer);
        using var second = Increment(buffer);
        var a = Device.Submit([first, second]);
        var b = Device.Submit([]);
        Assert.That(b, Is.EqualTo(a), "nothing submitted, nothing to wait for");
        Device.Wait(a);
        Assert.That(Device.Completed, Is.GreaterThanOrEqualTo(a));
        Assert.That(buffer.Elements<float>(0, 64).ToArray(), Is.All.EqualTo(2f));
    }

    [Test]
    public void Many_recordings_go_in_one_submission()
    {
        using var buffer = Zeroes(64);
        var recordings = Enumerable.Range(0, 70).Select(_ => Increment(buffer)).ToArray();
        Device.Wait(Device.Submit(recordings));
        Assert.That(buffer.Elements<float>(0, 64)[0], Is.EqualTo(70f));
        foreach (var recording in recordings) recording.Dispose();
    }

    [Test]
    public async Task Tasks_complete_with_their_submissions()
    {
        using var buffer = Zeroes(64);
        using var first = Increment(buffer);
        using var second = Increment(buffer);
        var (a, b) = (Device.Submit(first), Device.Submit(second));
        await Device.WaitAsync(b);
        await Device.WaitAsync(a);
        Assert.That(Device.Completed, Is.GreaterThanOrEqualTo(b));
        Assert.That(buffer.Elements<float>(0, 64)[0], Is.EqualTo(2f));
    }

    [Test]
    public void A_cancelled_wait_leaves_the_work_running()
    {
        using var buffer = Zeroes(64);
        using var recording = Increment(buffer);
        var submission = Device.Submit(recording);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => Device.Wait(submission, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        Device.Wait(submission);
        Assert.That(buffer.Elements<float>(0, 64)[0], Is.EqualTo(1f));
    }

    [Test]
    public void What_was_never_submitted_cannot_be_waited_for()
    {
        Assert.That(() => Device.Wait(1_000_000), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Device.WaitAsync(1_000_000), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_recording_of_another_device_is_refused()
    {
        using var other = Open();
        using var buffer = other.AllocateBuffer(256, BufferPurpose.HostShared, "other's");
        using var recorder = other.BeginRecording("other's");
        recorder.Fill(new BufferRange(buffer), 0);
        using var recording = recorder.End();
        Assert.That(() => Device.Submit(recording), Throws.ArgumentException);
        using var own = Device.BeginRecording("own");
        Assert.That(() => own.Fill(new BufferRange(buffer), 0), Throws.ArgumentException);
    }

    [Test]
    public void Submitting_and_waiting_allocates_nothing()
    {
        using var buffer = Zeroes(64);
        using var recording = Increment(buffer);
        void Run(int count)
        {
            for (var i = 0; i < count; i++) Device.Wait(Device.Submit(recording));
        }
        // Enough for the run-time compiler to be done with the path.
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(200);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Threads_share_a_device()
    {
        const int Threads = 8, Runs = 50;
        var buffers = Enumerable.Range(0, Threads).Select(_ => Zeroes(64)).ToArray();
        Parallel.For(0, Threads, i =>
        {
            using var recording = Increment(buffers[i]);
            for (var run = 0; run < Runs; run++) Device.Wait(Device.Submit(recording));
        });
        foreach (var buffer in buffers)
        {
            Assert.That(buffer.Elements<float>(0, 64)[63], Is.EqualTo((float)Runs));
            buffer.Dispose();
        }
    }

    [Test]
    public void Threads_record_labelled_commands_side_by_side()
    {
        // Validation layers before 1.3.243 end the process here when they are given the labels.
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                using var recorder = Device.BeginRecording("labelled");
                recorder.BeginLabel("nothing");
                recorder.EndLabel();
                recorder.End().Dispose();
            }
        });
    }

    [Test]
    public void Timestamps_measure_a_dispatch()
    {
        using var buffer = Zeroes(1 << 16);
        using var recorder = Device.BeginRecording("timed", timestamps: 2);
        recorder.WriteTimestamp(0);
        recorder.Dispatch(Device.GetPipeline(TestKernels.Increment.Value, []), [new BufferRange(buffer)], 1 << 10);
        recorder.WriteTimestamp(1);
        using var recording = recorder.End();
        Assert.That(recording.ReadTimestamps(), Is.Null, "it has not run yet");
        Device.Wait(Device.Submit(recording));
        var times = recording.ReadTimestamps();
        if (!Device.Profile.Has(DeviceFeatures.Timestamps)) Assert.Ignore("this device has no timestamps");
        Assert.That(times!.Count, Is.EqualTo(2));
        Assert.That(times.Between(0, 1), Is.GreaterThan(0).And.LessThan(10e9));
    }

    [Test]
    public void A_timestamp_counter_that_wraps_is_followed()
    {
        var nanoseconds = new double[2];
        TimestampResults.Convert([0xFFFFFFF0, 0x10], nanoseconds, period: 2, validBits: 32);
        Assert.That(nanoseconds, Is.EqualTo(new[] { 0.0, 64.0 }));
    }

    private DeviceBuffer Zeroes(int floats)
    {
        var buffer = Device.AllocateBuffer(floats * sizeof(float), BufferPurpose.HostShared, "data");
        buffer.Bytes(0, buffer.Size).Clear();
        buffer.Flush(0, buffer.Size);
        return buffer;
    }

    private CommandRecording Increment(DeviceBuffer buffer)
    {
        using var recorder = Device.BeginRecording("increment");
        recorder.Barrier(BarrierScope.Device);
        recorder.Dispatch(Device.GetPipeline(TestKernels.Increment.Value, []), [new BufferRange(buffer, 0, 256)], 1);
        recorder.Barrier(BarrierScope.ToHost);
        return recorder.End();
    }
}
