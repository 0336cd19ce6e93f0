using System.Collections.Concurrent;
using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;
using VkNet.Tensors;

namespace VkNet.Onnx.Testing;

/// <summary>Runs ONNX backend tests: loads each model, builds it for the inputs of each data set, runs it and compares the outputs.</summary>
/// <param name="registry">The operators.</param>
/// <param name="runner">Runs the graphs, on a device or on the host.</param>
public sealed class OnnxTestSuite(OperatorRegistry registry, OnnxRunner runner)
{
    // Codes that say "not supported" rather than "wrong": unknown operators, types that are no tensors of ours, data-dependent sizes.
    private static readonly HashSet<string> UnsupportedCodes = ["VKN3020", "VKN3005", "VKN3010", "VKN2012"];

    // Operators whose results depend, in the last digits of single precision, on the order in which terms are summed.
    private static readonly HashSet<string> SummingOperators =
    [
        "Attention", "AveragePool", "BatchNormalization", "Col2Im", "Conv", "ConvTranspose", "CumSum", "DeformConv", "Det", "Einsum", "GRU", "Gemm",
        "GlobalAveragePool", "GlobalLpPool", "GridSample", "GroupNormalization", "InstanceNormalization", "LRN", "LSTM", "LayerNormalization", "LogSoftmax",
        "LpNormalization", "LpPool", "MatMul", "Mean", "MeanVarianceNormalization", "NegativeLogLikelihoodLoss", "RMSNormalization", "RNN", "ReduceL1",
        "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMean", "ReduceSum", "ReduceSumSquare", "Resize", "RoiAlign", "RotaryEmbedding", "Softmax",
        "SoftmaxCrossEntropyLoss", "Sum", "Upsample",
    ];

    /// <summary>A runner that evaluates graphs on the host, in double precision inside each operator.</summary>
    public static OnnxRunner HostRunner { get; } = (graph, inputs) =>
    {
        var values = HostEvaluator.Run(graph, inputs);
        return new OnnxRun(graph.Outputs.ToDictionary(o => o.Key, o => values[o.Value], StringComparer.Ordinal), null);
    };

    /// <summary>A runner that compiles each graph for a device and runs it there.</summary>
    /// <param name="device">The device.</param>
    /// <param name="configure">Changes to the compiler's options.</param>
    public static OnnxRunner DeviceRunner(ComputeDevice device, Func<CompilerOptions, CompilerOptions>? configure = null) => (graph, inputs) =>
    {
        var options = new CompilerOptions { Profile = device.Profile };
        using var model = CompiledModel.Load(device, GraphCompiler.Compile(graph, configure?.Invoke(options) ?? options));
        using var session = model.CreateSession(slots: 1);
        return new OnnxRun(session.Run(inputs), model.Plan.Main.Dispatches);
    };

