using VkNet.Compilation;
using VkNet.Devices;

namespace VkNet.Execution;

/// <summary>Records a section of a plan into command buffers, cut into segments so that no single submission runs long enough for a watchdog.</summary>
internal static class PlanRecorder
{
    // About 100 ms on a device of 500 GFLOP/s and 50 GB/s: slower hardware devices have longer watchdogs than that.
    private const double SegmentFlops = 50e9;
    private const double SegmentBytes = 5e9;

    /// <summary>Makes the pipelines of some sections, in parallel.</summary>
    internal static void Prepare(ComputeDevice device, params ReadOnlySpan<PlanSection> sections)
    {
        var requests = new List<PipelineRequest>();
        foreach (var section in sections) requests.AddRange(section.Calls.OfType<DispatchCall>().Select(Request));
        device.PreparePipelines(requests);
    }

    /// <summary>Records a section.</summary>
    /// <param name="device">The device.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="section">Which of its sections.</param>
    /// <param name="arenas">Memory of every block used.</param>
    /// <param name="parameters">The section's plan-constant buffer; null when no kernel has parameters.</param>
    /// <param name="before">Recorded first (copies of inputs).</param>
    /// <param name="after">Recorded last (copies of outputs).</param>
    /// <param name="timestamps">Whether a timestamp is written before every call and after the last.</param>
    /// <param name="fullBarriers">Whether a barrier stands before every call: for a part of a section, whose barriers were placed for the whole.</param>
    internal static IReadOnlyList<CommandRecording> Record(ComputeDevice device, ExecutionPlan plan, PlanSection section, ArenaSet arenas, DeviceBuffer? parameters, Action<CommandRecorder>? before = null, Action<CommandRecorder>? after = null, bool timestamps = false, bool fullBarriers = false)
    {
        var recordings = new List<CommandRecording>();
        var ranges = new List<BufferRange>();
        CommandRecorder? recorder = null;
        try
        {
            recorder = device.BeginRecording(plan.Name, timestamps ? section.Calls.Count + 1 : 0);
            // What the last replay read or wrote may be written again: one barrier covers every hazard from run to run.
            recorder.Barrier(BarrierScope.Device);
            before?.Invoke(recorder);
            double flops = 0, bytes = 0;
            for (var index = 0; index < section.Calls.Count; index++)
            {
                var call = section.Calls[index];
                if ((flops > SegmentFlops || bytes > SegmentBytes) && !timestamps)
                {
                    recordings.Add(recorder.End());
                    recorder = null;
                    recorder = device.BeginRecording(plan.Name, 0);
                    (flops, bytes) = (0, 0);
                }
                if (call.BarrierBefore || fullBarriers) recorder.Barrier(BarrierScope.Device);
                if (timestamps) recorder.WriteTimestamp(index);
                RecordCall(device, plan, arenas, parameters, recorder, call, ranges);
                flops += call.Flops;
                bytes += call.Bytes;
            }
            if (timestamps) recorder.WriteTimestamp(section.Calls.Count);
            after?.Invoke(recorder);
            recorder.Barrier(BarrierScope.ToHost);
            recordings.Add(recorder.End());
            recorder = null;
            return recordings;
        }
        catch
        {
            recorder?.Dispose();
            foreach (var recording in recordings) recording.Dispose();
            throw;
        }
    }

    private static void RecordCall(ComputeDevice device, ExecutionPlan plan, ArenaSet arenas, DeviceBuffer? parameters, CommandRecorder recorder, PlanCall call, List<BufferRange> ranges)
    {
        switch (call)
        {
            case DispatchCall dispatch:
                ranges.Clear();
                var next = 0;
                foreach (var binding in dispatch.Descriptor.Bindings)
                    ranges.Add(binding.Kind == Shaders.BindingKind.UniformBuffer
                        ? new BufferRange(parameters!, dispatch.ParameterOffset, dispatch.Parameters.Length, "parameters")
                        : arenas.Locate(plan, dispatch.Slices[next++]));
                recorder.BeginLabel(dispatch.Node);
                recorder.Dispatch(device.GetPipeline(dispatch.Descriptor, dispatch.Constants), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ranges), dispatch.Groups.X, dispatch.Groups.Y, dispatch.Groups.Z);
                recorder.EndLabel();
                break;
            case CopyCall copy:
                recorder.Copy(arenas.Locate(plan, copy.Source), arenas.Locate(plan, copy.Destination));
                break;
            case FillCall fill:
                recorder.Fill(arenas.Locate(plan, fill.Destination), fill.Pattern);
                break;
        }
    }

    private static PipelineRequest Request(DispatchCall call) => new(call.Descriptor, call.Constants);
}
