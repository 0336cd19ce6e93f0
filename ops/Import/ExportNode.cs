using System.Diagnostics.CodeAnalysis;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Import;

/// <summary>
/// A node about to be written as ONNX operators. Values are named by text; attribute values are long, bool, double, string, long[],
/// double[] or <see cref="Tensor"/>.
/// </summary>
public abstract class ExportNode
{
    /// <summary>The version of the standard operator set that is written.</summary>
    public const int Opset = 21;

    /// <summary>Makes it for a node.</summary>
    protected ExportNode(Node node) => Node = node;

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>Names of its inputs in the operator's order; empty text for absent ones.</summary>
    public abstract IReadOnlyList<string> Inputs { get; }

    /// <summary>The type of an input that is given.</summary>
    public TensorType TypeOf(int input) => Node.Inputs[input]!.Type;

    /// <summary>The shape of an input that is given.</summary>
    public Shape ShapeOf(int input) => TypeOf(input).Shape;

    /// <summary>Whether an input is given.</summary>
    public bool Has(int input) => input < Node.Inputs.Count && Node.Inputs[input] is not null;

    /// <summary>An attribute, or its default.</summary>
    public T Get<T>(AttributeDefinition<T> definition) => Node.Get(definition);

    /// <summary>Writes the ONNX operator whose outputs are those of the node.</summary>
    public abstract void Result(string type, IReadOnlyList<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes);

    /// <summary>Writes an ONNX operator in between.</summary>
    /// <returns>The name of its output.</returns>
    public abstract string Step(string type, IReadOnlyList<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes);

    /// <summary>A constant tensor.</summary>
    /// <returns>Its name.</returns>
    public abstract string Constant(Tensor tensor);

    /// <summary>A constant vector of int64: a shape, axes, pads.</summary>
    public string Integers(params ReadOnlySpan<long> values) => Constant(Tensor.From(new TensorType(DataType.Int64, [values.Length]), values.ToArray()));

    /// <summary>A constant scalar of a type.</summary>
    public string Scalar(double value, DataType type)
    {
        var tensor = Tensor.Zeros(type, Shape.Scalar);
        ElementConversion.StoreReals(tensor, new[] { value });
        return Constant(tensor);
    }

    /// <summary>Refuses the node.</summary>
    /// <exception cref="VkNetException">VKN3120, always.</exception>
    [DoesNotReturn]
    public void Refuse(string reason) => throw Refusal(Node, reason);

    /// <summary>The diagnostic for a node that ONNX cannot express.</summary>
    public static VkNetException Refusal(Node node, string reason) =>
        new("VKN3120", $"{node.Operator.Name} '{node.Name}' cannot be written as ONNX (opset {Opset}): {reason}", "keep the graph file, or rewrite this node with other operators", node.Location);
}
