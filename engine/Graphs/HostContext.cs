using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// What an operator's host evaluator sees. Reals come and go as double and whole numbers as long, whatever the stored type, and are
/// rounded once when stored: the evaluator is the reference that device results are compared with, and carries gradient checks in double.
/// </summary>
public sealed class HostContext
{
    private readonly IReadOnlyList<Tensor?> _inputs;
    private readonly IReadOnlyList<TensorType> _outputTypes;
    private readonly Tensor?[] _outputs;

    internal HostContext(AttributeSet attributes, IReadOnlyList<Tensor?> inputs, IReadOnlyList<TensorType> outputTypes)
    {
        Attributes = attributes;
        _inputs = inputs;
        _outputTypes = outputTypes;
        _outputs = new Tensor?[outputTypes.Count];
    }

    /// <summary>The node's attributes.</summary>
    public AttributeSet Attributes { get; }

    /// <summary>Number of inputs given, absent optional ones in between included.</summary>
    public int InputCount => _inputs.Count;

    /// <summary>Number of outputs.</summary>
    public int OutputCount => _outputTypes.Count;

    /// <summary>Reads an attribute, or its default.</summary>
    public T Get<T>(AttributeDefinition<T> definition) => Attributes.Get(definition);

    /// <summary>Whether input <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < _inputs.Count && _inputs[index] is not null;

    /// <summary>A given input.</summary>
    public Tensor Input(int index) => _inputs[index]!;

    /// <summary>Shape of a given input.</summary>
    public Shape ShapeOf(int index) => _inputs[index]!.Shape;

    /// <summary>A fresh copy of an input's values as doubles.</summary>
    public double[] Reals(int index) => ElementConversion.LoadReals(_inputs[index]!);

    /// <summary>A fresh copy of an input's values as longs.</summary>
    public long[] Integers(int index) => ElementConversion.LoadIntegers(_inputs[index]!);

    /// <summary>Type of output <paramref name="index"/>, as the shape rule gave it.</summary>
    public TensorType Output(int index) => _outputTypes[index];

    /// <summary>Stores an output from doubles, rounding once.</summary>
    public void SetReals(int index, ReadOnlySpan<double> values)
    {
        var tensor = Tensor.Zeros(_outputTypes[index]);
        ElementConversion.StoreReals(tensor, values);
        _outputs[index] = tensor;
    }

    /// <summary>Stores an output from longs, wrapping to narrower types.</summary>
    public void SetIntegers(int index, ReadOnlySpan<long> values)
    {
        var tensor = Tensor.Zeros(_outputTypes[index]);
        ElementConversion.StoreIntegers(tensor, values);
        _outputs[index] = tensor;
    }

    /// <summary>Stores an output as it is.</summary>
    public void Set(int index, Tensor tensor) => _outputs[index] = tensor;

    /// <summary>
    /// Stores an output of any element type by moving elements: element i of the output is element <paramref name="source"/>[i] of input
    /// <paramref name="input"/>, or the output's zero where that is negative.
    /// </summary>
    public void Move(int index, int input, ReadOnlySpan<long> source) => _outputs[index] = ElementMove.Gather(_inputs[input]!, _outputTypes[index], source);

    internal IReadOnlyList<Tensor> Results() =>
        [.. _outputs.Select((o, i) => o ?? throw new InvalidOperationException($"the host evaluator left output {i} unset"))];
}
