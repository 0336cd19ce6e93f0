using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>Compares the labels of the data with the classes that the losses and metrics tell apart, before anything runs.</summary>
internal static class LabelCheck
{
    /// <summary>Looks at every operator that takes labels.</summary>
    /// <exception cref="VkNetException">VKN5103: labels beyond the classes.</exception>
    internal static void Check(Recipe recipe, Graph model)
    {
        var graph = TrainingGraph.BuildEvaluation(model, recipe.Objective(recipe.Steps[0], recipe.Batch), new HashSet<string>());
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not ITakesLabels takes) continue;
            var labels = node.Inputs[takes.LabelInput];
            var feed = recipe.Data.Feeds.FirstOrDefault(f => f.Input == labels?.Name);
            if (feed?.Column is null) continue;
            var classes = takes.Classes(node);
            foreach (var (part, what) in Parts(recipe.Data))
                if (part.Source.Columns[FeedBinding.IndexOf(part.Source, feed)].Classes is { } given && given > classes)
                    throw new VkNetException("VKN5103", $"the {what} labels of '{feed.Column}' go up to {given - 1}, but {node.Operator.Name} '{node.Name}' tells {classes} classes apart", $"labels are 0 to {classes - 1}: widen the network's last layer, or correct the data", feed.Location);
        }
    }

    private static IEnumerable<(DataPart Part, string What)> Parts(TrainingData data)
    {
        yield return (data.Train, "training");
        if (data.Validation is { } validation) yield return (validation, "validation");
        if (data.Test is { } test) yield return (test, "test");
    }
}
