using BenchmarkDotNet.Attributes;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Perf.Benchmarks;

/// <summary>Host time and managed allocation of one replay of LeNet-5, the device's work included.</summary>
[MemoryDiagnoser]
public class ReplayBenchmarks
{
    private ComputeDevice _device = null!;
    private CompiledModel _model = null!;
    private InferenceSession _session = null!;
    private Tensor[] _inputs = null!;
    private Tensor[] _outputs = null!;

    /// <summary>Compiles and records.</summary>
    [GlobalSetup]
    public void Load()
    {
        _device = ComputeDevice.Open();
        var definition = GraphFile.Load(ExampleFiles.Find("networks/lenet5.yaml"), StandardOperators.Registry);
        _model = CompiledModel.Load(_device, definition, new Bindings { OpenSymbols = 1 }, new InitializedWeights(1));
        _session = _model.CreateSession(1);
        _inputs = [.. _model.Plan.Inputs.Select(i => Tensor.Zeros(i.Value.Type))];
        _outputs = _session.AllocateOutputs();
    }

    /// <summary>Writes inputs, submits, waits, reads outputs.</summary>
    [Benchmark]
    public void Replay() => _session.Run(_inputs, _outputs);

    /// <summary>Frees everything.</summary>
    [GlobalCleanup]
    public void Free()
    {
        _session.Dispose();
        _model.Dispose();
        _device.Dispose();
    }
}
