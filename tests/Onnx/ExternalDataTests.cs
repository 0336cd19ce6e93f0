using System.Diagnostics;
using Google.Protobuf;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Onnx.Wire;
using VkNet.Operators;
using static VkNet.Tests.Onnx.Models;

namespace VkNet.Tests.Onnx;

internal sealed class ExternalDataTests
{
    private ScratchFolder _folder = null!;
    private ScratchFolder _outside = null!;

    [SetUp]
    public void MakeFolders() => (_folder, _outside) = (new ScratchFolder(), new ScratchFolder());

    [TearDown]
    public void RemoveFolders()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    // Writes a model whose only tensor, f32[2], lies in another file, and loads it.
    private float[] Load(string location, string? offset = null, string? length = null)
    {
        var tensor = new TensorProto { Name = "w", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(2);
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        if (offset is not null) tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset });
        if (length is not null) tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length });
        var graph = Graph("", "w");
        graph.Initializer.Add(tensor);
        var path = _folder.Write("model.onnx", Model(graph).ToByteArray());
        return OnnxModel.Load(path, StandardOperators.Registry).Build(Bindings.Empty).Outputs[0].Value.Constant!.ToArray<float>();
    }

    private static byte[] Bytes(params float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray();

    [Test]
    public void Data_are_read_from_their_place()
    {
        _folder.Write("data.bin", Bytes(9, 1, 2));
        Directory.CreateDirectory(_folder["sub"]);
        File.WriteAllBytes(Path.Combine(_folder["sub"], "more.bin"), Bytes(3, 4));
        Assert.That(Load("data.bin", "4", "8"), Is.EqualTo(new float[] { 1, 2 }));
        Assert.That(Load("./sub/more.bin"), Is.EqualTo(new float[] { 3, 4 }));
    }

    [Test]
    public void Data_must_be_as_long_as_the_tensor()
    {
        _folder.Write("data.bin", Bytes(1, 2));
        Faults.Expect("VKN3013", () => Load("data.bin", "4"));
        Faults.Expect("VKN3013", () => Load("data.bin", "9223372036854775807"));
        Faults.Expect("VKN3013", () => Load("data.bin", "0", "4"));
        Faults.Expect("VKN3012", () => Load("data.bin", "-4"));
        Faults.Expect("VKN3012", () => Load("data.bin", "0x10"));
        Faults.Expect("VKN3013", () => Load("absent.bin"));
        Faults.Expect("VKN3012", () => Load(""));
    }

    [Test]
    public void A_model_may_name_itself_as_its_data()
    {
        // Its first eight bytes: harmless, and nothing is read twice or forever.
        Assert.That(Load("model.onnx", "0", "8"), Is.EqualTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(_folder["model.onnx"]).AsSpan(0, 8)).ToArray()));
        Faults.Expect("VKN3013", () => Load("model.onnx", "100000"));
    }

    [Test]
    public void Tensors_may_lie_over_one_another()
    {
        _folder.Write("data.bin", Bytes(1, 2, 3));
        var graph = Graph("", "a b");
        foreach (var (name, offset) in new[] { ("a", "0"), ("b", "4") })
        {
            var tensor = new TensorProto { Name = name, DataType = 1, DataLocation = TensorProto.Types.DataLocation.External, Dims = { 2 } };
            foreach (var (key, value) in new[] { ("location", "data.bin"), ("offset", offset), ("length", "8") }) tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
            graph.Initializer.Add(tensor);
        }
        var built = OnnxModel.Load(_folder.Write("model.onnx", Model(graph).ToByteArray()), StandardOperators.Registry).Build(Bindings.Empty);
        Assert.That(built.Outputs.Select(o => o.Value.Constant!.ToArray<float>()), Is.EqualTo(new[] { new float[] { 1, 2 }, [2, 3] }));
    }

    [Test]
    public void Paths_out_of_the_folder_are_refused()
    {
        var secret = _outside.Write("secret.bin", Bytes(1, 2));
        var up = Path.GetRelativePath(Path.GetDirectoryName(_folder["x"])!, secret);
        foreach (var location in new[] { secret, up, "sub/../../" + up, up.Replace('/', '\\'), "..", "C:\\secret.bin", "C:secret.bin", "\\\\host\\share\\x", "/dev/zero", "a\0b" })
            Assert.That(Faults.Expect("VKN3012", () => Load(location)).Message, Does.Contain("refused"), location);
    }

    [Test]
    public void Links_are_refused()
    {
        var secret = _outside.Write("secret.bin", Bytes(1, 2));
        File.CreateSymbolicLink(_folder["link.bin"], secret);
        Directory.CreateSymbolicLink(_folder["folder"], Path.GetDirectoryName(secret)!);
        _folder.Write("own.bin", Bytes(1, 2));
        File.CreateSymbolicLink(_folder["inside.bin"], _folder["own.bin"]);
        File.CreateSymbolicLink(_folder["dangling.bin"], _folder["nothing"]);
        foreach (var location in new[] { "link.bin", "folder/secret.bin", "inside.bin", "dangling.bin" })
            Assert.That(Faults.Expect("VKN3012", () => Load(location)).Message, Does.Contain("is a link"), location);
    }

    [Test, Platform("Linux")]
    public void Hard_links_and_pipes_are_refused()
    {
        var secret = _outside.Write("secret.bin", Bytes(1, 2));
        Run("ln", secret, _folder["hard.bin"]);
        Assert.That(Faults.Expect("VKN3012", () => Load("hard.bin")).Message, Does.Contain("several names"));
        Run("mkfifo", _folder["pipe"]);
        Assert.That(Faults.Expect("VKN3012", () => Load("pipe")).Message, Does.Contain("no ordinary file"));
    }

    [Test]
    public void A_stream_has_no_folder_unless_one_is_given()
    {
        _folder.Write("data.bin", Bytes(1, 2));
        Load("data.bin");
        using var first = File.OpenRead(_folder["model.onnx"]);
        Faults.Expect("VKN3012", () => OnnxModel.Load(first, StandardOperators.Registry).Build(Bindings.Empty));
        using var second = File.OpenRead(_folder["model.onnx"]);
        var model = OnnxModel.Load(second, StandardOperators.Registry, folder: Path.GetDirectoryName(_folder["x"]));
        Assert.That(model.Build(Bindings.Empty).Outputs[0].Value.Shape.ElementCount, Is.EqualTo(2));
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, program);
    }
}
