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

    public static IEnumerable<Graph> Load(IReadOnlyList<string> files)
    {
        foreach (var file in files.Count > 0 ? files : [.. Examples.Select(name => ExampleFiles.Find($"networks/{name}.yaml"))])
        {
            var model = file.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OnnxModel.Load(file, StandardOperators.Registry) : GraphFile.Load(file, StandardOperators.Registry);
            yield return model.Build(new Bindings { OpenSymbols = 1 });
        }
    }
}
