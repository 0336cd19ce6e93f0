using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Takes the weights of a training off the device and puts them back: what is kept, checkpoints, resuming.</summary>
internal sealed class TrainingSnapshots(Recipe recipe, TrainingPlans plans, TrainingMemory memory, IWeightSource weights, TrainerOptions options)
{
    /// <summary>Where the checkpoint is written; null for nowhere.</summary>
    internal string? CheckpointFile => options.OutputFolder is { } folder ? Path.Combine(folder, "checkpoint.safetensors") : null;

    /// <summary>Refuses a checkpoint whose parameters are not a model's.</summary>
    /// <exception cref="VkNetException">VKN5031: they are not.</exception>
    internal static void CheckArchitecture(Graph model, Checkpoint checkpoint)
    {
        foreach (var parameter in model.Parameters) Find(checkpoint, parameter.Name, parameter.Type);
    }

    /// <summary>Writes the first checkpoint. A folder that cannot be written is better known before the first epoch than after it.</summary>
    /// <exception cref="VkNetException">VKN6003: the checkpoint cannot be written.</exception>
    internal void Prepare(long iteration)
    {
        if (options.Resume is null) SaveCheckpoint(iteration);
    }

    /// <summary>The weights as they would be kept now: running averages and best points of line searches where there are any.</summary>
    internal Dictionary<string, Tensor> Current()
    {
        var current = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var parameter in plans.Parameters)
        {
            if (current.ContainsKey(parameter.Name) || parameter.Name.EndsWith(TrainingGraph.KeptOf(""), StringComparison.Ordinal)) continue;
            var kept = TrainingGraph.KeptOf(parameter.Name);
            current[parameter.Name] = plans.Store.Contains(kept) ? plans.Store.Read(kept) : plans.Store.Contains(parameter.Name) ? plans.Store.Read(parameter.Name) : weights.Find(parameter)!;
        }
        return current;
    }

    /// <summary>What is trained, as it is now. Steps in flight must have been awaited.</summary>
    internal Dictionary<string, Tensor> Trained() => plans.Trained.ToDictionary(n => n, plans.Store.Read, StringComparer.Ordinal);

    /// <summary>Puts the best snapshot in the place of what is evaluated; nothing happens without one.</summary>
    internal void TakeBest()
    {
        foreach (var (name, tensor) in memory.Best ?? new Dictionary<string, Tensor>())
            if (plans.Store.Contains(TrainingGraph.KeptOf(name))) plans.Store.Write(TrainingGraph.KeptOf(name), tensor);
            else if (plans.Store.Contains(name)) plans.Store.Write(name, tensor);
    }

    /// <summary>Writes everything that is needed to go on to the bit.</summary>
    /// <exception cref="VkNetException">VKN6003: it cannot be written; an older checkpoint stays as it was.</exception>
    internal void SaveCheckpoint(long iteration)
    {
        if (CheckpointFile is not { } file) return;
        var tensors = Current();
        foreach (var (name, _) in plans.Store.Tensors)
            if (!name.StartsWith(TrainingGraph.EvaluationPrefix, StringComparison.Ordinal)) tensors[name] = plans.Store.Read(name);
        if (memory.Best is { } best)
            foreach (var (name, tensor) in best) tensors[Checkpoint.BestPrefix + name] = tensor;
        new Checkpoint
        {
            Tensors = tensors,
            Iteration = iteration,
            RecipeText = recipe.Text,
            Kernels = plans.Kernels,
            PlanSteps = [.. plans.All.Select(p => p.Session.StepCount)],
            Counters = [.. memory.Save(), .. plans.All.SelectMany(p => (double[])[p.SmoothedLoss, .. p.Sums])],
        }.Save(file);
    }

    /// <summary>Writes the weights kept.</summary>
    /// <returns>The file; null where none is written.</returns>
    internal string? SaveWeights()
    {
        if (options.OutputFolder is not { } folder) return null;
        var file = Path.Combine(folder, "weights.safetensors");
        SafetensorsFile.Save(file, memory.Best ?? Current(), new Dictionary<string, string> { ["format"] = "vknet", ["graph"] = recipe.Model.Name });
        return file;
    }

    /// <summary>Goes back to where a checkpoint was written.</summary>
    /// <exception cref="VkNetException">VKN5031: it is of another architecture or recipe.</exception>
    internal void Resume(Checkpoint checkpoint)
    {
        foreach (var (name, type) in plans.Store.Tensors) plans.Store.Write(name, Find(checkpoint, name, type));
        var counters = new Queue<double>(checkpoint.Counters);
        if (checkpoint.PlanSteps.Count != plans.All.Count || counters.Count != memory.Count + plans.All.Sum(p => 1 + p.Sums.Length))
            throw new VkNetException("VKN5031", "the checkpoint is of another recipe: its plans or metrics differ", "resume with the recipe that it was written by");
        if (checkpoint.RecipeText != recipe.Text) options.Note?.Invoke("the recipe differs from the checkpoint's; the training goes on with the new one");
        if (!checkpoint.Kernels.SequenceEqual(plans.Kernels)) options.Note?.Invoke("the checkpoint was written with other kernels or on another device; results may differ in the last bits");
        memory.Load(counters, checkpoint.Tensors);
        for (var i = 0; i < plans.All.Count; i++)
        {
            plans.All[i].Session.StepCount = checkpoint.PlanSteps[i];
            plans.All[i].SmoothedLoss = counters.Dequeue();
            for (var k = 0; k < plans.All[i].Sums.Length; k++) plans.All[i].Sums[k] = counters.Dequeue();
        }
    }

    private static Tensor Find(Checkpoint checkpoint, string name, TensorType type)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out var tensor))
            throw new VkNetException("VKN5031", $"the checkpoint is of another architecture: it has no '{name}'", Suggestion.For(name, checkpoint.Tensors.Keys));
        return tensor.Shape == type.Shape ? tensor : throw new VkNetException("VKN5031", $"the checkpoint is of another architecture: '{name}' is {tensor.Type} in it, but {type} in the recipe's model");
    }
}
