using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Writing;

/// <summary>A node whose ONNX operators go into a graph being written.</summary>
internal sealed class GraphExportNode : ExportNode
{
    private readonly ModelWriter _writer;

    public GraphExportNode(ModelWriter writer, Node node)
        : base(node)
    {
        _writer = writer;
        Inputs = [.. node.Inputs.Select(i => i is null ? "" : writer.Reference(i))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Inputs { get; }

    /// <inheritdoc/>
    public override void Result(string type, IReadOnlyList<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        _writer.Add(type, inputs, [.. Node.Outputs.Select(_writer.Reference)], attributes);

    /// <inheritdoc/>
    public override string Step(string type, IReadOnlyList<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var name = _writer.Fresh($"{Node.Name}/{type}");
        _writer.Add(type, inputs, [name], attributes);
        return name;
    }

    /// <inheritdoc/>
    public override string Constant(Tensor tensor) => _writer.AddConstant($"{Node.Name}/constant", tensor);
}
