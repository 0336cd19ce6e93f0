using System.Collections.Concurrent;
using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>
/// Runs a compiled model: the plan is recorded once per slot and replayed on every run; nothing is allocated on the device by a run.
/// Runs may be started from any threads; carried state passes from one run to the next in the order of submission.
/// </summary>
public sealed partial class InferenceSession : IDisposable
{
    private readonly ArenaSet _arenas;
    private readonly SessionSlot[] _slots;
    private readonly ConcurrentStack<SessionSlot> _free;
    private readonly SemaphoreSlim _available;
    private readonly Lock _submission = new();
    private readonly uint[] _runValues;
    private readonly bool _profile;
    private int _begun;
    private int _disposed;

    internal InferenceSession(CompiledModel model, int slots, bool profile, WeightStore? store = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        Model = model;
        _profile = profile;
        ReadOnlySpan<MemoryBlock> blocks = store is null ? [MemoryBlock.Activations, MemoryBlock.States] : [MemoryBlock.Activations];
        store?.Add(model.Plan);
        _arenas = new ArenaSet(model.Device, model.Plan, model.Weights, store, blocks);
        var made = new List<SessionSlot>();
        try
        {
            if (store is null) ResetStates();
            for (var i = 0; i < slots; i++) made.Add(new SessionSlot(model, _arenas, profile));
        }
        catch
        {
            foreach (var slot in made) slot.Dispose();
            _arenas.Dispose();
            throw;
        }
        _slots = [.. made];
        _runValues = new uint[model.Plan.RunValues.Count];
        _free = new ConcurrentStack<SessionSlot>(_slots);
        _available = new SemaphoreSlim(slots);
    }

    /// <summary>The model.</summary>
    public CompiledModel Model { get; }

    /// <summary>
    /// Device time of every call of the last completed run, in nanoseconds and in the order of the plan's calls; null unless the session
    /// was made to profile and the device writes timestamps.
    /// </summary>
    public IReadOnlyList<double>? LastTimings { get; private set; }

    internal bool IsDisposed => _disposed != 0;

    private ExecutionPlan Plan => Model.Plan;

