using System.Buffers.Binary;
using System.Text;
using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

internal sealed class SafetensorsFileTests
{
    private const string Two = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}""";

    public static IEnumerable<DataType> AllTypes => Enum.GetValues<DataType>();

    [Test]
    public void A_file_written_by_hand_is_read()
    {
        using var folder = new ScratchFolder();
        byte[] data = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 7, 0, 0, 0, 0, 0, 0, 0];
        using var file = SafetensorsFile.Open(Make(folder, Two, data));
        Assert.That(file.Entries.Keys, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(file.Read("a").ToArray<float>(), Is.EqualTo(new[] { 1f, -2f }));
        Assert.That(file.Read("b").ToArray<long>(), Is.EqualTo(new[] { 7L }));
        var part = new byte[4];
        file.ReadBytes("a", 4, part);
        Assert.That(part, Is.EqualTo(new byte[] { 0, 0, 0, 0xC0 }));
        Assert.That(() => file.ReadBytes("a", 5, part), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(Faults.Expect("VKN6210", () => file.Read("A")).Message, Does.Contain("did you mean 'a'?"));
    }

    [Test]
    public void All_types_metadata_and_odd_names_come_back()
    {
        using var folder = new ScratchFolder();
        var tensors = AllTypes.ToDictionary(t => $"läyer \"{t}\"\n.weight", t =>
        {
            var tensor = Tensor.Zeros(t, [3, 1, 2]);
            ElementConversion.StoreReals(tensor, [1, 0, 1, 1, 0, 0]);
            return tensor;
        });
        tensors["empty"] = Tensor.Zeros(DataType.Float32, [0, 5]);
        SafetensorsFile.Save(folder["w.safetensors"], tensors, new Dictionary<string, string> { ["made by"] = "a test" });
        using var file = SafetensorsFile.Open(folder["w.safetensors"]);
        Assert.That(file.Metadata["made by"], Is.EqualTo("a test"));
        Assert.That(file.Entries, Has.Count.EqualTo(tensors.Count));
        foreach (var (name, expected) in tensors)
        {
            var actual = file.Read(name);
            Assert.That(actual.Type, Is.EqualTo(expected.Type));
            Assert.That(actual.Bytes().ToArray(), Is.EqualTo(expected.Bytes().ToArray()));
            Assert.That(file.Entries[name].Offset % Math.Max(1, expected.DataType.HostSize()), Is.Zero, "aligned");
        }
    }

    [Test]
    public void Saving_twice_gives_the_same_bytes()
    {
        using var folder = new ScratchFolder();
        Dictionary<string, Tensor> tensors = new() { ["b"] = Tensor.Scalar(1f), ["a"] = Tensor.Scalar(2L) };
        SafetensorsFile.Save(folder["1"], tensors);
        SafetensorsFile.Save(folder["2"], tensors.Reverse());
        Assert.That(File.ReadAllBytes(folder["1"]), Is.EqualTo(File.ReadAllBytes(folder["2"])));
    }

    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}""", "VKN6206", TestName = "Overlap")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", "VKN6207", TestName = "Gap")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "VKN6207", TestName = "Gap at the start")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "VKN6207", TestName = "Bytes left over")]
    [TestCase("""{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}""", "VKN6208", TestName = "Out of the file")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "VKN6208", TestName = "End before begin")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}}""", "VKN6205", TestName = "Wrong length")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}""", "VKN6209", TestName = "Name twice")]
    [TestCase("""{"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "VKN6209", TestName = "Key twice")]
    [TestCase("""{"a":{"dtype":"F8_E4M3","shape":[16],"data_offsets":[0,16]}}""", "VKN6204", TestName = "Unknown type")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}""", "VKN6203", TestName = "Negative size")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4.5],"data_offsets":[0,16]}}""", "VKN6203", TestName = "Broken size")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,8,16]}}""", "VKN6203", TestName = "Three offsets")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4]}}""", "VKN6203", TestName = "No offsets")]
    [TestCase("""{"a":[1,2]}""", "VKN6203", TestName = "List for an entry")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}} {}""", "VKN6203", TestName = "Two roots")]
    [TestCase("""{"a":{"dtype":"F32","sha""", "VKN6203", TestName = "Cut header")]
    [TestCase("""{"\ud800":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "VKN6203", TestName = "Half a surrogate pair")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2684354560],"data_offsets":[0,10737418240]}}""", "VKN6005", TestName = "Ten gigabytes in a small file")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}}""", "VKN6005", TestName = "Product overflows")]
    public void Bad_headers_are_refused(string header, string code)
    {
        using var folder = new ScratchFolder();
        var path = Make(folder, header, new byte[16]);
        Faults.Expect(code, () => SafetensorsFile.Open(path).Dispose());
    }

    [Test]
    public void Every_cut_is_noticed()
    {
        using var folder = new ScratchFolder();
        var whole = File.ReadAllBytes(Make(folder, Two, new byte[16]));
        for (var length = 0; length < whole.Length; length++)
        {
            var path = folder.Write("cut.safetensors", whole[..length]);
            Faults.Expect(length < 8 + Two.Length ? "VKN6201" : "VKN6208", () => SafetensorsFile.Open(path).Dispose());
        }
    }

    [Test]
    public void A_huge_header_length_is_refused_before_it_is_allocated()
    {
        using var folder = new ScratchFolder();
        var path = folder.Write("a", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, .. "{}"u8]);
        Faults.Expect("VKN6201", () => SafetensorsFile.Open(path).Dispose());
    }

    [Test]
    public void A_header_beyond_the_cap_is_refused()
    {
        using var folder = new ScratchFolder();
        using (var sparse = File.Create(folder["a"]))
        {
            sparse.Write(BitConverter.GetBytes(Limits.MaximumSafetensorsHeaderBytes + 1));
            sparse.SetLength(Limits.MaximumSafetensorsHeaderBytes + 100);
        }
        Faults.Expect("VKN6202", () => SafetensorsFile.Open(folder["a"]).Dispose());
    }

    [Test]
    public void A_file_cut_short_while_it_is_open_is_a_diagnostic()
    {
        using var folder = new ScratchFolder();
        var path = Make(folder, Two, new byte[16]);
        using var file = SafetensorsFile.Open(path);
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) other.SetLength(8 + Two.Length + 2);
        Faults.Expect("VKN6201", () => file.Read("a"));
    }

    private static string Make(ScratchFolder folder, string header, byte[] data)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(header) + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Encoding.UTF8.GetByteCount(header));
        Encoding.UTF8.GetBytes(header, bytes.AsSpan(8));
        data.CopyTo(bytes, bytes.Length - data.Length);
        return folder.Write("a.safetensors", bytes);
    }
}
