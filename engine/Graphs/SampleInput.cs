using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>One input of an <see cref="OperatorSample"/>: its type, and how its elements are made, the same ones every time.</summary>
public sealed class SampleInput
{
    private readonly Func<PhiloxRandom, double> _next;
    private readonly Tensor? _given;

    private SampleInput(TensorType type, Func<PhiloxRandom, double> next)
    {
        Type = type;
        _next = next;
    }

    private SampleInput(Tensor given)
        : this(given.Type, _ => 0) => _given = given;

    /// <summary>Element type and shape.</summary>
    public TensorType Type { get; }

    /// <summary>Reals from -2 to 2.</summary>
    public static SampleInput Reals(params ReadOnlySpan<long> sizes) => RealsWithin(-2, 2, sizes);

    /// <summary>Reals in [low, high).</summary>
    public static SampleInput RealsWithin(double low, double high, params ReadOnlySpan<long> sizes) =>
        new(TensorType.Float(sizes), random => low + (high - low) * random.NextUniform());

    /// <summary>32-bit whole numbers from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public static SampleInput Integers(int low, int high, params ReadOnlySpan<long> sizes) => IntegersOf(DataType.Int32, low, high, sizes);

    /// <summary>Whole numbers of a type from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public static SampleInput IntegersOf(DataType type, int low, int high, params ReadOnlySpan<long> sizes) =>
        new(new TensorType(type, new Shape(sizes)), random => low + random.NextInteger(high - low + 1));

    /// <summary>Truth values.</summary>
    public static SampleInput Truths(params ReadOnlySpan<long> sizes) => new(new TensorType(DataType.Bool, new Shape(sizes)), random => random.NextInteger(2));

    /// <summary>The elements of a tensor.</summary>
    public static SampleInput Of(Tensor tensor) => new(tensor);

    /// <summary>The same kind of elements where every axis of one size has another; a tensor given as such stays as it is.</summary>
    internal SampleInput WithSize(long from, long to) =>
        _given is not null ? this : new(Type with { Shape = new Shape([.. Type.Shape.Select(s => s == from ? to : s)]) }, _next);

    /// <summary>The tensor.</summary>
    /// <param name="position">Position among the inputs, so that equal declarations differ.</param>
    public Tensor Create(int position)
    {
        if (_given is not null) return _given;
        var random = new PhiloxRandom(1, (ulong)position);
        var tensor = Tensor.Zeros(Type);
        var values = new double[tensor.Count];
        for (var i = 0; i < values.Length; i++) values[i] = _next(random);
        ElementConversion.StoreReals(tensor, values);
        return tensor;
    }

    /// <inheritdoc/>
    public override string ToString() => Type.ToString();
}
