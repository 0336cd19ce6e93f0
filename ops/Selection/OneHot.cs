using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>One-hot codes: along a new axis, the on value where the index stands and the off value elsewhere.</summary>
public sealed class OneHot : Operator, ILowering, IImportable, IExportable
{
    private const int GroupSize = 256;

    /// <summary>Size of the new axis.</summary>
    public static AttributeDefinition<long> Depth { get; } = new("depth", "Size of the new axis; indices run from -depth to depth - 1, others are nowhere.", required: true) { Minimum = 0 };

    /// <summary>Where the new axis stands in the result.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "Where the new axis stands in the result.", -1);

    /// <inheritdoc/>
    public override string Name => "one_hot";

    /// <inheritdoc/>
    public override string Summary => "One-hot codes: along a new axis, the on value where the index stands and the off value elsewhere.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("indices", "whole numbers, any shape"), new("values", "[2]: the off and the on value") { Optional = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Depth, Axis];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("OneHot", 9, node => node.Emit("one_hot", AttributeSet.Empty.With(Depth, node.ConstantIntegers(1, "the depth")![0]).With(Axis, node.Integer("axis", -1)), WholeNumbers.Of(node, 0), node.Input(2))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new OperatorSample(Integers(-5, 6, 3, 7)).With(Depth, 5), new OperatorSample(Integers(-5, 6, 3, 7), Reals(2)).With(Depth, 5).With(Axis, 0)];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("OneHot",
        [node.Inputs[0], node.Scalar(node.Get(Depth), DataType.Int64), node.Has(1) ? node.Inputs[1] : node.Constant(Tensor.From([0f, 1], 2))], ("axis", node.Get(Axis)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var indices = context.Input(0);
        if (!indices.DataType.IsInteger()) context.Fail("VKN2122", $"input 'indices' is {indices}, but whole numbers are needed", "insert a cast");
        if (context.Has(1) && context.ShapeOf(1) != new Shape(2)) context.Fail("VKN2180", $"the values are {context.Input(1)}, but two are needed: off and on");
        var axis = context.Axis(context.Get(Axis), indices.Shape.Rank + 1);
        return [new TensorType(context.Has(1) ? context.Input(1).DataType : DataType.Float32, new Shape([.. indices.Shape.Take(axis), context.Get(Depth), .. indices.Shape.Skip(axis)]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (shape, depth, indices) = (context.ShapeOf(0), context.Get(Depth), context.Integers(0));
        var axis = (int)(context.Get(Axis) < 0 ? context.Get(Axis) + shape.Rank + 1 : context.Get(Axis));
        var inner = shape.Product(axis, shape.Rank);
        var isOn = new bool[context.Output(0).Shape.ElementCount];
        for (var i = 0L; i < indices.Length; i++)
        {
            var code = indices[i] < 0 ? indices[i] + depth : indices[i];
            if (code >= 0 && code < depth) isOn[(i / inner * depth + code) * inner + i % inner] = true;
        }
        if (context.Output(0).DataType.IsFloat())
        {
            var values = context.Has(1) ? context.Reals(1) : [0, 1];
            context.SetReals(0, Array.ConvertAll(isOn, on => values[on ? 1 : 0]));
        }
        else
        {
            var values = context.Integers(1);
            context.SetIntegers(0, Array.ConvertAll(isOn, on => values[on ? 1 : 0]));
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (indices, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var shape = indices.Shape;
        var axis = (int)(context.Get(Axis) < 0 ? context.Get(Axis) + shape.Rank + 1 : context.Get(Axis));
        Run(context, indices, context.Has(1) ? context.Input(1) : null, output, context.Get(Depth), shape.Product(axis, shape.Rank));
    }

    /// <summary>Writes the call: codes of the given depth, their elements <paramref name="inner"/> apart.</summary>
    internal static void Run(LoweringContext context, DeviceTensor indices, DeviceTensor? values, DeviceTensor output, long depth, long inner) =>
        context.Dispatch(IndexingOneHot.Variants.Baseline)
            .Parameters(checked(new IndexingOneHot.Parameters { Count = (int)output.Shape.ElementCount, Depth = (int)depth, Inner = (int)inner }))
            .Bind(IndexingOneHot.Bindings.Indices, indices)
            .Bind(IndexingOneHot.Bindings.Values, values ?? ZeroAndOne(context))
            .Bind(IndexingOneHot.Bindings.Target, output)
            .Cost(0, 2.0 * output.Bytes)
            .RunLinear((output.Shape.ElementCount + 3) / 4, GroupSize);

    private static DeviceTensor ZeroAndOne(LoweringContext context)
    {
        var values = context.Workspace("values", TensorType.Float(2));
        context.Dispatch(LayoutGenerate.Variants.Baseline)
            .Parameters(new LayoutGenerate.Parameters { Count = 2, Columns = 1, Delta = 1 })
            .Bind(LayoutGenerate.Bindings.Target, values)
            .RunLinear(1, GroupSize);
        return values;
    }
}
