using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>The functions that a model brings along. A function takes precedence over an operator of the same name.</summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<(string Domain, string Name, string Overload), Function> _functions = [];

    /// <summary>Collects and prepares the functions of a model.</summary>
    /// <exception cref="VkNetException">VKN3006: two have one name; VKN3007, VKN3008: one is malformed.</exception>
    public FunctionTable(ModelProto model, Opsets opsets, BodyCache cache, ModelSource source)
    {
        foreach (var function in model.Functions)
            if (!_functions.TryAdd((Opsets.Normalize(function.Domain), function.Name, function.Overload), new Function(function, Body.Of(function, cache, source), Opsets.Of(function, opsets, source))))
                source.Fail("VKN3006", $"the function '{function.Domain}.{function.Name}' is defined twice");
    }

    /// <summary>The function that a node calls; null when it is an operator.</summary>
    public Function? Find(NodeProto node) => _functions.GetValueOrDefault((Opsets.Normalize(node.Domain), node.OpType, node.Overload));
}
