using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Perf.Benchmarks;

namespace VkNet.Perf.Cases;

/// <summary>The networks of examples/networks at batch 1 with random weights, from input to output.</summary>
internal static class NetworkCases
{
    private static readonly string[] Names = ["alexnet", "vgg16", "resnet18", "googlenet", "squeezenet", "mobilenet_v2", "resnet50"];

    public static IEnumerable<PerfCase> All()
    {
        // What the networks' rates are compared with, in the same rounds.
        yield return GemmCases.Product("networks", 1024, 1024, 1024);
        foreach (var name in Names)
            yield return new PerfCase { Set = "networks", Kernel = "network", Shape = name, Network = () => Load(name), Tolerance = 1e-3, OnnxRuntimeThreads = [1, 2] };
    }

    private static (Graph Graph, IWeightSource Weights) Load(string name) =>
        (GraphFile.Load(ExampleFiles.Find($"networks/{name}.yaml"), StandardOperators.Registry).Build(new Bindings { OpenSymbols = 1 }), new InitializedWeights(1));
}
