using System.IO.Compression;
using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

internal sealed class IdxFileTests
{
    private static readonly byte[] Plain = [0, 0, 0x0B, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFE, 1, 0];

    [Test]
    public void Big_endian_shorts_are_read([Values] bool packed)
    {
        var tensor = IdxFile.Load(packed ? Pack(Plain) : Plain, "a");
        Assert.That(tensor.Type, Is.EqualTo(new TensorType(DataType.Int16, [1, 2])));
        Assert.That(tensor.ToArray<short>(), Is.EqualTo(new short[] { -2, 256 }));
    }

    [TestCase(DataType.UInt8, "a.idx")]
    [TestCase(DataType.Int8, "a.idx")]
    [TestCase(DataType.Int32, "a.idx.gz")]
    [TestCase(DataType.Float32, "a.idx")]
    [TestCase(DataType.Float64, "a.idx.gz")]
    public void Tensors_come_back_as_they_were_saved(DataType type, string name)
    {
        using var folder = new ScratchFolder();
        var tensor = Tensor.Zeros(type, [2, 2]);
        ElementConversion.StoreReals(tensor, [1, 2, 3, 100]);
        IdxFile.Save(folder[name], tensor);
        var loaded = IdxFile.Load(folder[name]);
        Assert.That(loaded.Type, Is.EqualTo(tensor.Type));
        Assert.That(ElementConversion.LoadReals(loaded), Is.EqualTo(new double[] { 1, 2, 3, 100 }));
        Assert.That(tensor.Bytes().ToArray(), Is.EqualTo(loaded.Bytes().ToArray()), "saving leaves the tensor as it was");
    }

    [Test]
    public void Mnist_has_its_known_sizes_and_first_labels()
    {
        var images = IdxFile.Load(TestData.Require("mnist", "t10k-images-idx3-ubyte.gz"));
        var labels = IdxFile.Load(TestData.Require("mnist", "t10k-labels-idx1-ubyte.gz"));
        Assert.That(images.Type, Is.EqualTo(new TensorType(DataType.UInt8, [10_000, 28, 28])));
        Assert.That(labels.ToArray<byte>().Take(8), Is.EqualTo(new byte[] { 7, 2, 1, 0, 4, 1, 4, 9 }));
    }

    [Test]
    public void Every_cut_is_noticed()
    {
        for (var length = 0; length < Plain.Length; length++)
            Faults.Expect(length < 4 ? "VKN6301" : "VKN6303", () => IdxFile.Load(Plain[..length], "a"));
        Faults.Expect("VKN6303", () => IdxFile.Load([.. Plain, 0], "a"));
        Faults.Expect("VKN6303", () => IdxFile.Load(Pack([.. Plain, 0]), "a"));
        Faults.Expect("VKN6303", () => IdxFile.Load(Pack(Plain[..^1]), "a"));
    }

    [Test]
    public void Damaged_gzip_is_noticed()
    {
        var packed = Pack([0, 0, 8, 1, 0, 0, 0x10, 0, .. Enumerable.Range(0, 4096).Select(i => (byte)(i * i >> 3))]);
        packed[packed.Length / 2] ^= 0x55;
        Faults.Expect("VKN6304", () => IdxFile.Load(packed, "a"));
    }

    [Test]
    public void Unknown_types_and_other_files_are_refused()
    {
        Faults.Expect("VKN6302", () => IdxFile.Load([0, 0, 0x0A, 0], "a"));
        Faults.Expect("VKN6301", () => IdxFile.Load("%PDF-1.4"u8.ToArray(), "a"));
        using var folder = new ScratchFolder();
        Faults.Expect("VKN6302", () => IdxFile.Save(folder["a"], Tensor.Scalar(1L)));
    }

    [Test]
    public void Huge_sizes_in_a_small_file_are_refused_before_allocating([Values] bool packed)
    {
        byte[] header = [0, 0, 8, 2, 0, 0, 0xFF, 0xFF, 0, 0, 0x7F, 0xFF];
        Faults.Expect("VKN6303", () => IdxFile.Load(packed ? Pack(header) : header, "a"));
        byte[] overflow = [0, 0, 0x0E, 4, .. Enumerable.Repeat((byte)0xFF, 16)];
        Faults.Expect("VKN6005", () => IdxFile.Load(packed ? Pack(overflow) : overflow, "a"));
    }

    private static byte[] Pack(byte[] content)
    {
        using var result = new MemoryStream();
        using (var stream = new GZipStream(result, CompressionLevel.Optimal)) stream.Write(content);
        return result.ToArray();
    }
}
