using System.Diagnostics.CodeAnalysis;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Import;

/// <summary>
/// A node of a foreign model, free of its file format: typed inputs already imported, attributes as plain values
/// (long, double, string, long[], double[], string[], <see cref="Tensor"/>, or a sub-graph), and a builder to write the answer with.
/// </summary>
public sealed class ImportNode
{
    private readonly IReadOnlyDictionary<string, object> _attributes;

    /// <summary>Makes a node.</summary>
    public ImportNode(string operatorType, string domain, int opset, string name, IReadOnlyList<Value?> inputs, IReadOnlyList<string> outputNames, IReadOnlyDictionary<string, object> attributes, GraphBuilder builder, SourceLocation? location = null)
    {
        OperatorType = operatorType;
        Domain = domain;
        Opset = opset;
        Name = name;
        Inputs = inputs;
        OutputNames = outputNames;
        _attributes = attributes;
        Builder = builder;
        Location = location;
    }

    /// <summary>The ONNX operator type.</summary>
    public string OperatorType { get; }

    /// <summary>The ONNX domain.</summary>
    public string Domain { get; }

    /// <summary>The opset of that domain in force.</summary>
    public int Opset { get; }

    /// <summary>The node's name, or its first output's.</summary>
    public string Name { get; }

    /// <summary>The inputs; null where absent.</summary>
    public IReadOnlyList<Value?> Inputs { get; }

    /// <summary>Names of the outputs; empty where not wanted.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Builds the answer.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>Where the node stands.</summary>
    public SourceLocation? Location { get; }

    /// <summary>Runs a sub-graph attribute's nodes inline; set by the importer for control flow.</summary>
    public Func<object, IReadOnlyList<Value>, IReadOnlyList<Value>>? InlineBody { get; init; }

    /// <summary>Runs a sub-graph attribute's nodes in another builder, where they may use values of the graph around them; set by the importer.</summary>
    public Func<object, GraphBuilder, IReadOnlyList<Value>, IReadOnlyList<Value>>? WriteBody { get; init; }

    /// <summary>Finds a value of the model by name, for operators that name values in attributes; set by the importer.</summary>
    public Func<string, Value?>? FindValue { get; init; }

    /// <summary>Whether input <paramref name="index"/> is given.</summary>
    public bool HasInput(int index) => index < Inputs.Count && Inputs[index] is not null;

    /// <summary>A required input.</summary>
    public Value Input(int index) => HasInput(index) ? Inputs[index]! : throw Fault("VKN3101", $"input {index} is missing");

    /// <summary>Whether the attribute is given.</summary>
    public bool Has(string attribute) => _attributes.ContainsKey(attribute);

    /// <summary>A whole-number attribute.</summary>
    public long Integer(string attribute, long defaultValue) => Find<long>(attribute, out var value) ? value : defaultValue;

    /// <summary>A real attribute.</summary>
    public double Real(string attribute, double defaultValue) => Find<double>(attribute, out var value) ? value : defaultValue;

    /// <summary>A text attribute.</summary>
    public string Text(string attribute, string defaultValue) => Find<string>(attribute, out var value) ? value : defaultValue;

    /// <summary>A list of whole numbers; null when absent.</summary>
    public long[]? Integers(string attribute) => Find<long[]>(attribute, out var value) ? value : null;

    /// <summary>A list of reals; null when absent.</summary>
    public double[]? Reals(string attribute) => Find<double[]>(attribute, out var value) ? value : null;

    /// <summary>A list of texts; null when absent.</summary>
    public string[]? Texts(string attribute) => Find<string[]>(attribute, out var value) ? value : null;

    /// <summary>A tensor attribute; null when absent.</summary>
    public Tensor? TensorAttribute(string attribute) => Find<Tensor>(attribute, out var value) ? value : null;

    /// <summary>An attribute that names an element type by ONNX's number.</summary>
    /// <exception cref="VkNetException">VKN3103: tensors here cannot hold that type.</exception>
    public DataType ElementType(string attribute, DataType defaultValue)
    {
        if (!Has(attribute)) return defaultValue;
        var code = Integer(attribute, 0);
        return OnnxElementType.ToDataType(code) ?? throw Fault("VKN3103", $"attribute '{attribute}' asks for elements of {OnnxElementType.Name(code)}, which tensors here cannot hold");
    }

    /// <summary>A sub-graph attribute, opaque to the page; null when absent.</summary>
    public object? Body(string attribute) => _attributes.GetValueOrDefault(attribute);

    /// <summary>
    /// The values of an input that must be known while the model is imported (a shape, axes, a trip count).
    /// </summary>
    /// <exception cref="ValueNeededException">It depends on small inputs only, whose values can be bound.</exception>
    /// <exception cref="VkNetException">VKN2012: it depends on data.</exception>
    public Tensor Constant(int index, string what) => ConstantRequirement.Require(Input(index), $"{what} of {OperatorType} '{Name}'", Location);

    /// <summary>The values of such an input as longs; null when it is absent.</summary>
    public long[]? ConstantIntegers(int index, string what) => HasInput(index) ? ElementConversion.LoadIntegers(Constant(index, what)) : null;

    /// <summary>The values of such an input as doubles; null when it is absent.</summary>
    public double[]? ConstantReals(int index, string what) => HasInput(index) ? ElementConversion.LoadReals(Constant(index, what)) : null;

    /// <summary>The shape of an input whose sizes must all be known.</summary>
    /// <exception cref="ValueNeededException">A size depends on small inputs only, whose values can be bound.</exception>
    /// <exception cref="VkNetException">VKN2012: a size depends on data.</exception>
    public Shape KnownShape(int index)
    {
        if (Input(index).Extent is not null) ConstantRequirement.Require(Input(index), $"the size of '{Input(index).Name}', which {OperatorType} '{Name}' must know,", Location);
        return Input(index).Shape;
    }

    /// <summary>Adds an operator of one output.</summary>
    public Value Emit(string operatorName, AttributeSet attributes, params ReadOnlySpan<Value?> inputs) => EmitAll(operatorName, attributes, inputs)[0];

    /// <summary>Adds an operator of one output without attributes.</summary>
    public Value Emit(string operatorName, params ReadOnlySpan<Value?> inputs) => EmitAll(operatorName, AttributeSet.Empty, inputs)[0];

    /// <summary>Adds an operator and returns all its outputs.</summary>
    public IReadOnlyList<Value> EmitAll(string operatorName, AttributeSet attributes, params ReadOnlySpan<Value?> inputs) =>
        Builder.Add(Builder.Registry.Get(operatorName), attributes, inputs.ToArray(), Builder.Fresh(Name), Location);

    /// <summary>Refuses the node with a VKN3 diagnostic that names it.</summary>
    [DoesNotReturn]
    public void Fail(string code, string message, string? help = null) => throw Fault(code, message, help);

    /// <summary>A VKN3 diagnostic that names the node, to be thrown.</summary>
    public VkNetException Fault(string code, string message, string? help = null) =>
        new(code, $"{OperatorType} '{Name}' (opset {Opset}): {message}", help, Location);

    private bool Find<T>(string attribute, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (!_attributes.TryGetValue(attribute, out var found)) return false;
        value = found is T typed ? typed : throw Fault("VKN3102", $"attribute '{attribute}' has the wrong type ({found.GetType().Name})", $"the ONNX specification wants {typeof(T).Name}");
        return true;
    }
}
