using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>What an iteration runs: one plan for each step of the recipe and its copies, over one store of weights.</summary>
internal sealed class TrainingPlans : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly Graph _model;
    private readonly IWeightSource _weights;
    private readonly List<PlanRunner> _plans = [];
    private readonly List<CopyRunner> _copies = [];

    internal TrainingPlans(ComputeDevice device, Recipe recipe, Graph model, IWeightSource weights, TrainerOptions options)
    {
        (_device, _model, _weights) = (device, model, weights);
        Store = new WeightStore(device);
        try
        {
            foreach (var (step, graph) in recipe.Steps.Zip(recipe.BuildGraphs(model)))
            {
                if (graph.Unreached.Count > 0) options.Note?.Invoke($"the loss of '{step.Name}' does not depend on {string.Join(", ", graph.Unreached)}");
                var patience = model.Registry.TryGet(step.Optimizer.Operator, out var optimizer) && optimizer is IJointOptimizer joint ? 2 * joint.MaximumTrials : 0;
                _plans.Add(new PlanRunner(step, new TrainingSession(device, graph, weights, Store, profile: options.Profile && _plans.Count == 0, configure: options.Configure), patience));
            }
            foreach (var copy in recipe.Copies) _copies.Add(new CopyRunner(device, copy, model, Store));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The weights being trained, and what is carried beside them.</summary>
    internal WeightStore Store { get; }

    /// <summary>The plans, in the recipe's order.</summary>
    internal IReadOnlyList<PlanRunner> All => _plans;

    /// <summary>The plan whose loss and metrics are reported.</summary>
    internal PlanRunner First => _plans[0];

    /// <summary>Every kernel with its variant, in order.</summary>
    internal IReadOnlyList<string> Kernels => [.. _plans.SelectMany(p => p.Kernels).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The names of what the plans train.</summary>
    internal IEnumerable<string> Trained => _plans.SelectMany(p => p.Session.Graph.Trained).Distinct();

    /// <summary>The parameters of all plans; several may have one name.</summary>
    internal IEnumerable<Value> Parameters => _plans.SelectMany(p => p.Session.Graph.Graph.Parameters);

    /// <summary>Makes copies equal to what they follow, as they are at the start.</summary>
    internal void BeginCopies()
    {
        foreach (var copy in _copies) copy.Begin();
    }

    /// <summary>Scales the weights layer by layer on one batch (LSUV).</summary>
    internal void ScaleLayers(Tensor[] batch) =>
        LayerScaling.Apply(_device, _model, Store, _weights, First.Session.Inputs.Zip(batch).ToDictionary(p => p.First.Key, p => p.Second));

    /// <summary>Submits the steps of an iteration.</summary>
    /// <param name="iteration">The iteration, from 0.</param>
    /// <param name="batch">The inputs.</param>
    /// <param name="rate">The learning rate of a plan.</param>
    /// <returns>A plan, and the iteration of a completed step of it whose loss is not finite; null where all is well.</returns>
    internal (PlanRunner Plan, long Iteration)? Run(long iteration, Tensor[] batch, Func<PlanRunner, double> rate)
    {
        foreach (var plan in _plans)
        {
            if (iteration % plan.Step.Every != 0) continue;
            plan.Session.LearningRate = rate(plan);
            if (plan.Submit(iteration, batch) is { } bad) return (plan, bad);
        }
        foreach (var copy in _copies)
            if ((iteration + 1) % copy.Copy.Every == 0) copy.Run();
        return null;
    }

    /// <summary>Completes what is in flight.</summary>
    /// <returns>As <see cref="Run"/>.</returns>
    internal (PlanRunner Plan, long Iteration)? Drain()
    {
        (PlanRunner, long)? first = null;
        foreach (var plan in _plans)
            if (plan.Drain() is { } bad) first ??= (plan, bad);
        return first;
    }

    /// <summary>Names the node of a plan where a number first was not finite; null when there is none now.</summary>
    internal string? FindNonFinite(PlanRunner plan, long iteration, Tensor[] batch) =>
        NonFiniteSearch.Find(_device, plan.Session.Graph.Graph, Store, _weights, batch, unchecked((int)(iteration / plan.Step.Every + 1)));

    /// <summary>Sets recurrent states back to where they begin.</summary>
    internal void ResetStates()
    {
        foreach (var state in _model.States)
            if (state.Input.Kind == ValueKind.State && Store.Contains(state.Input.Name)) Store.Write(state.Input.Name, state.Input.Data!);
    }

    public void Dispose()
    {
        foreach (var copy in _copies) copy.Dispose();
        foreach (var plan in _plans) plan.Dispose();
        Store.Dispose();
    }
}
