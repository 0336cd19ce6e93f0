using VkNet.Graphs;
using VkNet.Tensors;
using YamlDotNet.RepresentationModel;

namespace VkNet.Formats;

/// <summary>
/// Reads a tensor written out in a graph file: <c>{value: [[1, 2], [3, 4]]}</c>, its shape taken from the nesting, or
/// <c>{shape: [2, 2], value: [1, 2, 3, 4]}</c>, where a single number fills the whole.
/// </summary>
internal static class LiteralTensor
{
    internal static Tensor Read(YamlReading reading, string name, YamlNode node)
    {
        var mapping = reading.Resolve(node) as YamlMappingNode;
        var value = mapping is null ? node : reading.Require(mapping, "value", $"constant '{name}'");
        if (mapping is not null && YamlReading.Find(mapping, "next") is null) reading.CheckKeys(mapping, $"constant '{name}'", ["shape", "dtype", "value", "description"]);
        var dataType = mapping is null ? DataType.Float32 : GraphFile.ReadDataType(reading, mapping);
        var sizes = new List<long>();
        var values = new List<double>();
        Flatten(reading, value, 0, sizes, values);
        var shape = new Shape([.. sizes]);
        if (mapping is not null && YamlReading.Find(mapping, "shape") is { } given)
        {
            shape = new Shape([.. reading.Sequence(given, "shape").Select(d => reading.Integer(d, "a size"))]);
            if (values.Count == 1 && shape.ElementCount is > 1 and <= 1 << 24) values = [.. Enumerable.Repeat(values[0], (int)shape.ElementCount)];
            if (shape.ElementCount != values.Count) throw reading.Fault(given, "VKN2014", $"'{name}' has {values.Count} values, but its shape {shape} holds {shape.ElementCount}");
        }
        var tensor = Tensor.Zeros(dataType, shape);
        ElementConversion.StoreReals(tensor, values.ToArray());
        return tensor;
    }

    private static void Flatten(YamlReading reading, YamlNode node, int depth, List<long> sizes, List<double> values)
    {
        if (reading.Resolve(node) is not YamlSequenceNode list)
        {
            if (depth != sizes.Count) throw reading.Fault(node, "VKN2014", "the nested lists are of different depths");
            values.Add(reading.TryFlag(node) is { } flag ? flag ? 1 : 0 : reading.Real(node, "a value"));
            return;
        }
        if (sizes.Count == depth && values.Count == 0) sizes.Add(list.Children.Count);
        else if (depth >= sizes.Count || sizes[depth] != list.Children.Count) throw reading.Fault(node, "VKN2014", $"the nested lists are of different lengths: {list.Children.Count} values here, {(depth < sizes.Count ? sizes[depth] : 0)} before");
        foreach (var item in list.Children) Flatten(reading, item, depth + 1, sizes, values);
    }
}
