using System.Numerics;
using Google.Protobuf.Collections;
using VkNet.Formats;
using VkNet.Onnx.Wire;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Reading;

/// <summary>Turns the format's tensors into host tensors. What a tensor declares is compared with the data it has before memory is taken.</summary>
internal static class TensorReader
{
    /// <summary>Most bytes that a sparse tensor may take once written out: its file need not be that long, so the cap is lower than for others.</summary>
    private const long LargestSparseTensor = 256L << 20;

    /// <summary>Reads a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="source">The model it belongs to.</param>
    /// <param name="what">What it is, at the start of messages: <c>initializer 'w'</c>.</param>
    /// <exception cref="VkNetException">VKN3009: the data do not fill the shape; VKN3010: its element type cannot be held; VKN3011: too large; VKN3012, VKN3013: external data.</exception>
    public static Tensor Read(TensorProto tensor, ModelSource source, string what)
    {
        var type = Declared(tensor, source, what);
        if (tensor.Segment is not null) source.Fail("VKN3009", $"{what} is one segment of a larger tensor, which no model of today uses");
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            var result = Tensor.Zeros(type);
            ExternalData.Read(tensor, source, what, result.Bytes());
            FileTensor.Settle(type.DataType, result.Bytes(), bigEndian: false);
            return result;
        }
        var typedCount = tensor.FloatData.Count + tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count + tensor.StringData.Count;
        if (tensor.HasRawData)
        {
            if (typedCount > 0) source.Fail("VKN3009", $"{what} gives its values twice, raw and typed");
            return ReadRaw(tensor, type, source, what);
        }
        return ReadTyped(tensor, type, typedCount, source, what);
    }

    /// <summary>Reads a sparse tensor as a dense one.</summary>
    /// <exception cref="VkNetException">As <see cref="Read"/>; VKN3009 also for indices that are out of range.</exception>
    public static Tensor ReadSparse(SparseTensorProto sparse, ModelSource source, string what)
    {
        if (sparse.Values is null) source.Fail("VKN3009", $"{what} has no values");
        var values = Read(sparse.Values, source, what);
        var indices = sparse.Indices is null ? Tensor.Zeros(DataType.Int64, [0]) : Read(sparse.Indices, source, $"the indices of {what}");
        var type = Declared(sparse.Dims, values.DataType, source, what);
        if (FileTensor.ByteCount(type) > LargestSparseTensor) source.Fail("VKN3011", $"{what} would take {FileTensor.ByteCount(type)} bytes when written out; at most {LargestSparseTensor} are accepted");
        var rank = indices.Shape.Rank == 2 ? type.Shape.Rank : 1;
        if (indices.DataType != DataType.Int64 || indices.Shape.Rank is not (1 or 2) || (indices.Shape.Rank == 2 && indices.Shape[1] != rank) || indices.Count != (long)values.Count * rank)
            source.Fail("VKN3009", $"{what} has values of shape {values.Shape} and indices {indices.Type}, which do not fit its shape {type.Shape}");
        var positions = LinearPositions(indices.ToArray<long>(), rank, type.Shape, source, what);
        var sourceOf = new long[type.Shape.ElementCount];
        Array.Fill(sourceOf, -1);
        for (var i = 0; i < positions.Length; i++) sourceOf[positions[i]] = i;
        return Graphs.ElementMove.Gather(values, type, sourceOf);
    }

    private static long[] LinearPositions(long[] indices, int rank, Shape shape, ModelSource source, string what)
    {
        var positions = new long[indices.Length / rank];
        for (var i = 0; i < positions.Length; i++)
        {
            for (var axis = 0; axis < rank; axis++)
            {
                var (index, size) = (indices[i * rank + axis], rank == 1 ? shape.ElementCount : shape[axis]);
                if (index < 0 || index >= size) source.Fail("VKN3009", $"index {index} of {what} is outside its shape {shape}");
                positions[i] = positions[i] * size + index;
            }
        }
        return positions;
    }

    private static TensorType Declared(TensorProto tensor, ModelSource source, string what)
    {
        if (OnnxElementType.ToDataType(tensor.DataType) is not { } dataType)
            throw source.Fault("VKN3010", $"{what} has elements of {OnnxElementType.Name(tensor.DataType)}, which tensors here cannot hold");
        return Declared(tensor.Dims, dataType, source, what);
    }

    private static TensorType Declared(RepeatedField<long> dims, DataType dataType, ModelSource source, string what)
    {
        long[] sizes = [.. dims];
        if (sizes.Any(s => s < 0)) source.Fail("VKN3009", $"{what} declares the shape [{string.Join(", ", sizes)}] with a negative size");
        try
        {
            return FileTensor.CheckedType(source.Name, what, dataType, sizes);
        }
        catch (VkNetException e)
        {
            throw source.Fault("VKN3011", e.Diagnostic.Message, e.Diagnostic.Help, e);
        }
    }

    private static Tensor ReadRaw(TensorProto tensor, TensorType type, ModelSource source, string what)
    {
        var bytes = FileTensor.ByteCount(type);
        if (tensor.RawData.Length != bytes) source.Fail("VKN3009", $"{what} is {type} and needs {bytes} bytes, but has {tensor.RawData.Length}");
        var result = Tensor.Zeros(type);
        tensor.RawData.Span.CopyTo(result.Bytes());
        FileTensor.Settle(type.DataType, result.Bytes(), bigEndian: false);
        return result;
    }

    private static Tensor ReadTyped(TensorProto tensor, TensorType type, int typedCount, ModelSource source, string what)
    {
        var (field, count) = type.DataType switch
        {
            DataType.Float32 => ("float_data", tensor.FloatData.Count),
            DataType.Float64 => ("double_data", tensor.DoubleData.Count),
            DataType.Int64 => ("int64_data", tensor.Int64Data.Count),
            DataType.UInt32 or DataType.UInt64 => ("uint64_data", tensor.Uint64Data.Count),
            _ => ("int32_data", tensor.Int32Data.Count),
        };
        if (typedCount != count) source.Fail("VKN3009", $"{what} is {type}, whose values belong into {field}, but others are given");
        if (count != type.Shape.ElementCount) source.Fail("VKN3009", $"{what} is {type} and needs {type.Shape.ElementCount} values, but has {count}");
        try
        {
            return type.DataType switch
            {
                DataType.Float32 => Tensor.From(type, tensor.FloatData.ToArray()),
                DataType.Float64 => Tensor.From(type, tensor.DoubleData.ToArray()),
                DataType.Int64 => Tensor.From(type, tensor.Int64Data.ToArray()),
                DataType.UInt64 => Tensor.From(type, tensor.Uint64Data.ToArray()),
                DataType.UInt32 => Tensor.From(type, Convert<ulong, uint>(tensor.Uint64Data)),
                DataType.Int32 => Tensor.From(type, tensor.Int32Data.ToArray()),
                DataType.Int16 => Tensor.From(type, Convert<int, short>(tensor.Int32Data)),
                DataType.UInt16 or DataType.BFloat16 => Tensor.From(type, Convert<int, ushort>(tensor.Int32Data)),
                DataType.Int8 => Tensor.From(type, Convert<int, sbyte>(tensor.Int32Data)),
                DataType.UInt8 => Tensor.From(type, Convert<int, byte>(tensor.Int32Data)),
                DataType.Bool => Tensor.From(type, tensor.Int32Data.Select(v => v != 0).ToArray()),
                _ => Tensor.From(type, Convert<int, ushort>(tensor.Int32Data).Select(BitConverter.UInt16BitsToHalf).ToArray()),
            };
        }
        catch (OverflowException)
        {
            throw source.Fault("VKN3009", $"{what} is {type}, but holds a value outside the range of that type");
        }
    }

    private static TTo[] Convert<TFrom, TTo>(RepeatedField<TFrom> values) where TFrom : INumberBase<TFrom> where TTo : INumberBase<TTo>
    {
        var result = new TTo[values.Count];
        for (var i = 0; i < result.Length; i++) result[i] = TTo.CreateChecked(values[i]);
        return result;
    }
}
