using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Selection;

/// <summary>Running sums or products along an axis.</summary>
public sealed class Cumulative : Operator, ILowering, IImportable, IExportable
{
    private const int GroupSize = 64;

    // With so many columns each is gone through by one invocation; fewer and longer ones by a workgroup.
    private const long ManyColumns = 512;
    private const long LongColumn = 64;

    private readonly bool _product;

    /// <summary>Makes the operator.</summary>
    /// <param name="product">True for products.</param>
    public Cumulative(bool product)
    {
        _product = product;
        ImportRules = product ? [ImportRule.Single("CumProd", 26, Import)] : [ImportRule.Single("CumSum", 11, Import)];
    }

    /// <summary>Along which axis.</summary>
    public static AttributeDefinition<long> Axis { get; } = new("axis", "The axis, a negative one counted from the end.", -1);

    /// <summary>Whether an element's own value is left out.</summary>
    public static AttributeDefinition<bool> Exclusive { get; } = new("exclusive", "Whether an element's own value is left out of its result.", false);

    /// <summary>Whether to begin at the end.</summary>
    public static AttributeDefinition<bool> Reverse { get; } = new("reverse", "Whether to begin at the end of the axis.", false);

    /// <inheritdoc/>
    public override string Name => _product ? "cumprod" : "cumsum";

    /// <inheritdoc/>
    public override string Summary => _product ? "Running products along an axis." : "Running sums along an axis.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "numbers, any shape with an axis")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Axis, Exclusive, Reverse];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(RealsWithin(0.5, 1.5, 3, 67)), new OperatorSample(RealsWithin(0.5, 1.5, 3, 67, 8)).With(Axis, 1).With(Exclusive, true), new OperatorSample(RealsWithin(0.99, 1.01, 2, 1031, 3)).With(Axis, 1).With(Reverse, true), new(Integers(-3, 3, 5, 300)),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node)
    {
        if (_product) node.Refuse("CumProd came with opset 26");
        node.Result("CumSum", [node.Inputs[0], node.Scalar(node.Get(Axis), DataType.Int64)], ("exclusive", node.Get(Exclusive)), ("reverse", node.Get(Reverse)));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0);
        IndexRules.Axis(context, type.Shape, context.Get(Axis));
        if (type.DataType == DataType.Bool) context.Fail("VKN2268", $"input is {type}, of which nothing can be {(_product ? "multiplied" : "added")} up", "insert a cast");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var rows = AxisRows.Of(context.ShapeOf(0), context.Get(Axis));
        if (context.Input(0).DataType.IsFloat())
        {
            var values = context.Reals(0);
            Run(values, _product ? 1.0 : 0.0, (a, b) => _product ? a * b : a + b);
            context.SetReals(0, values);
        }
        else
        {
            var values = context.Integers(0);
            Run(values, _product ? 1L : 0L, (a, b) => unchecked(_product ? a * b : a + b));
            context.SetIntegers(0, values);
        }

        void Run<T>(T[] values, T start, Func<T, T, T> join)
        {
            for (var row = 0L; row < rows.Count; row++)
            {
                var total = start;
                for (var n = 0L; n < rows.Extent; n++)
                {
                    ref var value = ref values[rows.Place(row, context.Get(Reverse) ? rows.Extent - 1 - n : n)];
                    var next = join(total, value);
                    value = context.Get(Exclusive) ? total : next;
                    total = next;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var rows = AxisRows.Of(input.Shape, context.Get(Axis));
        var wide = rows.Count < ManyColumns && rows.Extent >= LongColumn;
        var vectors = !wide && rows.Inner % 4 == 0;
        var items = vectors ? rows.Count / 4 : rows.Count;
        var whole = !input.Type.DataType.IsFloat();
        context.Dispatch(context.Choose(IndexingCumulate.Family.Variants.Where(v => v.Variant == "whole" == whole), input))
            .Parameters(checked(new IndexingCumulate.Parameters { Items = (int)items, Extent = (int)rows.Extent, Inner = (int)(vectors ? rows.Inner / 4 : rows.Inner) }))
            .Constant(IndexingCumulate.Constants.Vectors, vectors ? 1 : 0)
            .Constant(IndexingCumulate.Constants.Wide, wide ? 1 : 0)
            .Constant(IndexingCumulate.Constants.Product, _product ? 1 : 0)
            .Constant(IndexingCumulate.Constants.Exclusive, context.Get(Exclusive) ? 1 : 0)
            .Constant(IndexingCumulate.Constants.Reverse, context.Get(Reverse) ? 1 : 0)
            .Bind(IndexingCumulate.Bindings.Source, input)
            .Bind(IndexingCumulate.Bindings.Target, output)
            .Cost(output.Shape.ElementCount, input.Bytes + output.Bytes)
            .RunLinear(wide ? items * GroupSize : items, GroupSize);
    }

    /// <inheritdoc/>
    /// <remarks>That of a product divides by the elements, and so does not hold where one is zero.</remarks>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var attributes = context.Node.Attributes;
        var turned = attributes.With(Reverse, !context.Node.Get(Reverse));
        if (!_product) return [context.Builder.Apply("cumsum", turned, context.Upstream)];
        var (x, y, g) = (Formula.Of(context, context.Input(0)), Formula.Of(context, context.Output(0)), Formula.Of(context, context.Upstream));
        return [(g * y).Apply("cumsum", turned) / x];
    }

    private Value Import(ImportNode node) => node.Emit(Name, AttributeSet.Empty
        .With(Axis, node.ConstantIntegers(1, "the axis")![0])
        .With(Exclusive, node.Integer("exclusive", 0) != 0)
        .With(Reverse, node.Integer("reverse", 0) != 0), node.Input(0));
}
