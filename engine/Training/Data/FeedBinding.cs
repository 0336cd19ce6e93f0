using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Fits columns of data to inputs: an input whose elements are those of a batch of examples takes them whatever its axes are, so that
/// pictures [28, 28] fill [N, 1, 28, 28]. Symbols are bound on the way: the first axis to the batch, the others to the example's sizes.
/// </summary>
internal static class FeedBinding
{
    /// <summary>Sizes of the model's symbols for a batch.</summary>
    /// <exception cref="VkNetException">VKN5112: an input is not fed; VKN5111: a column does not fit.</exception>
    internal static Bindings Bind(ModelDefinition model, IReadOnlyDictionary<string, long> given, TrainingData data, IReadOnlySet<string> learnt, int batch)
    {
        var symbols = new Dictionary<string, long>(given, StringComparer.Ordinal);
        foreach (var input in model.Inputs)
        {
            if (learnt.Contains(input.Name))
            {
                if (input.Dimensions is [{ Symbol: { } rows }, ..]) symbols.TryAdd(rows, batch);
                continue;
            }
            var feed = data.Feeds.FirstOrDefault(f => f.Input == input.Name)
                ?? throw new VkNetException("VKN5112", $"the graph's input '{input}' is not fed", $"add it under data: feed: ({input.Name}: COLUMN); columns: {string.Join(", ", data.Train.Source.Columns.Select(c => c.Name))}", input.Location);
            var example = ExampleType(data.Train.Source, feed).Shape;
            var dimensions = input.Dimensions;
            if (dimensions.Count > 0 && dimensions[0].Symbol is { } first) symbols.TryAdd(first, batch);
            // The remaining symbols are told by the example where its axes stand one to one, or at the end of the input's.
            for (var axis = 1; axis < dimensions.Count; axis++)
            {
                var at = example.Rank - (dimensions.Count - axis);
                if (dimensions[axis].Symbol is { } symbol && at >= 0) symbols.TryAdd(symbol, example[at]);
            }
            var type = input.Bind(new Bindings { Symbols = symbols });
            if (type.Shape.ElementCount != batch * example.ElementCount)
                throw new VkNetException("VKN5111", $"the input '{input}' holds {type.Shape} with a batch of {batch}, but its column '{feed.Column ?? "random"}' gives {example} for an example", "the elements of an example must be those of the input without its batch axis", feed.Location ?? input.Location);
        }
        return new Bindings { Symbols = symbols };
    }

    /// <summary>The types of the inputs that the loss and the metrics have beside the model's.</summary>
    internal static IReadOnlyList<KeyValuePair<string, TensorType>> ExtraInputs(ModelDefinition model, TrainingData data, int batch) =>
    [
        .. data.Feeds.Where(f => model.Inputs.All(i => i.Name != f.Input)).Select(f =>
        {
            var example = ExampleType(data.Train.Source, f);
            return new KeyValuePair<string, TensorType>(f.Input, new TensorType(example.DataType, new Shape([batch, .. example.Shape])));
        }),
    ];

    /// <summary>Type of one example as it is fed: reals and pictures as f32, whole numbers as i32.</summary>
    /// <exception cref="VkNetException">VKN5110: there is no such column.</exception>
    internal static TensorType ExampleType(IDataSource source, DataFeed feed)
    {
        if (feed.Random is { } random) return new TensorType(DataType.Float32, random.Shape);
        var column = source.Columns[IndexOf(source, feed)];
        return new TensorType(column.IsPicture || column.Type.DataType.IsFloat() ? DataType.Float32 : DataType.Int32, column.Type.Shape);
    }

    internal static int IndexOf(IDataSource source, DataFeed feed)
    {
        for (var i = 0; i < source.Columns.Count; i++)
            if (source.Columns[i].Name == feed.Column) return i;
        throw new VkNetException("VKN5110", $"the data have no column '{feed.Column}' (fed to '{feed.Input}')", Suggestion.For(feed.Column!, source.Columns.Select(c => c.Name)), feed.Location);
    }
}
