using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Pointwise;

/// <summary>
/// Conversion of element types. Reals become whole numbers by cutting toward zero, saturating; whole numbers wrap to narrower ones; anything
/// but zero is true.
/// </summary>
public sealed class Cast() : PointwiseOperator("cast", "The same numbers as another element type.", PointwiseOpcode.LogicalOr, ElementFamilies.Any, null, 1, [new OperandDefinition("input", "any shape")])
{
    /// <summary>The new element type.</summary>
    public static AttributeDefinition<string> To { get; } = new("to", "The new element type.", required: true) { Choices = [.. DataTypes.AllNames] };

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [To];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Cast", 6, node => Emit(node, ParseType(node, node.Integer("to", 0)))),
        ImportRule.Single("Cast", 1, node => Emit(node, ParseType(node, node.Text("to", "")))) with { UntilVersion = 5 },
        ImportRule.Single("CastLike", 15, node => Emit(node, node.Input(1).DataType)),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        .. Targets(Reals(3, 5, 7), "i32", "bool", "f16"),
        .. Targets(Integers(-9, 9, 3, 5, 7), "f32", "bool", "i64"),
        .. Targets(Truths(3, 5, 7), "f32", "i32"),
    ];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context) => context.Set(0, context.Input(0).Cast(context.Output(0).DataType));

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var type = context.Input(0).DataType;
        return [type.IsFloat() && context.Output(0).DataType.IsFloat() ? context.Builder.Apply("cast", AttributeSet.Empty.With(To, type.Name()), context.Upstream) : null];
    }

    /// <inheritdoc/>
    public override PointwiseStep? ToStep(Node node) => WrapOf(node) != 0 || ChangesFamily(node) ? null : OwnStep(node) ?? new PointwiseStep((int)PointwiseOpcode.Copy, 0);

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        var (from, to) = (context.Input(0).Type.DataType, ResultOf(context.Node));
        if (context.Epilogue is null && OwnStep(context.Node) is null && WrapOf(context.Node) == 0 && from.IsFloat() == to.IsFloat()) context.Alias(0, context.Input(0));
        else base.Lower(context);
    }

    /// <inheritdoc/>
    public override void Export(ExportNode node) => node.Result("Cast", node.Inputs, ("to", OnnxElementType.FromDataType(ResultOf(node.Node))));

    private protected override double Compute(ReadOnlySpan<double> x, AttributeSet attributes) => x[0];

    private protected override DataType ResultType(DataType input, AttributeSet attributes) => DataTypes.Parse(attributes.Get(To)!)!.Value;

    // Most conversions are those of loading and storing alone.
    private protected override PointwiseStep? OwnStep(Node node)
    {
        var (from, to) = (node.Inputs[0]!.DataType, ResultOf(node));
        if (to == DataType.Bool && from != DataType.Bool) return new PointwiseStep((int)PointwiseOpcode.LogicalOr, 0);
        if (!from.IsFloat()) return null;
        return to switch
        {
            DataType.Int8 => Limit(sbyte.MinValue, sbyte.MaxValue),
            DataType.UInt8 => Limit(0, byte.MaxValue),
            DataType.Int16 => Limit(short.MinValue, short.MaxValue),
            DataType.UInt16 => Limit(0, ushort.MaxValue),
            DataType.UInt32 or DataType.UInt64 => Limit(0, int.MaxValue),
            _ => null,
        };

        static PointwiseStep Limit(float low, float high) => new((int)PointwiseOpcode.Clip, 0, Alpha: low, Beta: high);
    }

    // Reals saturate instead of wrapping.
    private protected override int WrapOf(Node node) => node.Inputs[0]!.DataType.IsFloat() || node.Inputs[0]!.DataType == DataType.Bool ? 0 : base.WrapOf(node);

    /// <summary>The type that ONNX means by a number; refuses what tensors here cannot hold.</summary>
    internal static DataType ParseType(ImportNode node, long code)
    {
        if (OnnxElementType.ToDataType(code) is { } type) return type;
        node.Fail("VKN3010", $"element type {OnnxElementType.Name(code)} is not supported", $"supported are {string.Join(", ", DataTypes.AllNames)}");
        return default;
    }

    // Opsets before 6 wrote the type's name in capitals.
    private static DataType ParseType(ImportNode node, string name)
    {
        for (var code = 1L; code <= 16; code++)
            if (string.Equals(OnnxElementType.Name(code), name, StringComparison.OrdinalIgnoreCase)) return ParseType(node, code);
        node.Fail("VKN3010", $"element type '{name}' is not supported", $"supported are {string.Join(", ", DataTypes.AllNames)}");
        return default;
    }

    private static Value Emit(ImportNode node, DataType type) =>
        node.Emit("cast", AttributeSet.Empty.With(To, type.Name()), node.Input(0));

    private static IEnumerable<OperatorSample> Targets(SampleInput input, params string[] types) => types.Select(type => new OperatorSample(input).With(To, type));
}
