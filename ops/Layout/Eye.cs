using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Layout;

/// <summary>A matrix with ones on a diagonal.</summary>
public sealed class Eye : Operator, ILowering, IImportable
{
    private const int GroupSize = 256;

    /// <summary>Number of rows.</summary>
    public static AttributeDefinition<long> Rows { get; } = new("rows", "Number of rows.", required: true) { Minimum = 0 };

    /// <summary>Number of columns; that of the rows when absent.</summary>
    public static AttributeDefinition<long?> Columns { get; } = new("columns", "Number of columns; that of the rows when absent.") { Minimum = 0 };

    /// <summary>Column minus row of the ones.</summary>
    public static AttributeDefinition<long> Diagonal { get; } = new("diagonal", "Column minus row of the ones.", 0);

    /// <summary>The element type.</summary>
    public static AttributeDefinition<string> Type { get; } = new("type", "The element type.", "f32") { Choices = [.. DataTypes.AllNames] };

    /// <inheritdoc/>
    public override string Name => "eye";

    /// <inheritdoc/>
    public override string Summary => "A matrix with ones on a diagonal and zeros elsewhere.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Rows, Columns, Diagonal, Type];

    /// <inheritdoc/>
    public override bool IsConstantSource => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } = [ImportRule.Single("EyeLike", 9, Import)];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample().With(Rows, 67).With(Columns, 71).With(Diagonal, 1)];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) =>
        [new TensorType(DataTypes.Parse(context.Get(Type)!)!.Value, [context.Get(Rows), context.Get(Columns) ?? context.Get(Rows)])];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (shape, diagonal) = (context.Output(0).Shape, context.Get(Diagonal));
        var values = new long[shape.ElementCount];
        for (var row = 0L; row < shape[0]; row++)
            if (diagonal >= -row && diagonal < shape[1] - row) values[row * shape[1] + row + diagonal] = 1;
        context.SetIntegers(0, values);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var output = context.Output(0);
        var count = output.Shape.ElementCount;
        if (count == 0) return;
        var diagonal = Math.Clamp(context.Get(Diagonal), -output.Shape[0], output.Shape[1]);
        var one = output.Type.DataType.IsFloat() ? BitConverter.SingleToUInt32Bits(1) : 1;
        context.Dispatch(LayoutGenerate.Variants.Baseline)
            .Parameters(new LayoutGenerate.Parameters { Count = checked((int)count), Columns = (int)output.Shape[1], Diagonal = (int)diagonal, One = one })
            .Constant(LayoutGenerate.Constants.Kind, 2)
            .Bind(LayoutGenerate.Bindings.Target, output)
            .Cost(0, output.Bytes)
            .RunLinear((count + 3) / 4, GroupSize);
    }

    private static Value Import(ImportNode node)
    {
        var like = node.Input(0).Type;
        if (like.Shape.Rank != 2) node.Fail("VKN3112", $"its input is {like}, but a matrix is needed");
        var type = node.Has("dtype") ? Pointwise.Cast.ParseType(node, node.Integer("dtype", 1)) : like.DataType;
        return node.Emit("eye", AttributeSet.Empty.With(Rows, like.Shape[0]).With(Columns, like.Shape[1]).With(Diagonal, node.Integer("k", 0)).With(Type, type.Name()));
    }
}
