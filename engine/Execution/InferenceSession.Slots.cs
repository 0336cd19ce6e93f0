using VkNet.Compilation;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <content>Slots, submission and checks.</content>
public sealed partial class InferenceSession
{
    /// <summary>Starts a run without waiting for it; waits for a free slot. Give what is returned to <see cref="End"/>.</summary>
    internal SessionSlot Begin(ReadOnlySpan<Tensor> inputs)
    {
        if (inputs.Length != Plan.Inputs.Count) throw new VkNetException("VKN2201", $"the model has {Plan.Inputs.Count} inputs, but {inputs.Length} are given");
        for (var i = 0; i < inputs.Length; i++) CheckType("input", Plan.Inputs[i], inputs[i]);
        var slot = Acquire(CancellationToken.None);
        try
        {
            Start(slot, inputs);
            Interlocked.Increment(ref _begun);
            return slot;
        }
        catch
        {
            Release(slot);
            throw;
        }
    }

    /// <summary>Waits for a run that <see cref="Begin"/> started, reads its outputs and frees its slot.</summary>
    internal void End(SessionSlot slot, ReadOnlySpan<Tensor> outputs)
    {
        Interlocked.Decrement(ref _begun);
        try
        {
            Model.Device.Wait(slot.Submission);
            for (var i = 0; i < outputs.Length; i++) slot.Read(i, outputs[i]);
            if (_profile) LastTimings = slot.ReadTimings();
        }
        finally
        {
            Release(slot);
        }
    }

    // Outputs whose size depends on data are cut to the size that it came to.
    private Dictionary<string, Tensor> Named(Tensor[] outputs)
    {
        var result = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var i = 0; i < outputs.Length; i++) result[Plan.Outputs[i].Key] = outputs[i];
        foreach (var (name, axis) in Plan.Extents) result[name] = result[name].Take(axis, ElementConversion.LoadIntegers(result[Graphs.Graph.CountName(name)])[0]);
        return result;
    }

    private SessionSlot Acquire(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        _available.Wait(cancellation);
        return Take();
    }

    private SessionSlot Take()
    {
        if (_disposed != 0)
        {
            _available.Release();
            throw new ObjectDisposedException(nameof(InferenceSession));
        }
        return _free.TryPop(out var slot) ? slot : throw new InvalidOperationException("a slot was promised but none is free");
    }

    private void Release(SessionSlot slot)
    {
        _free.Push(slot);
        _available.Release();
    }

    private void Start(SessionSlot slot, ReadOnlySpan<Tensor> inputs)
    {
        for (var i = 0; i < inputs.Length; i++) slot.Write(i, inputs[i]);
        Submit(slot);
    }

    /// <summary>Submits a slot whose inputs are written.</summary>
    internal void Submit(SessionSlot slot)
    {
        slot.FlushInputs();
        lock (_submission)
        {
            for (var i = 0; i < _runValues.Length; i++) slot.WriteRunValue(i, _runValues[i]);
            slot.Submission = Model.Device.Submit(slot.Recordings);
        }
    }

    /// <summary>Takes a slot back that <see cref="Rent"/> gave away.</summary>
    internal void GiveBack(SessionSlot slot)
    {
        Interlocked.Decrement(ref _begun);
        Release(slot);
    }

    private void WaitIdle()
    {
        if (_slots is null) return;
        foreach (var slot in _slots)
            if (slot.Submission != 0) Model.Device.Wait(slot.Submission);
    }

    /// <summary>Fills the activations with a pattern, so that tests see when a run reads what it has not written.</summary>
    internal void FillActivations(uint pattern)
    {
        WaitIdle();
        foreach (var buffer in _arenas[MemoryBlock.Activations])
            BufferTransfer.Upload(Model.Device, new Devices.BufferRange(buffer), bytes => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(bytes).Fill(pattern));
    }

    private void SetRunBits(string name, uint bits)
    {
        for (var i = 0; i < _runValues.Length; i++)
        {
            if (Plan.RunValues[i].Key != name) continue;
            lock (_submission) _runValues[i] = bits;
            return;
        }
        throw new ArgumentException($"the run block has no '{name}': {Suggestion.For(name, Plan.RunValues.Select(r => r.Key))}", nameof(name));
    }

    private DeviceTensor FindState(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        foreach (var state in Plan.States)
            if (state.Key == name) return state.Value;
        throw new ArgumentException($"there is no state '{name}': {Suggestion.For(name, Plan.States.Select(s => s.Key))}", nameof(name));
    }

    private Tensor[] OrderInputs(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var known = Plan.Inputs.Select(i => i.Key).Concat(Plan.BoundValues.Keys);
        foreach (var name in inputs.Keys)
            if (!known.Contains(name)) throw new VkNetException("VKN2202", $"the model has no input '{name}'", Suggestion.For(name, known));
        foreach (var (name, bound) in Plan.BoundValues)
            if (inputs.TryGetValue(name, out var given) && (given.Type != bound.Type || !given.Bytes().SequenceEqual(bound.Bytes())))
                throw new VkNetException("VKN2205", $"the model was compiled for another value of input '{name}'", "its value decides shapes; load the model again for the new value");
        return [.. Plan.Inputs.Select(i => inputs.TryGetValue(i.Key, out var tensor)
            ? tensor
            : throw new VkNetException("VKN2201", $"input '{i.Key}' ({i.Value.Type}) is missing", $"the inputs are: {string.Join(", ", Plan.Inputs.Select(n => n.Key))}"))];
    }

    private void CheckTensors(ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor> outputs)
    {
        if (inputs.Length != Plan.Inputs.Count) throw new VkNetException("VKN2201", $"the model has {Plan.Inputs.Count} inputs, but {inputs.Length} are given");
        if (outputs.Length != Plan.Outputs.Count) throw new VkNetException("VKN2206", $"the model has {Plan.Outputs.Count} outputs, but {outputs.Length} tensors are given for them");
        for (var i = 0; i < inputs.Length; i++) CheckType("input", Plan.Inputs[i], inputs[i]);
        for (var i = 0; i < outputs.Length; i++) CheckType("output", Plan.Outputs[i], outputs[i]);
    }

    private static void CheckType(string what, KeyValuePair<string, DeviceTensor> expected, Tensor given)
    {
        if (given.Type == expected.Value.Type) return;
        throw new VkNetException("VKN2203", $"{what} '{expected.Key}' is {expected.Value.Type}, but the tensor given is {given.Type}",
            given.Shape == expected.Value.Shape ? "convert it with Tensor.Cast" : "the plan is compiled for fixed sizes; load the model for the new ones");
    }
}
