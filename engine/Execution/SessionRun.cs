using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using VkNet.Compilation;
using VkNet.Tensors;
using Tensor = VkNet.Tensors.Tensor;

namespace VkNet.Execution;

/// <summary>
/// A run whose inputs are written into, and whose outputs are read from, the memory that the device itself uses (or, where the host cannot reach
/// that, the memory it is copied from and to by the recording): no tensor lies between. Made by <see cref="InferenceSession.Rent"/>; it may run
/// any number of times and keeps its inputs from one time to the next. For one thread at a time.
/// </summary>
/// <remarks>
/// Spans that it gave away must not be used after it has been disposed: another run may write there. Elements are those of the device, four
/// bytes each: float for real tensors, int or uint for whole numbers, int (0 or 1) for truth values; tensors of 64-bit or smaller elements
/// are reached as float or int.
/// </remarks>
public sealed class SessionRun : IDisposable
{
    private readonly InferenceSession _session;
    private SessionSlot? _slot;

    internal SessionRun(InferenceSession session, SessionSlot slot) => (_session, _slot) = (session, slot);

    private SessionSlot Slot => _slot is { } slot && !_session.IsDisposed ? slot : throw new ObjectDisposedException(nameof(SessionRun));

    /// <summary>The elements of an input, to be written before a run; undefined until then.</summary>
    /// <param name="name">The input.</param>
    /// <exception cref="VkNetException">VKN2202: there is no such input; VKN2209: <typeparamref name="T"/> is not how the device holds it.</exception>
    public Span<T> Input<T>(string name)
        where T : unmanaged
    {
        var index = IndexOf("input", "VKN2202", _session.Model.Plan.Inputs, name, typeof(T));
        return MemoryMarshal.Cast<byte, T>(Slot.InputBytes(index))[..ElementsOf(_session.Model.Plan.Inputs[index].Value)];
    }

    /// <summary>An input with its shape, as <see cref="Input{T}"/>.</summary>
    /// <param name="name">The input.</param>
    /// <exception cref="VkNetException">As <see cref="Input{T}"/>.</exception>
    public TensorSpan<T> InputTensor<T>(string name)
        where T : unmanaged => new(Input<T>(name), (ReadOnlySpan<nint>)Tensor.LengthsOf(_session.Model.Plan.Inputs.First(i => i.Key == name).Value.Shape));

    /// <summary>The elements of an output, as the last run left them.</summary>
    /// <param name="name">The output.</param>
    /// <exception cref="VkNetException">VKN2206: there is no such output; VKN2209: <typeparamref name="T"/> is not how the device holds it.</exception>
    public ReadOnlySpan<T> Output<T>(string name)
        where T : unmanaged
    {
        var index = IndexOf("output", "VKN2206", _session.Model.Plan.Outputs, name, typeof(T));
        return MemoryMarshal.Cast<byte, T>(Slot.OutputBytes(index))[..ElementsOf(_session.Model.Plan.Outputs[index].Value)];
    }

    /// <summary>An output with its shape, as <see cref="Output{T}"/>.</summary>
    /// <param name="name">The output.</param>
    /// <exception cref="VkNetException">As <see cref="Output{T}"/>.</exception>
    public ReadOnlyTensorSpan<T> OutputTensor<T>(string name)
        where T : unmanaged => new(Output<T>(name), (ReadOnlySpan<nint>)Tensor.LengthsOf(_session.Model.Plan.Outputs.First(o => o.Key == name).Value.Shape));

    /// <summary>Runs and waits.</summary>
    /// <exception cref="ObjectDisposedException">This or its session has been disposed.</exception>
    public void Run()
    {
        _session.Submit(Slot);
        _session.Model.Device.Wait(Slot.Submission);
    }

    /// <summary>Runs without blocking a thread while the device works.</summary>
    /// <param name="cancellation">Abandons the run if it has not been submitted; a submitted run is awaited.</param>
    /// <exception cref="ObjectDisposedException">This or its session has been disposed.</exception>
    public async Task RunAsync(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        _session.Submit(Slot);
        await _session.Model.Device.WaitAsync(Slot.Submission, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Gives its place in the session back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _slot, null) is { } slot) _session.GiveBack(slot);
    }

    private static int ElementsOf(DeviceTensor tensor) => checked((int)tensor.Shape.ElementCount);

    private static int IndexOf(string what, string code, IReadOnlyList<KeyValuePair<string, DeviceTensor>> tensors, string name, Type element)
    {
        for (var i = 0; i < tensors.Count; i++)
        {
            if (tensors[i].Key != name) continue;
            var fits = tensors[i].Value.Type.DataType.IsFloat() ? element == typeof(float) : element == typeof(int) || element == typeof(uint);
            return fits ? i : throw new VkNetException("VKN2209", $"{what} '{name}' is {tensors[i].Value.Type}, which the device does not hold as {element.Name}", tensors[i].Value.Type.DataType.IsFloat() ? "ask for float" : "ask for int");
        }
        throw new VkNetException(code, $"the model has no {what} '{name}'", Suggestion.For(name, tensors.Select(t => t.Key)));
    }
}
