using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.RandomNumbers;

/// <summary>
/// A tensor of random numbers: uniform in [low, high), normal, or whole numbers from low to high - 1. Its shape is an attribute, or that
/// of an input (the <c>_like</c> forms). Uniform and whole numbers are equal to the bit on the host and on every device; normal ones are
/// within 4 ulp of the exact function of the random words.
/// </summary>
public sealed class RandomFill : RandomOperator, IImportable
{
    private readonly RandomKind _kind;
    private readonly bool _like;

    /// <summary>Makes the operator.</summary>
    /// <param name="kind">Which numbers.</param>
    /// <param name="like">Whether the shape is that of an input.</param>
    public RandomFill(RandomKind kind, bool like)
    {
        (_kind, _like) = (kind, like);
        Inputs = like ? [new("input", "any shape; only its shape is used"), CounterOperand] : [CounterOperand];
        IEnumerable<AttributeDefinition> numbers = kind switch
        {
            RandomKind.Uniform => [Low, High],
            RandomKind.Normal => [Mean, Scale],
            _ => [WholeLow, WholeHigh],
        };
        Attributes = [.. like ? [] : new AttributeDefinition[] { Shape }, .. numbers, Seed, Stream, TypeOf];
        ImportRules = kind == RandomKind.Integer ? [] : [ImportRule.Single($"Random{kind}{(like ? "Like" : "")}", 1, Import)];
    }

    /// <summary>The shape.</summary>
    public static AttributeDefinition<long[]> Shape { get; } = new("shape", "The shape.", required: true) { Minimum = 0 };

    /// <summary>The least number.</summary>
    public static AttributeDefinition<double> Low { get; } = new("low", "The least number.", 0.0);

    /// <summary>All numbers are below it.</summary>
    public static AttributeDefinition<double> High { get; } = new("high", "All numbers are below it.", 1.0);

    /// <summary>The mean.</summary>
    public static AttributeDefinition<double> Mean { get; } = new("mean", "The mean.", 0.0);

    /// <summary>The standard deviation.</summary>
    public static AttributeDefinition<double> Scale { get; } = new("scale", "The standard deviation.", 1.0);

    /// <summary>The least whole number.</summary>
    public static AttributeDefinition<long> WholeLow { get; } = new("low", "The least number.", 0);

    /// <summary>All whole numbers are below it.</summary>
    public static AttributeDefinition<long> WholeHigh { get; } = new("high", "All numbers are below it; at most 2^32 - 1 above the least.", required: true);

    private static AttributeDefinition<string> RealType { get; } = new("type", "The element type.", "f32") { Choices = ["f32", "f64"] };

    private static AttributeDefinition<string> WholeType { get; } = new("type", "The element type.", "i32") { Choices = ["i32", "i64"] };

    /// <inheritdoc/>
    public override string Name => $"random_{(_kind == RandomKind.Integer ? "integer" : _kind == RandomKind.Normal ? "normal" : "uniform")}{(_like ? "_like" : "")}";

    /// <inheritdoc/>
    public override string Summary => _kind switch
    {
        RandomKind.Uniform => "Random numbers spread evenly over [low, high)",
        RandomKind.Normal => "Random numbers with the normal distribution of a mean and a standard deviation",
        _ => "Random whole numbers from low to high - 1",
    } + (_like ? ", as many as the input has elements (Philox4x32-10)." : " (Philox4x32-10).");

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples
    {
        get
        {
            var sample = _like ? new OperatorSample(Reals(3, 87), Integers(-9, 9)) : new OperatorSample(Integers(-9, 9)).With(Shape, [3, 87]);
            if (_kind == RandomKind.Integer) sample = sample.With(WholeLow, -5).With(WholeHigh, 1000);
            return [sample.With(Seed, 7).With(Stream, 9)];
        }
    }

    private protected override int CounterInput => _like ? 1 : 0;

