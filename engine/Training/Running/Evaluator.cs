using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Measures the loss and the metrics of a part of the data, over the weights being trained.</summary>
internal sealed class Evaluator : IDisposable
{
    private readonly Recipe _recipe;
    private readonly DataPart _part;
    private readonly WeightStore _store;
    private readonly List<(int Batch, long First, long Count, CompiledModel Model, InferenceSession Session, IReadOnlyList<Graphs.StatePair> States)> _runs = [];
    private readonly int _workers;

    internal Evaluator(ComputeDevice device, Recipe recipe, DataPart part, WeightStore store, IWeightSource weights, Func<CompilerOptions, CompilerOptions>? configure, int workers)
    {
        (_recipe, _part, _store, _workers) = (recipe, part with { Augmentation = null, Order = part.Source.IsSequence ? DataOrder.Streams : DataOrder.Sequential }, store, workers);
        var carried = store.Tensors.Select(t => t.Key).Where(n => !n.StartsWith(TrainingGraph.EvaluationPrefix, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        var batch = (int)Math.Min(recipe.EvaluationBatch, part.Source.Count);
        // A text has as many streams as the training, so that each keeps its thread for long; the last few windows are left out.
        if (part.Source.IsSequence) batch = (int)Math.Min(recipe.Batch, part.Source.Count);
        var whole = part.Source.Count / batch;
        try
        {
            Add(batch, 0, whole);
            if (!part.Source.IsSequence && part.Source.Count % batch != 0) Add((int)(part.Source.Count % batch), whole * batch, 1);
        }
        catch
        {
            Dispose();
            throw;
        }

        void Add(int size, long first, long count)
        {
            var model = recipe.Model.Build(FeedBinding.Bind(recipe.Model, recipe.Bind, recipe.Data, recipe.LearntInputs, size));
            var graph = TrainingGraph.BuildEvaluation(model, recipe.Objective(recipe.Steps[0], size), carried);
            var options = new CompilerOptions { Profile = device.Profile };
            var compiled = CompiledModel.Load(device, GraphCompiler.Compile(graph, configure?.Invoke(options) ?? options), weights);
            try
            {
                _runs.Add((size, first, count, compiled, compiled.CreateSession(store), [.. graph.States.Where(s => s.Input.Kind == ValueKind.State)]));
            }
            catch
            {
                compiled.Dispose();
                throw;
            }
        }
    }

    /// <summary>The means over all examples.</summary>
    internal Figures Run(CancellationToken cancellation)
    {
        var names = _recipe.Metrics.Select(m => m.Key).ToArray();
        var sums = new double[1 + names.Length];
        double examples = 0;
        foreach (var (size, first, count, model, session, states) in _runs)
        {
            foreach (var state in states) _store.Write(state.Input.Name, state.Input.Data!);
            var part = first == 0 ? _part : _part with { Source = SourcePart.Range(_part.Source, first, size * count) };
            var order = new BatchOrder(size * count, size, part.Order, _recipe.Seed);
            var inputs = model.Plan.Inputs.Select(i => new KeyValuePair<string, TensorType>(i.Key, i.Value.Type)).ToList();
            using var pipeline = new BatchPipeline([.. Enumerable.Range(0, _workers).Select(_ => new BatchAssembler(part, order, _recipe.Data.Feeds, inputs, _recipe.Seed))], 0, count);
            var outputs = session.AllocateOutputs();
            var running = new Queue<SessionSlot>();
            for (var i = 0L; i < count && !cancellation.IsCancellationRequested; i++)
            {
                if (running.Count == 2) Complete();
                running.Enqueue(session.Begin(pipeline.Take()));
            }
            while (running.Count > 0) Complete();
            cancellation.ThrowIfCancellationRequested();
            examples += size * count;

            void Complete()
            {
                session.End(running.Dequeue(), outputs);
                for (var i = 0; i < sums.Length; i++) sums[i] += size * (double)outputs[i].Values<float>()[0];
            }
        }
        return new Figures(sums[0] / examples, [.. names.Select((n, i) => new KeyValuePair<string, double>(n, sums[1 + i] / examples))]);
    }

    public void Dispose()
    {
        foreach (var (_, _, _, model, session, _) in _runs)
        {
            session.Dispose();
            model.Dispose();
        }
    }
}
