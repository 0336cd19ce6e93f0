using VkNet.Onnx.Wire;
using VkNet.Tensors;

namespace VkNet.Onnx.Reading;

/// <summary>An initializer, read when it is first used and kept as a host tensor from then on. Thread-safe.</summary>
internal sealed class TensorSource
{
    private readonly Lock _lock = new();
    private Func<Tensor>? _read;
    private Tensor? _tensor;

    /// <summary>An initializer of a dense tensor.</summary>
    public TensorSource(TensorProto tensor, ModelSource source) => _read = () => TensorReader.Read(tensor, source, $"initializer '{tensor.Name}'");

    /// <summary>An initializer of a sparse tensor.</summary>
    public TensorSource(SparseTensorProto tensor, ModelSource source) => _read = () => TensorReader.ReadSparse(tensor, source, $"sparse initializer '{tensor.Values?.Name}'");

    /// <summary>The tensor.</summary>
    /// <exception cref="VkNetException">As <see cref="TensorReader.Read"/>.</exception>
    public Tensor Load()
    {
        lock (_lock)
        {
            if (_tensor is not null) return _tensor;
            _tensor = _read!();
            // The message's copy of the values is not needed any more.
            _read = null;
            return _tensor;
        }
    }
}
