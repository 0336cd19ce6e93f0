using System.Numerics.Tensors;

namespace VkNet.Tensors;

/// <content>To and from the tensors of System.Numerics.Tensors.</content>
public sealed partial class Tensor
{
    /// <summary>Copies a tensor of System.Numerics.Tensors (a <c>Tensor&lt;T&gt;</c> converts to a span); any strides will do.</summary>
    /// <exception cref="ArgumentException">The element type is unknown.</exception>
    public static Tensor From<T>(in ReadOnlyTensorSpan<T> source)
        where T : unmanaged
    {
        Span<long> sizes = stackalloc long[source.Rank];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = source.Lengths[i];
        var data = new T[source.FlattenedLength];
        source.FlattenTo(data);
        return From(data, sizes);
    }

    /// <summary>The tensor as System.Numerics.Tensors sees it, over the same elements (no copy). <typeparamref name="T"/> must be the storage type.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is another type.</exception>
    public TensorSpan<T> AsTensorSpan<T>()
        where T : unmanaged => new(Values<T>(), LengthsOf(Shape));

    /// <summary>A <c>Tensor&lt;T&gt;</c> of System.Numerics.Tensors over the same elements (no copy). <typeparamref name="T"/> must be the storage type.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is another type.</exception>
    public Tensor<T> AsTensor<T>()
        where T : unmanaged => System.Numerics.Tensors.Tensor.Create(Elements<T>(), LengthsOf(Shape));

    // A scalar has one axis there.
    internal static nint[] LengthsOf(Shape shape)
    {
        var lengths = new nint[Math.Max(1, shape.Rank)];
        lengths[0] = 1;
        for (var i = 0; i < shape.Rank; i++) lengths[i] = checked((nint)shape[i]);
        return lengths;
    }
}
