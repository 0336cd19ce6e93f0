using Google.Protobuf;
using VkNet.Formats;
using VkNet.Onnx.Wire;
using VkNet.Operators.Import;
using VkNet.Tensors;
using Kind = VkNet.Onnx.Wire.AttributeProto.Types.AttributeType;

namespace VkNet.Onnx.Writing;

/// <summary>Turns plain values and host tensors into messages of the format.</summary>
internal static class AttributeWriter
{
    /// <summary>An attribute.</summary>
    public static AttributeProto Write(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long number:
                (attribute.Type, attribute.I) = (Kind.Int, number);
                break;
            case bool flag:
                (attribute.Type, attribute.I) = (Kind.Int, flag ? 1 : 0);
                break;
            case double number:
                (attribute.Type, attribute.F) = (Kind.Float, (float)number);
                break;
            case string text:
                (attribute.Type, attribute.S) = (Kind.String, ByteString.CopyFromUtf8(text));
                break;
            case long[] numbers:
                attribute.Type = Kind.Ints;
                attribute.Ints.Add(numbers);
                break;
            case double[] numbers:
                attribute.Type = Kind.Floats;
                attribute.Floats.Add(numbers.Select(n => (float)n));
                break;
            case Tensor tensor:
                (attribute.Type, attribute.T) = (Kind.Tensor, Write(tensor, ""));
                break;
            default:
                throw new ArgumentException($"attributes of ONNX cannot hold {value.GetType().Name}", nameof(value));
        }
        return attribute;
    }

    /// <summary>A tensor, its elements as little-endian bytes.</summary>
    public static TensorProto Write(Tensor tensor, string name)
    {
        var result = new TensorProto { Name = name, DataType = (int)OnnxElementType.FromDataType(tensor.DataType), RawData = ByteString.CopyFrom(FileTensor.LittleEndianBytes(tensor)) };
        result.Dims.Add(tensor.Shape);
        return result;
    }
}