    private AttributeDefinition<string> TypeOf => _kind == RandomKind.Integer ? WholeType : RealType;

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        CheckCounter(context);
        if (_kind == RandomKind.Uniform && !(context.Get(Low) <= context.Get(High))) context.Fail("VKN2701", $"there is no number from {context.Get(Low)} to {context.Get(High)}", "'low' must not be above 'high'");
        if (_kind == RandomKind.Normal && !(context.Get(Scale) >= 0)) context.Fail("VKN2701", $"the standard deviation is {context.Get(Scale)}", "it must not be negative");
        if (_kind == RandomKind.Integer)
        {
            var (low, high) = (context.Get(WholeLow), context.Get(WholeHigh));
            if (low >= high || high - low > uint.MaxValue || low < int.MinValue || high - 1 > int.MaxValue) context.Fail("VKN2701", $"there is no i32 from {low} to below {high}", "'low' must be below 'high', both within i32");
        }
        return [new TensorType(DataTypes.Parse(context.Get(TypeOf)!)!.Value, _like ? context.ShapeOf(0) : new Shape(context.Get(Shape)!))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var random = StreamOf(context);
        if (_kind == RandomKind.Integer)
        {
            var (low, range) = (context.Get(WholeLow), (ulong)(context.Get(WholeHigh) - context.Get(WholeLow)));
            var whole = new long[context.Output(0).Shape.ElementCount];
            for (var i = 0; i < whole.Length; i++) whole[i] = low + (long)(random.Word(i) * range >> 32);
            context.SetIntegers(0, whole);
            return;
        }
        var values = new double[context.Output(0).Shape.ElementCount];
        if (_kind == RandomKind.Normal)
        {
            var (mean, scale) = (context.Get(Mean), context.Get(Scale));
            for (var i = 0; i < values.Length; i++) values[i] = mean + scale * random.Normal(i);
        }
        else
        {
            var (low, span, largest) = UniformNumbers(context.Get(Low), context.Get(High));
            for (var i = 0; i < values.Length; i++) values[i] = Math.Min(span * random.Uniform(i) + low, largest);
        }
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var output = context.Output(0);
        var count = output.Shape.ElementCount;
        if (count == 0) return;
        var parameters = new RandomGenerate.Parameters { Count = checked((int)count) };
        DeviceSeed(context).CopyTo(parameters.Random);
        switch (_kind)
        {
            case RandomKind.Uniform: (parameters.Low, parameters.Span, parameters.Largest) = UniformNumbers(context.Get(Low), context.Get(High)); break;
            case RandomKind.Normal: (parameters.Low, parameters.Span) = ((float)context.Get(Mean), (float)context.Get(Scale)); break;
            default: (parameters.WholeLow, parameters.Range) = ((int)context.Get(WholeLow), (uint)(context.Get(WholeHigh) - context.Get(WholeLow))); break;
        }
        context.Dispatch(context.Choose(RandomGenerate.Family.Variants))
            .Parameters(parameters)
            .Constant(RandomGenerate.Constants.Kind, (long)_kind)
            .Bind(RandomGenerate.Bindings.Counter, DeviceCounter(context))
            .Bind(RandomGenerate.Bindings.Target, output)
            .Cost((_kind == RandomKind.Normal ? 85.0 : 25.0) * count, output.Bytes)
            .RunLinear((count + 3) / 4, GroupSize);
    }

    // Single precision throughout, as the kernel computes.
    private static (float Low, float Span, float Largest) UniformNumbers(double low, double high)
    {
        var (first, last) = ((float)low, (float)high);
        return (first, last - first, last > first ? MathF.BitDecrement(last) : first);
    }

    private Value Import(ImportNode node)
    {
        var type = node.ElementType("dtype", _like ? node.Input(0).DataType : DataType.Float32);
        if (!type.IsFloat()) node.Fail("VKN3401", $"it asks for elements of {type.Name()}, but these numbers are reals");
        var attributes = ImportedSeed(node);
        attributes = _kind == RandomKind.Normal
            ? attributes.With(Mean, node.Real("mean", 0)).With(Scale, node.Real("scale", 1))
            : attributes.With(Low, node.Real("low", 0)).With(High, node.Real("high", 1));
        if (!_like) attributes = attributes.With(Shape, node.Integers("shape") ?? throw node.Fault("VKN3402", "its attribute 'shape' is missing"));
        var counter = CounterOf(node.Builder);
        var numbers = _like ? node.Emit(Name, attributes, node.Input(0), counter) : node.Emit(Name, attributes, counter);
        return type == DataType.Float32 ? numbers : node.Emit("cast", AttributeSet.Empty.With(Cast.To, type.Name()), numbers);
    }
}
