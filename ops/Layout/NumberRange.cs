using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>Numbers in equal steps: start, start + delta, ... before limit.</summary>
public sealed class NumberRange : Operator, ILowering, IImportable
{
    private const int GroupSize = 256;

    /// <summary>The first number.</summary>
    public static AttributeDefinition<double> Start { get; } = new("start", "The first number.", 0.0);

    /// <summary>The number before which they end.</summary>
    public static AttributeDefinition<double> Limit { get; } = new("limit", "The number before which they end.", required: true);

    /// <summary>The step; not zero.</summary>
    public static AttributeDefinition<double> Delta { get; } = new("delta", "The step; not zero.", 1.0);

    /// <summary>The element type.</summary>
    public static AttributeDefinition<string> Type { get; } = new("type", "The element type.", "f32") { Choices = ["f32", "f64", "i32", "i64", "i16"] };

    /// <inheritdoc/>
    public override string Name => "range";

    /// <inheritdoc/>
    public override string Summary => "Numbers in equal steps: start, start + delta, ... before limit.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Start, Limit, Delta, Type];

    /// <inheritdoc/>
    public override bool IsConstantSource => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("Range", 11, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample().With(Start, -3).With(Limit, 2600).With(Delta, 0.5), new OperatorSample().With(Start, 9000).With(Limit, -2).With(Delta, -2).With(Type, "i32")];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (start, limit, delta) = (context.Get(Start), context.Get(Limit), context.Get(Delta));
        var count = Math.Ceiling((limit - start) / delta);
        if (delta == 0 || double.IsNaN(count) || count > int.MaxValue) context.Fail("VKN2128", $"from {start} to {limit} in steps of {delta} there is no end", "the step must be finite and not zero");
        return [new TensorType(DataTypes.Parse(context.Get(Type)!)!.Value, [(long)Math.Max(0, count)])];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (start, delta) = (context.Get(Start), context.Get(Delta));
        var values = new double[context.Output(0).Shape.ElementCount];
        for (var i = 0; i < values.Length; i++) values[i] = start + i * delta;
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var output = context.Output(0);
        var count = output.Shape.ElementCount;
        if (count == 0) return;
        var (start, delta) = (context.Get(Start), context.Get(Delta));
        context.Dispatch(LayoutGenerate.Variants.Baseline)
            .Parameters(new LayoutGenerate.Parameters { Count = (int)count, Columns = 1, Start = (float)start, Delta = (float)delta, WholeStart = (int)start, WholeDelta = (int)delta })
            .Constant(LayoutGenerate.Constants.Kind, output.Type.DataType.IsFloat() ? 0 : 1)
            .Bind(LayoutGenerate.Bindings.Target, output)
            .Cost(count, output.Bytes)
            .RunLinear((count + 3) / 4, GroupSize);
    }

    private static Value Import(ImportNode node)
    {
        var attributes = AttributeSet.Empty.With(Start, node.ConstantReals(0, "the start")![0]).With(Limit, node.ConstantReals(1, "the limit")![0]).With(Delta, node.ConstantReals(2, "the step")![0]);
        return node.Emit("range", attributes.With(Type, node.Input(0).DataType.Name()));
    }
}
