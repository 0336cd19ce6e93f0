using BenchmarkDotNet.Attributes;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;

namespace VkNet.Perf.Benchmarks;

/// <summary>Time from a parsed graph file to an execution plan; no device is touched.</summary>
[MemoryDiagnoser]
public class CompileBenchmarks
{
    private ModelDefinition _model = null!;
    private CompilerOptions _options = null!;

    /// <summary>Loads the graph file.</summary>
    [GlobalSetup]
    public void Load()
    {
        _model = GraphFile.Load(ExampleFiles.Find("networks/lenet5.yaml"), StandardOperators.Registry);
        _options = new CompilerOptions { Profile = ComputeDevice.List()[0].Profile };
    }

    /// <summary>Builds and compiles LeNet-5 at batch 1.</summary>
    [Benchmark]
    public ExecutionPlan LeNet5() => GraphCompiler.Compile(_model.Build(new Bindings { OpenSymbols = 1 }), _options);
}
