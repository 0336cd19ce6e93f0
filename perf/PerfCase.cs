using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Perf;

/// <summary>Something to be measured: a graph with inputs, and a reference for some of its results.</summary>
internal sealed class PerfCase
{
    /// <summary>The set that is measured when no filter is given.</summary>
    public const string Core = "core";

    /// <summary>The set of shapes that it belongs to; cases of one set are timed in turn with one another.</summary>
    public string Set { get; init; } = Core;

    /// <summary>The kernel family, as listed.</summary>
    public required string Kernel { get; init; }

    /// <summary>The sizes, as listed.</summary>
    public required string Shape { get; init; }

    /// <summary>Builds the graph of a case that is no network.</summary>
    public Action<GraphBuilder> Build { get; init; } = _ => { };

    /// <summary>
    /// The graph and weights of a case that is a whole network. Its operations are counted from the graph, and its result is compared with that
    /// of the same device by other kernels: dense, exact and unfused.
    /// </summary>
    public Func<(Graph Graph, IWeightSource Weights)>? Network { get; init; }

    /// <summary>Nominal floating-point operations: 2 x multiply-adds of the mathematical operation.</summary>
    public double Flops { get; init; }

    /// <summary>Nominal bytes: inputs and outputs once.</summary>
    public double Bytes { get; init; }

    /// <summary>Whether <c>--quick</c> includes it.</summary>
    public bool Quick { get; init; }

    /// <summary>The exact value of one result element, from the inputs and constants by name; null compares all with the host evaluator.</summary>
    public Func<IReadOnlyDictionary<string, float[]>, long, double>? Reference { get; init; }

    /// <summary>Largest error allowed, as a fraction of the largest result.</summary>
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>The shader room whose calls are counted; null counts all but conversions of layout at the graph's border.</summary>
    public string? Counted { get; init; }

    /// <summary>Makes the same computation in OpenBLAS, to be run beside ours with <c>--peers</c>; returns milliseconds.</summary>
    public Func<IReadOnlyDictionary<string, float[]>, Func<double>>? OpenBlas { get; init; }

    /// <summary>Numbers of threads with which onnxruntime runs the same graph beside ours with <c>--peers</c>.</summary>
    public IReadOnlyList<int> OnnxRuntimeThreads { get; init; } = [];

    /// <summary>How the case is found by a filter and told apart in reports.</summary>
    public string Title => $"{Set} {Kernel} {Shape}";

    /// <summary>Random values of a tensor, equal in every run.</summary>
    public static Tensor Random(string name, params long[] shape)
    {
        var random = new PhiloxRandom(1, PhiloxRandom.StreamOf(name));
        var tensor = Tensor.Zeros(DataType.Float32, new Shape(shape));
        foreach (ref var value in tensor.Values<float>()) value = 2 * random.NextUniform() - 1;
        return tensor;
    }
}
