using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Operators;
using VkNet.Perf.Benchmarks;

namespace VkNet.Perf.Plans;

/// <summary>The networks of examples/networks, or those of given files, at batch 1.</summary>
internal static class Networks
{
    private static readonly string[] Examples = ["lenet5", "alexnet", "vgg16", "googlenet", "resnet18", "resnet50", "squeezenet", "mobilenet_v2", "unet", "lstm_lm", "transformer"];

    /// <summary>The graph files and ONNX models of a folder and the folders in it.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f).ToUpperInvariant() is ".ONNX" or ".YAML").Order(StringComparer.Ordinal)];

    public static IEnumerable<(string Name, Graph Graph)> Load(IReadOnlyList<string> files)
    {
        foreach (var file in files.Count > 0 ? files : [.. Examples.Select(name => ExampleFiles.Find($"networks/{name}.yaml"))])
        {
            var model = file.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OnnxModel.Load(file, StandardOperators.Registry) : GraphFile.Load(file, StandardOperators.Registry);
            yield return (Path.GetFileNameWithoutExtension(file), model.Build(new Bindings { OpenSymbols = 1 }));
        }
    }
}
