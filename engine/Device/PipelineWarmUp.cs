using System.Collections.Concurrent;
using System.Diagnostics;

namespace VkNet.Devices;

/// <summary>
/// Mesa's software driver compiles a kernel not when its pipeline is made but at its first dispatch, one kernel after the
/// other on the queue's thread: 50 to 800 ms each, or 2 ms from its disk cache. A dispatch of no workgroups makes it do so
/// early; and when that proves slow, further devices, opened for the purpose on the other cores, compile a share of the
/// kernels into the disk cache, where the device itself then finds them.
/// </summary>
internal static class PipelineWarmUp
{
    // A kernel that takes longer was not in the disk cache, so those after it will not be either.
    private static readonly TimeSpan SlowKernel = TimeSpan.FromMilliseconds(25);

    // Opening a device takes about 70 ms; it must have that much to do.
    private const int FewestPerHelper = 2;

    /// <summary>Has the driver finish the code of some pipelines; does nothing on drivers that do so when a pipeline is made.</summary>
    public static void Run(ComputeDevice device, IReadOnlyList<KernelPipeline> pipelines)
    {
        if (!DriverQuirk.CompilesAtFirstDispatch.Applies(device.Profile.DriverName)) return;
        var waiting = new ConcurrentQueue<KernelPipeline>(pipelines.Where(p => !p.IsWarm).Distinct());
        if (waiting.IsEmpty) return;
        using var scratch = Scratch(device);
        Thread[] helpers = [];
        while (waiting.TryDequeue(out var pipeline))
        {
            var taken = Finish(device, scratch, pipeline);
            if (taken > SlowKernel && helpers.Length == 0) helpers = Help(device, waiting);
        }
        foreach (var helper in helpers) helper.Join();
        // What the helpers compiled is on disk now.
        foreach (var pipeline in pipelines.Where(p => !p.IsWarm)) Finish(device, scratch, pipeline);
    }

    private static DeviceBuffer Scratch(ComputeDevice device) =>
        device.AllocateBuffer(Math.Max(device.Profile.BufferAlignment, device.Profile.MaxUniformBufferRange), BufferPurpose.DeviceLocal, "warm-up");

    private static TimeSpan Finish(ComputeDevice device, DeviceBuffer scratch, KernelPipeline pipeline)
    {
        var start = Stopwatch.GetTimestamp();
        using var recorder = device.BeginRecording($"warm-up of {pipeline}");
        recorder.DispatchNothing(pipeline, new BufferRange(scratch, 0, Math.Max(16, pipeline.Kernel.ParameterBytes)));
        using var recording = recorder.End();
        device.Wait(device.Submit(recording));
        pipeline.IsWarm = true;
        return Stopwatch.GetElapsedTime(start);
    }

    private static Thread[] Help(ComputeDevice device, ConcurrentQueue<KernelPipeline> waiting)
    {
        // Without a disk cache there is no way from one device to another.
        if (!OperatingSystem.IsLinux() || NativeEnvironment.Get("MESA_SHADER_CACHE_DISABLE") is "1" or "true") return [];
        var count = Math.Min(Environment.ProcessorCount - 1, waiting.Count / FewestPerHelper);
        var helpers = new Thread[Math.Max(count, 0)];
        for (var i = 0; i < helpers.Length; i++)
        {
            helpers[i] = new Thread(() => Help(device.Info, waiting)) { IsBackground = true, Name = "VkNet warm-up" };
            helpers[i].Start();
        }
        return helpers;
    }

    private static void Help(DeviceInfo info, ConcurrentQueue<KernelPipeline> waiting)
    {
        try
        {
            using var helper = ComputeDevice.OpenPlain(info);
            using var scratch = Scratch(helper);
            while (waiting.TryDequeue(out var pipeline))
            {
                var request = pipeline.Request;
                Finish(helper, scratch, helper.GetPipeline(request.Kernel, request.Constants.ToArray(), request.SubgroupSize));
            }
        }
        catch (VkNetException)
        {
            // The device itself compiles what is left.
        }
    }
}
