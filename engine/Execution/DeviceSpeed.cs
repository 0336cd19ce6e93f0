using System.Runtime.InteropServices;
using VkNet.Devices;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;

namespace VkNet.Execution;

/// <summary>
/// What a device can do at most, measured: the figures that kernels are judged against.
/// </summary>
/// <param name="PeakGflops">Best rate of float32 multiply-adds (two operations each) over 4, 8, 12 and 16 independent chains of scalars and of vectors.</param>
/// <param name="CopyGbps">Best rate of a shader copy of 64 MiB, read and written bytes counted, in 10^9 bytes a second.</param>
/// <param name="ReadGbps">Best rate of reading 64 MiB (as texels where there are any), in 10^9 bytes a second.</param>
public sealed record DeviceSpeed(double PeakGflops, double CopyGbps, double ReadGbps)
{
    private const int Bytes = 64 << 20;
    private const int Samples = 5;

    /// <summary>Measures; takes a second or two.</summary>
    public static DeviceSpeed Measure(ComputeDevice device)
    {
        var peak = MeasureMultiplyAdd.Family.Variants.Max(variant => Peak(device, variant));
        using var source = device.AllocateBuffer(Bytes, BufferPurpose.DeviceLocal, "measure source");
        using var result = device.AllocateBuffer(Bytes, BufferPurpose.DeviceLocal, "measure result");
        var copy = Usable(device, MeasureCopy.Family).Max(variant => 2.0 * Bytes / Time(device, variant, new MeasureCopy.Parameters { Count = Bytes / 16 }, Bytes / 16 / 256, source, result));
        var read = Usable(device, MeasureRead.Family).Max(variant => 17.0 / 16 * Bytes / Time(device, variant, new MeasureRead.Parameters { Count = Bytes / 16 }, Bytes / 16 / 16 / 256, source, result));
        return new DeviceSpeed(peak, copy, read);
    }

    /// <summary>The better of two measurements in each figure: what the device can do, not what else the machine was doing.</summary>
    public static DeviceSpeed Best(DeviceSpeed a, DeviceSpeed b) =>
        new(Math.Max(a.PeakGflops, b.PeakGflops), Math.Max(a.CopyGbps, b.CopyGbps), Math.Max(a.ReadGbps, b.ReadGbps));

    private static IEnumerable<KernelDescriptor> Usable(ComputeDevice device, KernelFamily family) =>
        device.Profile.VariantsOf(family).Where(v => !v.Requirements.Texels || device.Profile.MaxTexelBufferElements >= Bytes / 16);

    private static double Peak(ComputeDevice device, KernelDescriptor variant)
    {
        var chains = int.Parse(variant.Variant.AsSpan().TrimStart("scalarvecto"), System.Globalization.CultureInfo.InvariantCulture);
        var width = variant.Variant.StartsWith("vector", StringComparison.Ordinal) ? 4 : 1;
        // Enough workgroups to fill a large GPU, and few enough iterations that a CPU is done in milliseconds.
        var groups = device.Profile.IsSoftware ? 64 : 8192;
        var iterations = (device.Profile.IsSoftware ? 4096 : 1024) / (chains * width) * 4;
        using var result = device.AllocateBuffer(groups * 64 * 16, BufferPurpose.DeviceLocal, "measure peak");
        var nanoseconds = Time(device, variant, new MeasureMultiplyAdd.Parameters { Iterations = iterations, Factor = 0.999f, Summand = 0.001f }, groups, result);
        return 2.0 * groups * 64 * iterations * 16 * chains * width / nanoseconds;
    }

    // The least of several timed runs after a warm-up, in nanoseconds: what the device can do, not what else the machine was doing.
    private static double Time<T>(ComputeDevice device, KernelDescriptor kernel, T parameters, int groups, params ReadOnlySpan<DeviceBuffer> tensors) where T : unmanaged
    {
        using var block = device.AllocateBuffer(256, BufferPurpose.HostShared, "measure parameters");
        MemoryMarshal.Write(block.Bytes(0, 256), in parameters);
        block.Flush(0, 256);
        var pipeline = device.GetPipeline(kernel, []);
        var ranges = new List<BufferRange> { new(block, 0, kernel.ParameterBytes) };
        foreach (var tensor in tensors) ranges.Add(new BufferRange(tensor));
        var width = Math.Min(groups, 32768);
        using var recorder = device.BeginRecording("measure", 2);
        recorder.Barrier(BarrierScope.Device);
        recorder.WriteTimestamp(0);
        recorder.Dispatch(pipeline, CollectionsMarshal.AsSpan(ranges), width, (groups + width - 1) / width);
        recorder.WriteTimestamp(1);
        using var recording = recorder.End();
        var best = double.PositiveInfinity;
        var stamps = new double[2];
        for (var i = 0; i <= Samples; i++)
        {
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            device.Wait(device.Submit(recording));
            var elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalNanoseconds;
            if (recording.TryReadTimestamps(stamps)) elapsed = stamps[1] - stamps[0];
            if (i > 0) best = Math.Min(best, elapsed);
        }
        return best;
    }
}
