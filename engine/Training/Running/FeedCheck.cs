using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>Finds what is fed to a name that neither the model nor the recipe has: most often one that is misspelt.</summary>
internal static class FeedCheck
{
    /// <summary>Looks at the feeds that are no inputs of the model.</summary>
    /// <exception cref="VkNetException">VKN5116: nothing uses one of them.</exception>
    internal static void Check(Recipe recipe, Graph model)
    {
        var unused = FeedBinding.ExtraInputs(recipe.Model, recipe.Data, recipe.Batch).Select(i => i.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var step in recipe.Steps)
        {
            if (unused.Count == 0) return;
            var graph = TrainingGraph.BuildEvaluation(model, recipe.Objective(step, recipe.Batch), new HashSet<string>());
            unused.ExceptWith(graph.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Concat(graph.Outputs.Select(o => o.Value)).Select(v => v.Name));
        }
        if (recipe.Data.Feeds.FirstOrDefault(f => unused.Contains(f.Input)) is not { } feed) return;
        throw new VkNetException("VKN5116", $"'feed' gives values to '{feed.Input}', but neither the model nor the recipe uses such an input", Suggestion.For(feed.Input, model.Inputs.Select(i => i.Name)), feed.Location);
    }
}
