using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;
using Kind = VkNet.Onnx.Wire.AttributeProto.Types.AttributeType;

namespace VkNet.Onnx.Import;

/// <summary>Turns a node's attributes into the plain values that import rules read.</summary>
internal static class AttributeReader
{
    /// <summary>Reads all attributes of a node; inside a function, references take what the call gave.</summary>
    /// <exception cref="VkNetException">VKN3016: an attribute is given twice or contradicts its type; VKN3009 to VKN3013: its tensor cannot be read.</exception>
    public static Dictionary<string, object> Read(NodeProto node, Scope scope, Frame frame, ModelSource source)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var attribute in node.Attribute)
        {
            var what = $"attribute '{attribute.Name}' of {node.OpType} '{frame.Prefix}{NodeNames.Of(node)}'";
            var value = attribute.RefAttrName == "" ? Read(attribute, scope, frame, source, what) : frame.Attributes.GetValueOrDefault(attribute.RefAttrName);
            // A reference to an attribute that the call leaves out leaves this one out, too.
            if (value is not null && !values.TryAdd(attribute.Name, value)) source.Fail("VKN3016", $"{what} is given twice");
        }
        return values;
    }

    /// <summary>Reads one attribute; null for kinds that no operator here takes (types).</summary>
    public static object? Read(AttributeProto attribute, Scope scope, Frame frame, ModelSource source, string what)
    {
        var kind = KindOf(attribute, source, what);
        return kind switch
        {
            Kind.Float => (double)attribute.F,
            Kind.Int => attribute.I,
            Kind.String => attribute.S.ToStringUtf8(),
            Kind.Floats => attribute.Floats.Select(v => (double)v).ToArray(),
            Kind.Ints => attribute.Ints.ToArray(),
            Kind.Strings => attribute.Strings.Select(s => s.ToStringUtf8()).ToArray(),
            Kind.Tensor => TensorReader.Read(attribute.T, source, what),
            Kind.Tensors => attribute.Tensors.Select(t => TensorReader.Read(t, source, what)).ToArray(),
            Kind.SparseTensor => TensorReader.ReadSparse(attribute.SparseTensor, source, what),
            Kind.SparseTensors => attribute.SparseTensors.Select(t => TensorReader.ReadSparse(t, source, what)).ToArray(),
            Kind.Graph => new Closure(attribute.G, scope, frame),
            Kind.Graphs => attribute.Graphs.Select(g => (object)new Closure(g, scope, frame)).ToArray(),
            _ => null,
        };
    }

    // Files of the first two format versions name no kind; then it is the one that has a value.
    private static Kind KindOf(AttributeProto attribute, ModelSource source, string what)
    {
        var present = Present(attribute).ToList();
        var kind = attribute.Type;
        if (kind == Kind.Undefined)
        {
            if (present.Count != 1) source.Fail("VKN3016", $"{what} has no type and {present.Count} values");
            return present[0];
        }
        if (present.Any(p => p != kind)) source.Fail("VKN3016", $"{what} is declared as {kind}, but holds {present.First(p => p != kind)}");
        if (present.Count == 0 && kind is (Kind.Tensor or Kind.Graph or Kind.SparseTensor)) source.Fail("VKN3016", $"{what} is declared as {kind}, but holds nothing");
        if (!Enum.IsDefined(kind)) source.Fail("VKN3016", $"{what} is of the unknown type {(int)kind}");
        return kind;
    }

    private static IEnumerable<Kind> Present(AttributeProto attribute)
    {
        if (attribute.HasF) yield return Kind.Float;
        if (attribute.HasI) yield return Kind.Int;
        if (attribute.HasS) yield return Kind.String;
        if (attribute.T is not null) yield return Kind.Tensor;
        if (attribute.G is not null) yield return Kind.Graph;
        if (attribute.SparseTensor is not null) yield return Kind.SparseTensor;
        if (attribute.Tp is not null) yield return Kind.TypeProto;
        if (attribute.Floats.Count > 0) yield return Kind.Floats;
        if (attribute.Ints.Count > 0) yield return Kind.Ints;
        if (attribute.Strings.Count > 0) yield return Kind.Strings;
        if (attribute.Tensors.Count > 0) yield return Kind.Tensors;
        if (attribute.Graphs.Count > 0) yield return Kind.Graphs;
        if (attribute.SparseTensors.Count > 0) yield return Kind.SparseTensors;
        if (attribute.TypeProtos.Count > 0) yield return Kind.TypeProtos;
    }
}
