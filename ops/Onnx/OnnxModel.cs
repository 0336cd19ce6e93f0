using Google.Protobuf;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Onnx.Import;
using VkNet.Onnx.Reading;
using VkNet.Onnx.Rules;
using VkNet.Onnx.Wire;
using VkNet.Onnx.Writing;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx;

/// <summary>
/// Reads and writes ONNX models. Loading reads the file, checks it and finds operators that nobody knows; shapes are inferred when the graph is
/// built for concrete sizes. Every mistake in the file is a VKN3 diagnostic.
/// </summary>
public static class OnnxModel
{
    /// <summary>The newest version of the standard operator set that is understood.</summary>
    public const int LatestOpset = 27;

    /// <summary>ONNX operators that leave none of ours behind: they become constants, other operators, or the nodes of one of their sub-graphs.</summary>
    public static IReadOnlyList<ImportRule> DissolvedOperators => DissolvingRules.All;

    /// <summary>Loads a model from a file. Its external data must lie in the file's folder; they are read when they are first used.</summary>
    /// <param name="path">The .onnx file.</param>
    /// <param name="registry">The operators it is translated to; each page says how ONNX spells it.</param>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN3xxx: it is malformed, or uses operators or types that are not known (all missing operators are listed).</exception>
    public static ModelDefinition Load(string path, OperatorRegistry registry) =>
        // The folder is made absolute now: data may be read much later, when the working folder has changed.
        InputFile.Read(path, stream => Load(stream, registry, new ModelSource(path, Path.GetDirectoryName(Path.GetFullPath(path)))));

    /// <summary>Loads a model from a stream, from its position to its end.</summary>
    /// <param name="stream">The stream; it is not closed.</param>
    /// <param name="registry">The operators it is translated to.</param>
    /// <param name="name">The model's name in diagnostics.</param>
    /// <param name="folder">The folder of its external data; null refuses such data.</param>
    /// <exception cref="VkNetException">VKN3xxx as for files.</exception>
    public static ModelDefinition Load(Stream stream, OperatorRegistry registry, string name = "model.onnx", string? folder = null) =>
        Load(stream, registry, new ModelSource(name, folder is null ? null : Path.GetFullPath(folder)));

    /// <summary>Writes a graph as an ONNX model of opset <see cref="ExportNode.Opset"/>; parameters become initializers.</summary>
    /// <param name="path">The file to create or replace; it is replaced in one step or not at all.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="weights">Finds the values of its parameters.</param>
    /// <exception cref="VkNetException">VKN3120, VKN3121: the graph holds something that ONNX cannot; VKN6401: a parameter has no values; VKN6003: the file cannot be written.</exception>
    public static void Save(string path, OpenGraph graph, Func<Value, Tensor?> weights)
    {
        var model = ModelWriter.Write(graph, weights);
        AtomicFile.Write(path, model.WriteTo);
    }

    private static ModelDefinition Load(Stream stream, OperatorRegistry registry, ModelSource source)
    {
        var content = new ModelContent(WireReader.Read(stream, source, ModelProto.Parser), registry, source);
        return new ModelDefinition(content.Name, content.Inputs, content.Build);
    }
}
