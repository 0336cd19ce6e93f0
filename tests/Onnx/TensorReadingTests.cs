using Google.Protobuf;
using VkNet.Onnx;
using VkNet.Onnx.Wire;
using VkNet.Tensors;

namespace VkNet.Tests.Onnx;

internal sealed class TensorReadingTests
{
    private static Tensor Read(TensorProto tensor)
    {
        using var folder = new ScratchFolder();
        return OnnxTensorFile.Read(folder.Write("t.pb", tensor.ToByteArray()));
    }

    private static TensorProto Proto(int type, params long[] dims)
    {
        var tensor = new TensorProto { DataType = type };
        tensor.Dims.Add(dims);
        return tensor;
    }

    [TestCase(2, "u8", new[] { 0, 255 })]
    [TestCase(3, "i8", new[] { -128, 127 })]
    [TestCase(4, "u16", new[] { 0, 65535 })]
    [TestCase(5, "i16", new[] { -32768, 32767 })]
    [TestCase(6, "i32", new[] { int.MinValue, int.MaxValue })]
    [TestCase(9, "bool", new[] { 0, 1 })]
    public void Small_types_are_read_from_int32_data(int type, string name, int[] values)
    {
        var proto = Proto(type, values.Length);
        proto.Int32Data.Add(values);
        var tensor = Read(proto);
        Assert.That(tensor.DataType.Name(), Is.EqualTo(name));
        Assert.That(ElementConversion.LoadIntegers(tensor), Is.EqualTo(values.Select(v => (long)v)));
    }

    [Test]
    public void Half_precision_is_read_as_bits()
    {
        var proto = Proto(10, 2);
        proto.Int32Data.Add([0x3c00, 0xc000]);
        Assert.That(ElementConversion.LoadReals(Read(proto)), Is.EqualTo(new double[] { 1, -2 }));
        proto = Proto(16, 2);
        proto.RawData = ByteString.CopyFrom(0x80, 0x3f, 0x00, 0xc0);
        Assert.That(ElementConversion.LoadReals(Read(proto)), Is.EqualTo(new double[] { 1, -2 }));
    }

    [Test]
    public void Wide_types_have_fields_of_their_own()
    {
        var longs = Proto(7, 1);
        longs.Int64Data.Add(long.MinValue);
        Assert.That(Read(longs).ToArray<long>(), Is.EqualTo(new[] { long.MinValue }));
        var doubles = Proto(11);
        doubles.DoubleData.Add(0.1);
        Assert.That(Read(doubles).ToArray<double>(), Is.EqualTo(new[] { 0.1 }));
        var unsigned = Proto(13, 1);
        unsigned.Uint64Data.Add(ulong.MaxValue);
        Assert.That(Read(unsigned).ToArray<ulong>(), Is.EqualTo(new[] { ulong.MaxValue }));
        var words = Proto(12, 1);
        words.Uint64Data.Add(uint.MaxValue);
        Assert.That(Read(words).ToArray<uint>(), Is.EqualTo(new[] { uint.MaxValue }));
    }

    [TestCase(8, "string")]
    [TestCase(14, "complex64")]
    [TestCase(17, "float8e4m3fn")]
    [TestCase(22, "int4")]
    [TestCase(999, "type 999")]
    public void Types_that_tensors_cannot_hold_are_refused_by_name(int type, string name) =>
        Assert.That(Faults.Expect("VKN3010", () => Read(Proto(type, 0))).Message, Does.Contain(name));

    [Test]
    public void Data_must_fill_the_shape()
    {
        var raw = Proto(1, 2, 2);
        raw.RawData = ByteString.CopyFrom(new byte[12]);
        Faults.Expect("VKN3009", () => Read(raw));
        var typed = Proto(1, 2);
        typed.FloatData.Add(1);
        Faults.Expect("VKN3009", () => Read(typed));
        var both = Proto(1, 1);
        both.FloatData.Add(1);
        both.RawData = ByteString.CopyFrom(new byte[4]);
        Faults.Expect("VKN3009", () => Read(both));
        var wrongField = Proto(1, 1);
        wrongField.Int64Data.Add(1);
        Faults.Expect("VKN3009", () => Read(wrongField));
        var outOfRange = Proto(3, 1);
        outOfRange.Int32Data.Add(128);
        Faults.Expect("VKN3009", () => Read(outOfRange));
        Faults.Expect("VKN3009", () => Read(Proto(1, -1)));
    }

    [Test]
    public void Declared_sizes_are_refused_before_memory_is_taken()
    {
        Faults.Expect("VKN3009", () => Read(Proto(1, 1 << 20)));
        Faults.Expect("VKN3011", () => Read(Proto(1, 1L << 40)));
        Faults.Expect("VKN3011", () => Read(Proto(1, long.MaxValue, long.MaxValue)));
        Faults.Expect("VKN3011", () => Read(Proto(1, [.. Enumerable.Repeat(1L, 1000)])));
    }

    [Test]
    public void Tensors_without_elements_and_scalars_are_legal()
    {
        Assert.That(Read(Proto(1, 2, 0, 3)).Shape, Is.EqualTo(new Shape(2, 0, 3)));
        var scalar = Proto(1);
        scalar.FloatData.Add(4);
        Assert.That(Read(scalar).Shape, Is.EqualTo(Shape.Scalar));
    }
}
