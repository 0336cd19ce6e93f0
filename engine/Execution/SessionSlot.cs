using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>One run in flight: its own inputs, outputs, run block and recording, so that the next batch is staged while another runs.</summary>
internal sealed class SessionSlot : IDisposable
{
    private readonly ExecutionPlan _plan;
    private readonly BufferRange[] _inputs;
    private readonly BufferRange[] _outputs;
    private readonly BufferRange[] _runValues;
    private readonly List<DeviceBuffer> _staging = [];
    private readonly CommandRecording[] _recordings;

    internal SessionSlot(CompiledModel model, ArenaSet session, bool profile)
    {
        _plan = model.Plan;
        Arenas = new ArenaSet(model.Device, _plan, session, MemoryBlock.Inputs, MemoryBlock.Outputs, MemoryBlock.RunBlock);
        try
        {
            var uploads = new List<(BufferRange From, BufferRange To)>();
            var downloads = new List<(BufferRange From, BufferRange To)>();
            _inputs = [.. _plan.Inputs.Select(i => HostSide(model.Device, i.Value, BufferPurpose.Upload, uploads))];
            _outputs = [.. _plan.Outputs.Select(o => HostSide(model.Device, o.Value, BufferPurpose.Readback, downloads))];
            _runValues = [.. _plan.RunValues.Select(r => Arenas.Locate(_plan, r.Value))];
            _recordings = [.. PlanRecorder.Record(model.Device, _plan, _plan.Main, Arenas, model.Parameters, Transfers(uploads, false), Transfers(downloads, true), profile)];
        }
        catch
        {
            Arenas.Dispose();
            foreach (var buffer in _staging) buffer.Dispose();
            throw;
        }
    }

    internal ArenaSet Arenas { get; }

    internal ReadOnlySpan<CommandRecording> Recordings => _recordings;

    /// <summary>Timeline value of the last submission.</summary>
    internal ulong Submission { get; set; }

    /// <summary>Writes an input's elements.</summary>
    internal void Write(int index, Tensor tensor)
    {
        var range = _inputs[index];
        DeviceElements.Encode(tensor, range.Buffer.Bytes(range.Offset, range.Size), _plan.Inputs[index].Key);
    }

    /// <summary>Makes what was written to the inputs visible to the device.</summary>
    internal void FlushInputs()
    {
        foreach (var range in _inputs) range.Buffer.Flush(range.Offset, range.Size);
    }

    /// <summary>The memory of an input on the host's side.</summary>
    internal Span<byte> InputBytes(int index) => _inputs[index].Buffer.Bytes(_inputs[index].Offset, _inputs[index].Size);

    /// <summary>The memory of an output on the host's side, as the last run that was waited for left it.</summary>
    internal ReadOnlySpan<byte> OutputBytes(int index)
    {
        var range = _outputs[index];
        range.Buffer.Invalidate(range.Offset, range.Size);
        return range.Buffer.Bytes(range.Offset, range.Size);
    }

    /// <summary>Writes a scalar of the run block: the bits of a float or an int.</summary>
    internal void WriteRunValue(int index, uint bits)
    {
        var range = _runValues[index];
        range.Buffer.Elements<uint>(range.Offset, 1)[0] = bits;
        range.Buffer.Flush(range.Offset, range.Size);
    }

    /// <summary>Reads an output's elements.</summary>
    internal void Read(int index, Tensor tensor) => DeviceElements.Decode(OutputBytes(index), tensor);

    /// <summary>Device time of every call of the last run, in nanoseconds; null when the device writes no timestamps.</summary>
    internal double[]? ReadTimings()
    {
        var stamps = new double[_plan.Main.Calls.Count + 1];
        if (!_recordings[0].TryReadTimestamps(stamps)) return null;
        return [.. Enumerable.Range(0, stamps.Length - 1).Select(i => stamps[i + 1] - stamps[i])];
    }

    public void Dispose()
    {
        foreach (var recording in _recordings) recording.Dispose();
        foreach (var buffer in _staging) buffer.Dispose();
        Arenas.Dispose();
    }

    // Where the host cannot reach the device's memory, a staging buffer stands for the tensor and a copy is recorded.
    private BufferRange HostSide(ComputeDevice device, DeviceTensor tensor, BufferPurpose purpose, List<(BufferRange From, BufferRange To)> copies)
    {
        var range = Arenas.Locate(_plan, tensor);
        if (range.Buffer.IsMapped) return range;
        var staging = device.AllocateBuffer(range.Size, purpose, "staging of " + range.DisplayName);
        _staging.Add(staging);
        var host = new BufferRange(staging, 0, range.Size);
        copies.Add(purpose == BufferPurpose.Upload ? (host, range) : (range, host));
        return host;
    }

    private static Action<CommandRecorder>? Transfers(List<(BufferRange From, BufferRange To)> copies, bool barrierFirst)
    {
        if (copies.Count == 0) return null;
        return recorder =>
        {
            if (barrierFirst) recorder.Barrier(BarrierScope.Device);
            foreach (var (from, to) in copies) recorder.Copy(from, to);
            if (!barrierFirst) recorder.Barrier(BarrierScope.Device);
        };
    }
}
