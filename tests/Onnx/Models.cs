using Google.Protobuf;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Onnx.Wire;
using VkNet.Operators;
using Kind = VkNet.Onnx.Wire.AttributeProto.Types.AttributeType;

namespace VkNet.Tests.Onnx;

/// <summary>Writes small ONNX models, right and wrong ones.</summary>
internal static class Models
{
    /// <summary>A model of one graph.</summary>
    public static ModelProto Model(GraphProto graph, long opset = 17, params FunctionProto[] functions)
    {
        var model = new ModelProto { IrVersion = 9, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        model.Functions.Add(functions);
        return model;
    }

    /// <summary>A graph; inputs and outputs are names separated by blanks, all of them f32[2, 3] unless declared later.</summary>
    public static GraphProto Graph(string inputs, string outputs, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "test" };
        graph.Input.Add(Words(inputs).Select(n => Declare(n, 1, 2, 3)));
        graph.Output.Add(Words(outputs).Select(n => new ValueInfoProto { Name = n }));
        graph.Node.Add(nodes);
        return graph;
    }

    /// <summary>An input declaration; a dimension is a number, a symbol, or null for one that is left open.</summary>
    public static ValueInfoProto Declare(string name, int elementType, params object?[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
            shape.Dim.Add(dimension switch
            {
                int size => new TensorShapeProto.Types.Dimension { DimValue = size },
                long size => new TensorShapeProto.Types.Dimension { DimValue = size },
                string symbol => new TensorShapeProto.Types.Dimension { DimParam = symbol },
                _ => new TensorShapeProto.Types.Dimension(),
            });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = elementType, Shape = shape } } };
    }

    /// <summary>A node; inputs and outputs are names separated by blanks, <c>-</c> for an absent one.</summary>
    public static NodeProto Node(string type, string inputs, string outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = $"{type.ToLowerInvariant()}_of_{outputs}" };
        node.Input.Add(Words(inputs).Select(n => n == "-" ? "" : n));
        node.Output.Add(Words(outputs).Select(n => n == "-" ? "" : n));
        node.Attribute.Add(attributes);
        return node;
    }

    /// <summary>A node in another domain.</summary>
    public static NodeProto In(this NodeProto node, string domain)
    {
        node.Domain = domain;
        return node;
    }

    /// <summary>A function in the domain <c>test</c>.</summary>
    public static FunctionProto Function(string name, string inputs, string outputs, params NodeProto[] nodes)
    {
        var function = new FunctionProto { Domain = "test", Name = name };
        function.Input.Add(Words(inputs));
        function.Output.Add(Words(outputs));
        function.Node.Add(nodes);
        function.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        return function;
    }

    public static AttributeProto Integer(string name, long value) => new() { Name = name, Type = Kind.Int, I = value };

    public static AttributeProto Integers(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = Kind.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    public static AttributeProto Body(string name, GraphProto graph) => new() { Name = name, Type = Kind.Graph, G = graph };

    public static AttributeProto Value(TensorProto tensor) => new() { Name = "value", Type = Kind.Tensor, T = tensor };

    /// <summary>An attribute that takes what the function's caller gives as <paramref name="formal"/>.</summary>
    public static AttributeProto Reference(string name, Kind kind, string formal) => new() { Name = name, Type = kind, RefAttrName = formal };

    /// <summary>An int64 vector.</summary>
    public static TensorProto Longs(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = 7 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.Add(values);
        return tensor;
    }

    /// <summary>A f32 tensor in raw form.</summary>
    public static TensorProto Floats(string name, long[] shape, params float[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = 1, RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)) };
        tensor.Dims.Add(shape);
        return tensor;
    }

    /// <summary>A scalar truth value.</summary>
    public static TensorProto Flag(string name, bool value)
    {
        var tensor = new TensorProto { Name = name, DataType = 9 };
        tensor.Int32Data.Add(value ? 1 : 0);
        return tensor;
    }

    /// <summary>Loads a model as from a stream.</summary>
    public static ModelDefinition Load(ModelProto model, OperatorRegistry? registry = null) => Load(model.ToByteArray(), registry);

    /// <summary>Loads bytes as a model.</summary>
    public static ModelDefinition Load(byte[] model, OperatorRegistry? registry = null) => OnnxModel.Load(new MemoryStream(model), registry ?? StandardOperators.Registry);

    /// <summary>Loads and builds a model without open sizes.</summary>
    public static Graph Build(ModelProto model, OperatorRegistry? registry = null) => Load(model, registry).Build(Bindings.Empty);

    private static IEnumerable<string> Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
