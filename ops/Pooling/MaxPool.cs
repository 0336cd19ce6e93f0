using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Import;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>
/// The largest element of every window. Padding never wins; a NaN wins over everything. With <c>indices</c> a second output tells where each
/// maximum was found, as a number within the whole input; of equal elements the first counts.
/// </summary>
public sealed class MaxPool : PoolOperator, IImportable, IExportable
{
    /// <summary>Makes the operator for a number of spatial axes.</summary>
    /// <param name="axes">1, 2 or 3.</param>
    public MaxPool(int axes)
        : base("max_pool", axes) => ImportRules = axes == 2 ? [new ImportRule("MaxPool", 1, Import)] : [];

    /// <summary>Whether the places of the maxima are wanted.</summary>
    public static AttributeDefinition<bool> WithIndices { get; } = new("indices", "Whether a second output tells where each maximum was found, as a number within the whole input.", false);

    /// <summary>Whether places count column by column.</summary>
    public static AttributeDefinition<bool> ColumnMajor { get; } = new("column_major", "Whether the places count with the first spatial axis fastest instead of the last.", false);

    /// <inheritdoc/>
    public override string Summary => "The largest element of every window.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["output", "indices"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } =
        [WindowAttributes.Kernel, WindowAttributes.Stride, WindowAttributes.Padding, WindowAttributes.AutoPadding, WindowAttributes.Dilation, PoolAttributes.CeilMode, WithIndices, ColumnMajor];

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Planes).With(WindowAttributes.Kernel, [2]).With(WindowAttributes.Stride, [2]),
        new OperatorSample(Planes).With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Stride, [2]).With(WindowAttributes.Padding, [1]).With(PoolAttributes.CeilMode, true).With(WithIndices, true),
        new OperatorSample(Planes).With(WindowAttributes.Kernel, [3]).With(WindowAttributes.Dilation, [2]).With(WithIndices, true).With(ColumnMajor, true),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("MaxPool", node.Inputs, [.. PoolImport.ToOnnx(node, Axes), ("storage_order", node.Get(ColumnMajor))]);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = InferWindows(context);
        return context.Get(WithIndices) ? [type, new TensorType(DataType.Int64, type.Shape)] : [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var geometry = PoolGeometry.Of(context.Attributes, Axes, context.ShapeOf(0), context.Output(0).Shape);
        var input = context.Reals(0);
        var (result, indices) = (new double[context.Output(0).Shape.ElementCount], new long[context.Output(0).Shape.ElementCount]);
        geometry.ForEachWindow((window, covered) =>
        {
            for (var plane = 0; plane < geometry.Planes; plane++)
            {
                var (from, to) = (plane * geometry.InputPlane, plane * geometry.OutputPlane + window);
                (result[to], indices[to]) = (double.NegativeInfinity, -1);
                foreach (var i in covered)
                {
                    var value = input[from + i];
                    if (indices[to] >= 0 && (double.IsNaN(result[to]) || !(value > result[to] || double.IsNaN(value)))) continue;
                    (result[to], indices[to]) = (value, from + (context.Get(ColumnMajor) ? Transposed(geometry, i) : i));
                }
            }
        });
        context.SetReals(0, result);
        if (context.OutputCount > 1) context.SetIntegers(1, indices);
    }

    /// <inheritdoc/>
    public override bool StoresDense(Node node) => PoolKernels.CanStoreDense(GeometryOf(node), PoolingKind.Maximum);

    /// <inheritdoc/>
    public override void Lower(LoweringContext context)
    {
        var geometry = GeometryOf(context.Node);
        if (context.Node.Outputs.Count > 1) PoolKernels.MaximaWithIndices(context, geometry, context.Get(ColumnMajor));
        else PoolKernels.Window(context, geometry, PoolingKind.Maximum);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context) => [Gradient(context, "maximum", context.Upstream)];

    private static long Transposed(PoolGeometry geometry, long i)
    {
        var (d, h, w) = (i / (geometry.Input[1] * geometry.Input[2]), i / geometry.Input[2] % geometry.Input[1], i % geometry.Input[2]);
        return (w * geometry.Input[1] + h) * geometry.Input[0] + d;
    }

    private static IReadOnlyList<Value> Import(ImportNode node)
    {
        var axes = PoolImport.Axes(node);
        var wantsIndices = node.OutputNames.Count > 1 && node.OutputNames[1].Length > 0;
        var attributes = PoolImport.Attributes(node, axes).With(WithIndices, wantsIndices).With(ColumnMajor, node.Integer("storage_order", 0) != 0);
        return PoolImport.OnReals(node, x => node.EmitAll($"max_pool{axes}d", attributes, x));
    }
}
