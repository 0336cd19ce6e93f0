using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>
/// Counts how many of many examples a classifier names rightly. Inputs whose first axis is as long as the list of right classes hold an
/// example in each row; they are run in batches, of the model's own size where that is fixed. The class is the greatest element of a row
/// of the first output.
/// </summary>
internal sealed class Scoring
{
    // Large enough that a run's overhead does not count, small enough for any model's memory.
    private const long UsualBatch = 100;

    private readonly ModelDefinition _model;
    private readonly IReadOnlyDictionary<string, Tensor> _inputs;
    private readonly long[] _classes;
    private readonly IReadOnlyDictionary<string, long> _symbols;
    private readonly HashSet<string> _stacks;

    /// <summary>Checks that inputs and classes belong together.</summary>
    /// <exception cref="VkNetException">VKN7014: the classes are no list of whole numbers, or no input has as many rows.</exception>
    internal Scoring(ModelDefinition model, IReadOnlyDictionary<string, Tensor> inputs, Tensor classes, IReadOnlyDictionary<string, long> symbols)
    {
        if (classes.DataType.IsFloat() || classes.Shape.Rank != 1 || classes.Count == 0)
            throw new VkNetException("VKN7014", $"the right classes are a list of whole numbers, not {classes.Type}");
        (_model, _inputs, _symbols) = (model, inputs, symbols);
        _classes = ElementConversion.LoadIntegers(classes);
        var stacks = model.Inputs.Where(i => i.Dimensions.Count > 0 && inputs[i.Name].Shape is { Rank: > 0 } shape && shape[0] == Examples).ToList();
        if (stacks.Count == 0)
            throw new VkNetException("VKN7014", $"there are {Examples} right classes, but the inputs are {string.Join(", ", inputs.Select(i => $"'{i.Key}' {i.Value.Type}"))}", "an input must hold one example in each row");
        _stacks = [.. stacks.Select(i => i.Name)];
        var rows = stacks[0].Dimensions[0];
        Batch = rows.Size ?? (symbols.TryGetValue(rows.Symbol!, out var bound) ? bound : Math.Min(UsualBatch, Examples));
        if (Batch < 1) throw new VkNetException("VKN7014", $"input '{stacks[0]}' takes no examples");
    }

    /// <summary>Number of examples.</summary>
    internal int Examples => _classes.Length;

    /// <summary>Examples in a run.</summary>
    internal long Batch { get; }

    /// <summary>Runs all examples.</summary>
    /// <returns>The number named rightly.</returns>
    internal int Run(ComputeDevice device, CompilerOptions options, IWeightSource weights, CancellationToken cancellation)
    {
        var graph = _model.BuildFor(Rows(0), _symbols);
        using var model = CompiledModel.Load(device, GraphCompiler.Compile(graph, options), weights);
        using var session = model.CreateSession(slots: 1);
        var (name, scores) = graph.Outputs[0];
        if (scores.Shape.Rank == 0 || scores.Shape[0] != Batch)
            throw new VkNetException("VKN7014", $"output '{name}' is {scores.Type}, which has no row for each of {Batch} examples");
        var correct = 0;
        for (long start = 0; start < Examples; start += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = Rows(start);
            var result = ElementConversion.LoadReals(session.Run(graph.Inputs.ToDictionary(i => i.Name, i => rows[i.Name], StringComparer.Ordinal))[name]);
            var classes = result.Length / (int)Batch;
            for (var i = 0; i < Batch && start + i < Examples; i++)
                if (Greatest(result.AsSpan(i * classes, classes)) == _classes[start + i]) correct++;
        }
        return correct;
    }

    // A last batch that is not full repeats the last example; its results are not counted.
    private Dictionary<string, Tensor> Rows(long start) => _inputs.ToDictionary(i => i.Key, i =>
    {
        if (!_stacks.Contains(i.Key)) return i.Value;
        var batch = Tensor.Zeros(i.Value.DataType, new Shape([Batch, .. i.Value.Shape.Skip(1)]));
        var bytes = batch.Bytes().Length / (int)Batch;
        for (var row = 0; row < Batch; row++)
            i.Value.Bytes().Slice((int)Math.Min(start + row, Examples - 1) * bytes, bytes).CopyTo(batch.Bytes()[(row * bytes)..]);
        return batch;
    }, StringComparer.Ordinal);

    private static int Greatest(ReadOnlySpan<double> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[best]) best = i;
        return best;
    }
}
