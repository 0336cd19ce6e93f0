using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>Optimizers with a line search compare the losses of several steps, so every step must be about the same examples.</summary>
internal static class FullBatchCheck
{
    /// <summary>Looks at the optimizers of all steps.</summary>
    /// <exception cref="VkNetException">VKN5017: the examples differ from step to step.</exception>
    internal static void Check(Recipe recipe, OperatorRegistry registry)
    {
        var train = recipe.Data.Train;
        foreach (var step in recipe.Steps)
        {
            if (!registry.TryGet(step.Optimizer.Operator, out var found) || found is not IJointOptimizer) continue;
            if (recipe.Batch != train.Source.Count)
                throw new VkNetException("VKN5017", $"'{step.Optimizer.Operator}' needs all data in every step, but a batch is {recipe.Batch} of {train.Source.Count} examples", $"write batch: {train.Source.Count}, or choose another optimizer (adam)");
            if (train.Augmentation is not null)
                throw new VkNetException("VKN5017", $"'{step.Optimizer.Operator}' needs the same data in every step, but 'augment' changes them", "leave 'augment' out, or choose another optimizer (adam)");
            if (recipe.Data.Feeds.FirstOrDefault(f => f.Random is { IsFixed: false }) is { } feed)
                throw new VkNetException("VKN5017", $"'{step.Optimizer.Operator}' needs the same data in every step, but '{feed.Input}' is random", "write fixed: true, or choose another optimizer (adam)", feed.Location);
        }
    }
}
