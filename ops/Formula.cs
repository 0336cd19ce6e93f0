using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators;

/// <summary>A value with arithmetic, so that gradient rules read like the formulas they come from. Every operation adds a node.</summary>
internal readonly struct Formula
{
    private readonly GraphBuilder _builder;

    private Formula(GraphBuilder builder, Value value)
    {
        _builder = builder;
        Value = value;
    }

    /// <summary>The value built.</summary>
    internal Value Value { get; }

    internal static Formula Of(GradientContext context, Value value) => new(context.Builder, value);

    internal static Formula Of(GraphBuilder builder, Value value) => new(builder, value);

    public static implicit operator Value(Formula formula) => formula.Value;

    public static Formula operator +(Formula a, Formula b) => a.Apply("add", b);

    public static Formula operator -(Formula a, Formula b) => a.Apply("sub", b);

    public static Formula operator *(Formula a, Formula b) => a.Apply("mul", b);

    public static Formula operator /(Formula a, Formula b) => a.Apply("div", b);

    public static Formula operator -(Formula a) => a.Apply("neg");

    public static Formula operator +(Formula a, double b) => a.Affine(1, b);

    public static Formula operator -(Formula a, double b) => a.Affine(1, -b);

    public static Formula operator -(double a, Formula b) => b.Affine(-1, a);

    public static Formula operator *(Formula a, double b) => a.Affine(b, 0);

    /// <summary>scale * this + shift.</summary>
    internal Formula Affine(double scale, double shift) =>
        Apply("affine", AttributeSet.Empty.With(Pointwise.Affine.Scale, scale).With(Pointwise.Affine.Shift, shift));

    /// <summary>Applies an operator with this as its first input.</summary>
    internal Formula Apply(string name, params ReadOnlySpan<Formula> others) => Apply(name, AttributeSet.Empty, others);

    /// <summary>Applies an operator with attributes and this as its first input.</summary>
    internal Formula Apply(string name, AttributeSet attributes, params ReadOnlySpan<Formula> others)
    {
        var inputs = new Value?[others.Length + 1];
        inputs[0] = Value;
        for (var i = 0; i < others.Length; i++) inputs[i + 1] = others[i].Value;
        return new Formula(_builder, _builder.Apply(name, attributes, inputs));
    }

    /// <summary>This where the condition (this formula's value, a bool) holds.</summary>
    internal Formula Choose(Formula yes, Formula no) => Apply("where", yes, no);

    /// <summary>A scalar of this value's element type.</summary>
    internal Formula Constant(double number)
    {
        var tensor = Tensor.Zeros(Value.DataType, Shape.Scalar);
        ElementConversion.StoreReals(tensor, [number]);
        return new Formula(_builder, _builder.Constant(tensor));
    }

    /// <summary>this &gt; number.</summary>
    internal Formula IsAbove(double number) => Apply("greater", Constant(number));

    /// <summary>this &lt; number.</summary>
    internal Formula IsBelow(double number) => Apply("less", Constant(number));
}