    /// <summary>Runs once and waits.</summary>
    /// <param name="inputs">A tensor for every input, by name.</param>
    /// <returns>The outputs by name, in new tensors; those whose size depends on data have the size that it came to.</returns>
    /// <exception cref="VkNetException">VKN2201 to VKN2203: an input is missing, unknown, or of another type.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model has been disposed.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var outputs = AllocateOutputs();
        Run(OrderInputs(inputs), outputs);
        return Named(outputs);
    }

    /// <summary>Runs once and waits, into tensors that the caller keeps: nothing is allocated.</summary>
    /// <param name="inputs">A tensor for every input, in the plan's order.</param>
    /// <param name="outputs">
    /// A tensor for every output, in the plan's order and of its type. Where a size depends on data that is the largest one possible, and the
    /// output's count says how much of it is meant (<see cref="Graph.CountName"/>).
    /// </param>
    public void Run(ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor> outputs)
    {
        CheckTensors(inputs, outputs);
        using var activity = Telemetry.Source.StartActivity("vknet.run");
        var start = Stopwatch.GetTimestamp();
        var slot = Acquire(CancellationToken.None);
        try
        {
            Start(slot, inputs);
            Model.Device.Wait(slot.Submission);
            for (var i = 0; i < outputs.Length; i++) slot.Read(i, outputs[i]);
            if (_profile) LastTimings = slot.ReadTimings();
            Telemetry.RecordRun(Plan.Name, start);
        }
        finally
        {
            Release(slot);
        }
    }

    /// <summary>Runs once without blocking a thread while the device works. Cancelling before the run is submitted abandons it; a submitted run is awaited.</summary>
    /// <param name="inputs">A tensor for every input, by name.</param>
    /// <param name="cancellation">Abandons a run that waits for a slot.</param>
    public async Task<IReadOnlyDictionary<string, Tensor>> RunAsync(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default)
    {
        var ordered = OrderInputs(inputs);
        var outputs = AllocateOutputs();
        CheckTensors(ordered, outputs);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        using var activity = Telemetry.Source.StartActivity("vknet.run");
        var start = Stopwatch.GetTimestamp();
        await _available.WaitAsync(cancellation).ConfigureAwait(false);
        var slot = Take();
        try
        {
            Start(slot, ordered);
            await Model.Device.WaitAsync(slot.Submission, CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < outputs.Length; i++) slot.Read(i, outputs[i]);
            if (_profile) LastTimings = slot.ReadTimings();
            Telemetry.RecordRun(Plan.Name, start);
        }
        finally
        {
            Release(slot);
        }
        return Named(outputs);
    }

    /// <summary>Takes one of the session's slots for runs whose inputs and outputs are reached where the device has them, without copies.</summary>
    /// <param name="cancellation">Abandons waiting for a slot that is free.</param>
    /// <returns>The run; dispose it to give the slot back.</returns>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public SessionRun Rent(CancellationToken cancellation = default)
    {
        var slot = Acquire(cancellation);
        Interlocked.Increment(ref _begun);
        return new SessionRun(this, slot);
    }

    /// <summary>New tensors of the outputs' types, in the plan's order.</summary>
    public Tensor[] AllocateOutputs() => [.. Plan.Outputs.Select(o => Tensor.Zeros(o.Value.Type))];

    /// <summary>Puts every carried tensor back to its initial value.</summary>
    public void ResetStates()
    {
        foreach (var (name, tensor) in Plan.States)
        {
            var (data, initial) = tensor.Buffer.InitialAt(tensor.Offset);
            var value = data ?? (initial is { } parameter
                ? CompiledModel.FindParameter(Model.Source, parameter) ?? throw CompiledModel.MissingWeights([$"{parameter.Name} {parameter.Type}"], Model.Source)
                : Tensor.Zeros(tensor.Type));
            WriteState(name, value);
        }
    }

    /// <summary>Reads a carried tensor after all submitted runs.</summary>
    public Tensor ReadState(string name)
    {
        var tensor = FindState(name);
        WaitIdle();
        var result = Tensor.Zeros(tensor.Type);
        BufferTransfer.Download(Model.Device, _arenas.Locate(Plan, tensor), span => DeviceElements.Decode(span, result));
        return result;
    }

    /// <summary>Writes a carried tensor after all submitted runs.</summary>
    public void WriteState(string name, Tensor value)
    {
        var tensor = FindState(name);
        if (value.Shape != tensor.Shape) throw new VkNetException("VKN2204", $"state '{name}' is {tensor.Type}, but the value given is {value.Type}");
        WaitIdle();
        BufferTransfer.Upload(Model.Device, _arenas.Locate(Plan, tensor), span => DeviceElements.Encode(value, span, name));
    }

    /// <summary>Sets a scalar of the run block for the runs submitted from now on.</summary>
    public void SetRunValue(string name, float value) => SetRunBits(name, BitConverter.SingleToUInt32Bits(value));

    /// <summary>Sets a whole-number scalar of the run block for the runs submitted from now on.</summary>
    public void SetRunValue(string name, int value) => SetRunBits(name, unchecked((uint)value));

    /// <summary>
    /// Frees the session's memory and recordings after its runs have finished; callers that wait for a free slot get an
    /// <see cref="ObjectDisposedException"/>. Also after the device was lost or disposed.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        // Whoever holds a slot may be writing into its memory on another thread. A run that was begun or rented holds its slot for as long as its owner likes.
        var held = _slots.Length - Volatile.Read(ref _begun);
        for (var i = 0; i < held; i++) _available.Wait();
        foreach (var slot in _slots) slot.Dispose();
        _arenas.Dispose();
        // Those who wait find that it is disposed.
        _available.Release(_slots.Length);
    }
}
