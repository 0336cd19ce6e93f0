using VkNet.Execution;
using VkNet.Formats;
using VkNet.Formats.Plans;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>Loads models and weights by the names of their files.</summary>
internal static class ModelLoader
{
    /// <summary>Loads an ONNX model (.onnx) or a graph file (every other name).</summary>
    internal static ModelDefinition Load(string path)
    {
        if (!File.Exists(path)) throw new VkNetException("VKN7003", $"there is no file '{path}'", Directory.Exists(path) ? "it is a folder" : null);
        return IsOnnx(path) ? OnnxModel.Load(path, StandardOperators.Registry) : GraphFile.Load(path, StandardOperators.Registry);
    }

    /// <summary>Whether a file's name says that it is an ONNX model.</summary>
    internal static bool IsOnnx(string path) => path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a compiled plan (.vkplan).</summary>
    internal static PlanContent ReadPlan(string path)
    {
        if (!File.Exists(path)) throw new VkNetException("VKN7003", $"there is no file '{path}'", Directory.Exists(path) ? "it is a folder" : null);
        return PlanFile.Read(path);
    }

    /// <summary>The weights given, else the model's own file, else nothing; initialised where they have no value if a seed is given.</summary>
    internal static IWeightSource Weights(string? modelsOwn, string? file, ulong? seed)
    {
        var path = file ?? (modelsOwn is { } own && (File.Exists(own) || seed is null) ? own : null);
        IWeightSource source = path is null ? TensorWeights.Empty : new TensorWeights(LoadTensors(path));
        return seed is { } number ? new InitializedWeights(number, source) : source;
    }

    private static Dictionary<string, Tensor> LoadTensors(string path)
    {
        if (!path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)) return SafetensorsFile.Load(path);
        using var archive = NpzFile.Open(path);
        return archive.Names.ToDictionary(n => n, archive.Read, StringComparer.Ordinal);
    }
}