    /// <summary>Runs cases in parallel.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="parallelism">Most cases run at a time; 0 takes the number of processors.</param>
    /// <param name="progress">Called after each case, one call at a time.</param>
    /// <param name="cancellation">Stops between cases.</param>
    /// <returns>The results in the order of the cases.</returns>
    public IReadOnlyList<OnnxTestResult> Run(IReadOnlyList<OnnxTestCase> cases, int parallelism = 0, Action<OnnxTestResult>? progress = null, CancellationToken cancellation = default)
    {
        var results = new ConcurrentDictionary<OnnxTestCase, OnnxTestResult>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism > 0 ? parallelism : Environment.ProcessorCount, CancellationToken = cancellation };
        var reporting = new Lock();
        // One case at a time per worker: cases differ too much in length for ranges to be fair.
        Parallel.ForEach(Partitioner.Create(cases, EnumerablePartitionerOptions.NoBuffering), options, test =>
        {
            var result = results[test] = Run(test);
            if (progress is null) return;
            lock (reporting) progress(result);
        });
        return [.. cases.Select(c => results[c])];
    }

    /// <summary>Runs one case. Whatever goes wrong is part of the result.</summary>
    public OnnxTestResult Run(OnnxTestCase test)
    {
        var watch = Stopwatch.StartNew();
        var result = new OnnxTestResult(test, OnnxTestStatus.Passed, null);
        try
        {
            result = result with { Operators = OperatorsOf(test) };
            var model = OnnxModel.Load(test.ModelFile, registry);
            var sets = test.DataSets;
            if (sets.Count == 0) return result with { Status = OnnxTestStatus.Unsupported, Reason = "the case has no data" };
            foreach (var set in sets)
            {
                result = RunSet(model, set, result);
                if (result.Status != OnnxTestStatus.Passed) break;
            }
        }
        catch (VkNetException e)
        {
            var status = UnsupportedCodes.Contains(e.Diagnostic.Code) ? OnnxTestStatus.Unsupported : OnnxTestStatus.Failed;
            result = result with { Status = status, Reason = $"{e.Diagnostic.Code}: {e.Diagnostic.Message}" };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A case must not end the suite; a fault of ours is a failed case with its trace.
            result = result with { Status = OnnxTestStatus.Failed, Reason = $"internal fault: {e}" };
        }
        return result with { Elapsed = watch.Elapsed };
    }

    private OnnxTestResult RunSet(ModelDefinition model, string set, OnnxTestResult result)
    {
        var given = ReadAll(set, "input");
        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        // Tensors are given in the order of the inputs; names in the files are not always those of the model.
        for (var i = 0; i < given.Count && i < model.Inputs.Count; i++) inputs[model.Inputs[i].Name] = given[i];
        var graph = model.BuildFor(inputs);
        result = result with { Nodes = graph.Nodes.Count, BoundInputs = [.. graph.BoundValues.Keys] };
        var run = runner(graph, graph.Inputs.ToDictionary(i => i.Name, i => inputs[i.Name], StringComparer.Ordinal));
        result = result with { Dispatches = run.Dispatches };
        var expected = ReadAll(set, "output");
        if (expected.Count > graph.Outputs.Count)
            return result with { Status = OnnxTestStatus.Failed, Reason = $"{expected.Count} outputs are expected, the graph has {graph.Outputs.Count}" };
        var sums = result.Operators.Any(SummingOperators.Contains);
        var error = double.IsNaN(result.MaximumError) ? 0 : result.MaximumError;
        for (var i = 0; i < expected.Count; i++)
        {
            var name = graph.Outputs[i].Key;
            var (fault, difference, neededSums) = TensorComparison.Compare(run.Outputs[name], expected[i], result.Case.Tolerance, sums);
            error = Math.Max(error, difference);
            result = result with { MaximumError = error, NeededSumTolerance = result.NeededSumTolerance || neededSums };
            if (fault is not null) return result with { Status = OnnxTestStatus.Failed, Reason = $"output '{name}' in {Path.GetFileName(set)}: {fault}" };
        }
        return run.Dispatches == 0 ? result with { Reason = WhyNoDispatch(graph) } : result;
    }

    // The compiler evaluates nothing that depends on the elements of an input, so these are all the ways in which a device has no work.
    private static string WhyNoDispatch(Graph graph)
    {
        if (graph.Outputs.All(o => o.Value.Constant is not null))
            return graph.Inputs.Count == 0 ? "computed while compiling: every input is constant or bound by value" : "computed while compiling: the outputs depend on no element of an input";
        return graph.Outputs.All(o => o.Value.Shape.ElementCount == 0 || o.Value.Constant is not null) ? "the outputs have no elements" : "every output is a view of an input in device memory";
    }

    private static List<Tensor> ReadAll(string set, string kind)
    {
        var tensors = new List<Tensor>();
        while (true)
        {
            var file = Path.Combine(set, $"{kind}_{tensors.Count}.pb");
            if (!File.Exists(file)) return tensors;
            tensors.Add(OnnxTensorFile.Read(file));
        }
    }

    private static List<string> OperatorsOf(OnnxTestCase test)
    {
        using var stream = Formats.InputFile.Open(test.ModelFile);
        var model = WireReader.Read(stream, new ModelSource(test.ModelFile, null), ModelProto.Parser);
        var nodes = model.Graph?.Node.Concat(model.Functions.SelectMany(f => f.Node)) ?? [];
        return [.. nodes.GroupBy(n => n.OpType, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key)];
    }
}
