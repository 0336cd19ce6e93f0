using Google.Protobuf;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Onnx.Wire;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Onnx.Writing;

/// <summary>Writes one graph as an ONNX model: operators by their pages' export rules, parameters and constants as initializers.</summary>
internal sealed class ModelWriter
{
    // Version 10 of the format is the one of opset 21.
    private const int FormatVersion = 10;

    // A protobuf message is shorter than 2 GiB.
    private const long LargestModel = 2_000_000_000;

    private readonly OpenGraph _open;
    private readonly Func<Value, Tensor?> _weights;
    private readonly GraphProto _graph = new();
    private readonly Dictionary<Value, string> _references = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private long _bytes;

    private ModelWriter(OpenGraph open, Func<Value, Tensor?> weights)
    {
        _open = open;
        _weights = weights;
    }

    /// <summary>Writes a graph.</summary>
    /// <exception cref="VkNetException">VKN3120, VKN3121: something that ONNX cannot hold; VKN6401: a parameter without values.</exception>
    public static ModelProto Write(OpenGraph open, Func<Value, Tensor?> weights)
    {
        var writer = new ModelWriter(open, weights);
        writer.Write();
        var model = new ModelProto { IrVersion = FormatVersion, ProducerName = "VkNet", Graph = writer._graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = ExportNode.Opset });
        return model;
    }

    private void Write()
    {
        var graph = _open.Graph;
        if (graph.States.Count > 0) throw Fault($"state '{graph.States[0].Input.Name}' is carried from run to run, which ONNX models cannot say", "make it an input and an output");
        if (graph.RunValues.Count > 0) throw Fault($"'{graph.RunValues[0].Name}' changes from run to run", "make it an input");
        _graph.Name = graph.Name;
        foreach (var (_, value) in graph.Outputs) if (value.Kind == ValueKind.Result) _references.TryAdd(value, "");
        for (var i = 0; i < graph.Inputs.Count; i++)
            _graph.Input.Add(Declare(Assign(graph.Inputs[i], graph.Inputs[i].Name), graph.Inputs[i].DataType, _open.Inputs[i].Dimensions));
        // Outputs keep their names; a value that is no node's own, or is named twice, is passed on under the second name.
        var results = new List<(string Name, Value Value)>();
        foreach (var (name, value) in graph.Outputs)
        {
            if (_references.GetValueOrDefault(value) == "" && _names.Add(name)) _references[value] = name;
            else results.Add((name, value));
        }
        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Outputs) Reference(output);
            if (node.Operator is not IExportable page) throw ExportNode.Refusal(node, "the operator has no ONNX form");
            page.Export(new GraphExportNode(this, node));
        }
        foreach (var (name, value) in results)
        {
            if (!_names.Add(name)) throw Fault($"output '{name}' has the name of an input", "rename one of them");
            Add("Identity", [Reference(value)], [name], []);
        }
        for (var i = 0; i < graph.Outputs.Count; i++)
            _graph.Output.Add(Declare(graph.Outputs[i].Key, graph.Outputs[i].Value.DataType, [.. _open.Outputs[i].Select(size => new Dimension(size, null))]));
    }

    /// <summary>The name of a value; parameters and constants become initializers at their first use.</summary>
    public string Reference(Value value)
    {
        if (_references.TryGetValue(value, out var name) && name.Length > 0) return name;
        name = Assign(value, value.Name);
        if (value.Kind is ValueKind.Constant or ValueKind.Parameter)
            AddInitializer(name, value.Constant ?? _weights(value) ?? throw new VkNetException("VKN6401", $"parameter '{value.Name}' has no values", "give weights (--weights FILE), or initialise them (--init SEED)"));
        return name;
    }

    /// <summary>Adds a constant that the graph does not have.</summary>
    public string AddConstant(string stem, Tensor tensor)
    {
        var name = Fresh(stem);
        AddInitializer(name, tensor);
        return name;
    }

    /// <summary>A name for a value in between.</summary>
    public string Fresh(string stem)
    {
        var name = stem;
        for (var i = 2; !_names.Add(name); i++) name = $"{stem}_{i}";
        return name;
    }

    /// <summary>Adds a node.</summary>
    public void Add(string type, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { OpType = type, Name = $"{type}_{_graph.Node.Count}" };
        var last = inputs.Count;
        while (last > 0 && inputs[last - 1].Length == 0) last--;
        node.Input.Add(inputs.Take(last));
        node.Output.Add(outputs);
        foreach (var (name, value) in attributes) node.Attribute.Add(AttributeWriter.Write(name, value));
        _graph.Node.Add(node);
    }

    private string Assign(Value value, string stem) => _references[value] = Fresh(stem);

    private void AddInitializer(string name, Tensor tensor)
    {
        _bytes += tensor.Bytes().Length;
        if (_bytes > LargestModel) throw Fault($"its weights take more than {LargestModel} bytes, which one ONNX file cannot hold", "keep the graph file and its safetensors");
        _graph.Initializer.Add(AttributeWriter.Write(tensor, name));
    }

    private static ValueInfoProto Declare(string name, DataType type, IReadOnlyList<Dimension> dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
            shape.Dim.Add(dimension.Size is { } size ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : dimension.Symbol is { } symbol ? new TensorShapeProto.Types.Dimension { DimParam = symbol } : new TensorShapeProto.Types.Dimension());
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)OnnxElementType.FromDataType(type), Shape = shape } } };
    }

    private VkNetException Fault(string message, string help) => new("VKN3121", $"graph '{_open.Graph.Name}' cannot be written as ONNX: {message}", help);
}
