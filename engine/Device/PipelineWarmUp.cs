using System.Collections.Concurrent;
using System.Diagnostics;

namespace VkNet.Devices;

/// <summary>
/// Mesa's software driver compiles a kernel not when its pipeline is made but at its first dispatch, one kernel after the
/// other on the queue's thread: 50 to 800 ms each, or 2 ms from its disk cache. A dispatch of no workgroups makes it do so
/// early; and when that proves slow, further devices, opened for the purpose on the other cores, compile a share of the
/// kernels into the disk cache, where the device itself then finds them.
/// </summary>
/// <remarks>
/// The parameters of a call must be there already. The driver writes those that decide about loops into the code, and keeps that
/// code if it is much smaller: with parameters of zero, which leave no loop, it keeps code that no real call can use.
/// </remarks>
internal static class PipelineWarmUp
{
    // A kernel that takes longer was not in the disk cache, so those after it will not be either.
    private static readonly TimeSpan SlowKernel = TimeSpan.FromMilliseconds(25);

    // Opening a device takes about 70 ms; it must have that much to do.
    private const int FewestPerHelper = 2;

    /// <summary>Has the driver finish the code of some pipelines; does nothing on drivers that do so when a pipeline is made.</summary>
    /// <param name="device">The device.</param>
    /// <param name="pipelines">Its pipelines.</param>
    /// <param name="requests">What asked for each of them.</param>
    public static void Run(ComputeDevice device, KernelPipeline[] pipelines, IReadOnlyList<PipelineRequest> requests)
    {
        if (!DriverQuirk.CompilesAtFirstDispatch.Applies(device.Profile.DriverName)) return;
        (KernelPipeline Pipeline, PipelineRequest Request)[] calls = [.. pipelines.Zip(requests).Where(c => !c.First.IsWarm).DistinctBy(c => c.First)];
        if (calls.Length == 0) return;
        var waiting = new ConcurrentQueue<(KernelPipeline Pipeline, PipelineRequest Request)>(calls);
        using var scratch = new Scratch(device);
        Thread[] helpers = [];
        while (waiting.TryDequeue(out var call))
        {
            var taken = Finish(device, scratch, call.Pipeline, call.Request);
            if (taken > SlowKernel && helpers.Length == 0) helpers = Help(device, waiting);
        }
        foreach (var helper in helpers) helper.Join();
        // What the helpers compiled is on disk now.
        foreach (var (pipeline, request) in calls.Where(c => !c.Pipeline.IsWarm)) Finish(device, scratch, pipeline, request);
    }

    private static TimeSpan Finish(ComputeDevice device, Scratch scratch, KernelPipeline pipeline, PipelineRequest request)
    {
        var start = Stopwatch.GetTimestamp();
        using var recorder = device.BeginRecording($"warm-up of {pipeline}");
        recorder.DispatchNothing(pipeline, new BufferRange(scratch.Tensors, 0, 16), scratch.Put(request.Parameters.Span, pipeline.Kernel.ParameterBytes));
        using var recording = recorder.End();
        device.Wait(device.Submit(recording));
        pipeline.IsWarm = true;
        return Stopwatch.GetElapsedTime(start);
    }

    private static Thread[] Help(ComputeDevice device, ConcurrentQueue<(KernelPipeline Pipeline, PipelineRequest Request)> waiting)
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

    private static void Help(DeviceInfo info, ConcurrentQueue<(KernelPipeline Pipeline, PipelineRequest Request)> waiting)
    {
        try
        {
            using var helper = ComputeDevice.OpenPlain(info);
            using var scratch = new Scratch(helper);
            while (waiting.TryDequeue(out var call))
            {
                var request = call.Request;
                Finish(helper, scratch, helper.GetPipeline(request.Kernel, request.Constants.ToArray(), request.SubgroupSize), request);
            }
        }
        catch (VkNetException)
        {
            // The device itself compiles what is left.
        }
    }

    // What the kernels are bound to: a little memory in place of every tensor, and the parameters.
    private sealed class Scratch : IDisposable
    {
        private readonly DeviceBuffer _parameters;

        public Scratch(ComputeDevice device)
        {
            Tensors = device.AllocateBuffer(device.Profile.BufferAlignment, BufferPurpose.DeviceLocal, "warm-up");
            try
            {
                _parameters = device.AllocateBuffer(device.Profile.MaxUniformBufferRange, BufferPurpose.HostShared, "warm-up parameters");
            }
            catch
            {
                Tensors.Dispose();
                throw;
            }
        }

        public DeviceBuffer Tensors { get; }

        /// <summary>Where the parameters lie; zeros stand for those that are not known.</summary>
        public BufferRange Put(ReadOnlySpan<byte> parameters, int count)
        {
            if (count > 0)
            {
                var block = _parameters.Bytes(0, count);
                block.Clear();
                parameters[..Math.Min(parameters.Length, count)].CopyTo(block);
                _parameters.Flush(0, count);
            }
            return new BufferRange(_parameters, 0, Math.Max(16, count));
        }

        public void Dispose()
        {
            _parameters.Dispose();
            Tensors.Dispose();
        }
    }
}
