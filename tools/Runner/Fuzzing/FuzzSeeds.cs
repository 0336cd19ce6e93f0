using Google.Protobuf;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Formats.Plans;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Onnx.Wire;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Runner.Fuzzing;

/// <summary>Valid files: the shipped examples, and what VkNet's own writers make of them.</summary>
internal static class FuzzSeeds
{
    private const string Prefix = "seeds/";

    // ONNX's numbers of element types.
    private const int Float32 = 1, Int64 = 7, Boolean = 9;

    // One pixel block and a bit, colour, quality 40.
    private const string Photograph =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8" +
        "fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAHAAkDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0" +
        "NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL" +
        "/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3" +
        "uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwCuIJYjiCFAQNxTdtC4z6Drjv796Z57/wDPqP8Av6P/AImiisataUHaP9aI5pVbpNpPc//Z";

    /// <summary>A device on paper that all baseline kernels fit.</summary>
    internal static DeviceProfile Profile { get; } = new() { Name = "paper", VendorId = 1, DeviceId = 2, PipelineCacheId = "000102030405060708090a0b0c0d0e0f", MaxWorkgroupInvocations = 256 };

    /// <summary>The shipped graph files and recipes by name.</summary>
    internal static IReadOnlyDictionary<string, byte[]> Examples { get; } = typeof(FuzzSeeds).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToDictionary(n => n[Prefix.Length..], Resource, StringComparer.Ordinal);

    /// <summary>A small JPEG picture.</summary>
    internal static byte[] Jpeg => Convert.FromBase64String(Photograph);

    /// <summary>The bytes that a writer gives a file.</summary>
    internal static byte[] Saved(string name, Action<string> save)
    {
        var folder = Directory.CreateTempSubdirectory("vknet-seed-").FullName;
        try
        {
            save(Path.Combine(folder, name));
            return File.ReadAllBytes(Path.Combine(folder, name));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>An example as an ONNX model.</summary>
    internal static byte[] Onnx(string example)
    {
        var graph = OpenGraph.Build(Model(example), new Dictionary<string, Tensor>(), new Dictionary<string, long>());
        return Saved("a.onnx", path => OnnxModel.Save(path, graph, new InitializedWeights(1).Find));
    }

    /// <summary>A model whose matrix lies in <c>weights.bin</c>, 24 bytes of it from byte 8.</summary>
    internal static byte[] OnnxWithExternalData()
    {
        var matrix = new TensorProto { Name = "w", DataType = Float32, DataLocation = TensorProto.Types.DataLocation.External, Dims = { 3, 2 } };
        foreach (var (key, value) in new[] { ("location", "weights.bin"), ("offset", "8"), ("length", "24") }) matrix.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        var graph = Graph("external", [Float("x", 2, 3)], ["y"], new NodeProto { OpType = "MatMul", Input = { "x", "w" }, Output = { "y" } });
        graph.Initializer.Add(matrix);
        return Model(graph).ToByteArray();
    }

    /// <summary>A model with a loop, a choice and a function, whose bodies use names of the graph around them.</summary>
    internal static byte[] OnnxWithBodies()
    {
        var body = Graph("body", [Number("i", Int64), Number("go", Boolean), Float("sum", 2, 3)], ["go2", "sum2"],
            new NodeProto { OpType = "Identity", Input = { "go" }, Output = { "go2" } }, new NodeProto { OpType = "Add", Input = { "sum", "x" }, Output = { "sum2" } });
        var then = Graph("then", [], ["a"], new NodeProto { OpType = "Relu", Input = { "looped" }, Output = { "a" } });
        var otherwise = Graph("otherwise", [], ["b"], new NodeProto { OpType = "Tanh", Input = { "looped" }, Output = { "b" } });
        var loop = new NodeProto { OpType = "Loop", Input = { "count", "", "x" }, Output = { "looped" }, Attribute = { Body("body", body) } };
        var choice = new NodeProto { OpType = "If", Input = { "which" }, Output = { "chosen" }, Attribute = { Body("then_branch", then), Body("else_branch", otherwise) } };
        var graph = Graph("bodies", [Float("x", 2, 3)], ["y"], loop, choice, new NodeProto { OpType = "Twice", Domain = "own", Input = { "chosen" }, Output = { "y" } });
        graph.Initializer.Add(new TensorProto { Name = "count", DataType = Int64, Int64Data = { 3 } });
        graph.Initializer.Add(new TensorProto { Name = "which", DataType = Boolean, Int32Data = { 1 } });
        var model = Model(graph);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Functions.Add(new FunctionProto
        {
            Name = "Twice", Domain = "own", Input = { "v" }, Output = { "w" },
            Node = { new NodeProto { OpType = "Add", Input = { "v", "v" }, Output = { "w" } } },
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
        });
        return model.ToByteArray();
    }

    /// <summary>An ONNX tensor.</summary>
    internal static byte[] OnnxTensor() =>
        new TensorProto { Name = "t", DataType = Float32, Dims = { 2, 3 }, RawData = ByteString.CopyFrom(new byte[24]) }.ToByteArray();

    /// <summary>The plan of an example for the device on paper, constants included.</summary>
    internal static byte[] Plan(string example) =>
        Saved("a.vkplan", path => PlanFile.Save(path, GraphCompiler.Compile(Model(example).Build(new Bindings { OpenSymbols = 1 }), new CompilerOptions { Profile = Profile }), Profile));

    private static ModelDefinition Model(string example) => GraphFile.Parse(System.Text.Encoding.UTF8.GetString(Examples[example]), StandardOperators.Registry, example);

    private static ModelProto Model(GraphProto graph) => new() { IrVersion = 9, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };

    private static GraphProto Graph(string name, ValueInfoProto[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = name };
        graph.Input.Add(inputs);
        graph.Output.Add(outputs.Select(o => new ValueInfoProto { Name = o }));
        graph.Node.Add(nodes);
        return graph;
    }

    private static AttributeProto Body(string name, GraphProto graph) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = graph };

    private static ValueInfoProto Number(string name, int type) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = new TensorShapeProto() } } };

    private static ValueInfoProto Float(string name, params long[] sizes)
    {
        var declared = Number(name, Float32);
        foreach (var size in sizes) declared.Type.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        return declared;
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(FuzzSeeds).Assembly.GetManifestResourceStream(name)!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
