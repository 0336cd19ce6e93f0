using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Reduction;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>Softmax along one axis, or its logarithm. The row's largest element is subtracted first, so that nothing overflows.</summary>
public sealed class Softmax : Operator, ILowering, IImportable, IExportable
{
    // Rows at least this long are shared by many workgroups where there are few of them.
    private const long LongRow = 32768;
    private const long ManyUnits = 256;
    private const long MostChunks = 1024;
    private const int GroupSize = 64;

    // How many steps a lane may hold in registers; few different numbers, since each makes another pipeline.
    private static readonly long[] KeptSteps = [1, 2, 3, 4, 6, 8, 12, 16];

    private readonly bool _logarithmic;

    /// <summary>Makes the operator.</summary>
    /// <param name="logarithmic">True for the logarithm of the softmax.</param>
    public Softmax(bool logarithmic)
    {
        _logarithmic = logarithmic;
        ImportRules = SoftmaxAxis.Rules(logarithmic ? "LogSoftmax" : "Softmax", Name);
    }

    /// <summary>The axis of the classes.</summary>
    public static AttributeDefinition<long> Axis => SoftmaxAxis.Axis;

    /// <inheritdoc/>
    public override string Name => _logarithmic ? "log_softmax" : "softmax";

    /// <inheritdoc/>
    public override string Summary => _logarithmic
        ? "The logarithm of the softmax along an axis: y[i] = x[i] - log(sum over j of e^x[j])."
        : "Softmax along an axis: y[i] = e^x[i] / sum over j of e^x[j].";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape with an axis")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [SoftmaxAxis.Axis];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(7, 10)), new(Reals(3, 129)), new(Reals(2, 40004)),
        new OperatorSample(Reals(2, 5, 3)).With(Axis, 1), new OperatorSample(Reals(2, 21, 8)).With(Axis, 1), new OperatorSample(Reals(40001, 2)).With(Axis, 0),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result(_logarithmic ? "LogSoftmax" : "Softmax", node.Inputs, ("axis", node.Get(Axis)));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [SoftmaxAxis.Infer(context)];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var rows = AxisRows.Of(context.ShapeOf(0), context.Get(Axis));
        var values = context.Reals(0);
        for (var row = 0L; row < rows.Count; row++)
        {
            var (largest, total) = HostClasses.LogSum(values, rows, row);
            for (var i = 0L; i < rows.Extent; i++)
            {
                ref var value = ref values[rows.Place(row, i)];
                value = _logarithmic ? value - largest - Math.Log(total) : Math.Exp(value - largest) / total;
            }
        }
        context.SetReals(0, values);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(5.0 * node.Outputs[0].Shape.ElementCount, base.Cost(node).Bytes);

    /// <inheritdoc/>
    public bool AcceptsPrologue(Node node) => true;

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        Run(context, AxisRows.Of(input.Shape, context.Get(Axis)), input, output, _logarithmic, context.Prologue);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (y, g) = (Formula.Of(context, context.Output(0)), Formula.Of(context, context.Upstream));
        var rows = AxisRows.Of(context.Output(0).Shape, context.Node.Get(Axis));
        if (!IsLong(rows)) return [context.Builder.Apply($"{Name}_gradient", context.Node.Attributes, y, g)];
        // Few and long rows: reductions share each of them among workgroups.
        var total = Total(_logarithmic ? g : g * y, context.Node.Get(Axis));
        return [_logarithmic ? g - y.Apply("exp") * total : y * (g - total)];
    }

    /// <summary>The sum along an axis, which stays with size 1.</summary>
    internal static Formula Total(Formula x, long axis) =>
        x.Apply("reduce_sum", AttributeSet.Empty.With(ReductionOperator.Axes, [axis]).With(ReductionOperator.KeepDimensions, true));

    /// <summary>Writes the calls of a softmax.</summary>
    internal static void Run(LoweringContext context, AxisRows rows, DeviceTensor input, DeviceTensor output, bool logarithmic, PointwiseProgram? prologue = null)
    {
        var operands = PrologueOperands.Of(context, prologue, input);
        var kernel = context.Choose(LossSoftmax.Family.Variants, input);
        var (vector, aligned, lanes, units) = rows.Arrange(kernel);
        long chunks = 1, length = rows.Extent;
        DeviceTensor? parts = null;
        if (IsLong(rows))
        {
            length = Math.Max(vector == 1 ? 16384 : 2048, (rows.Extent + MostChunks - 1) / MostChunks + 3) / 4 * 4;
            chunks = (rows.Extent + length - 1) / length;
            parts = context.Workspace("parts", TensorType.Float(2 * rows.Count * chunks));
            var partsKernel = context.Choose(LossSoftmaxParts.Family.Variants, input);
            var partLanes = RowLanes.Of(partsKernel, length / (vector == 1 ? 4 : 1), units * chunks);
            lanes = RowLanes.Of(kernel, length / (vector == 1 ? 4 : 1), units * chunks);
            context.Dispatch(partsKernel)
                .Parameters(checked(new LossSoftmaxParts.Parameters { Units = (int)(units * chunks), Extent = (int)rows.Extent, Inner = (int)rows.Inner, Chunks = (int)chunks, ChunkLength = (int)length }))
                .Constant(LossSoftmaxParts.Constants.Vector, vector)
                .Constant(LossSoftmaxParts.Constants.AlignedRows, aligned)
                .Constant(LossSoftmaxParts.Constants.Lanes, partLanes)
                .Bind(LossSoftmaxParts.Bindings.Source, input)
                .Bind(LossSoftmaxParts.Bindings.Parts, parts)
                .Constant(LossSoftmaxParts.Constants.Aligned, vector == 0 ? 0 : 1)
                .Epilogue(prologue, operands)
                .Cost(3.0 * input.Shape.ElementCount, input.Bytes)
                .RunLinear(units * chunks * partLanes, GroupSize);
        }
        context.Dispatch(kernel)
            .Parameters(checked(new LossSoftmax.Parameters { Units = (int)(units * chunks), Extent = (int)rows.Extent, Inner = (int)rows.Inner, Chunks = (int)chunks, ChunkLength = (int)length }))
            .Constant(LossSoftmax.Constants.Vector, vector)
            .Constant(LossSoftmax.Constants.AlignedRows, aligned)
            .Constant(LossSoftmax.Constants.Lanes, lanes)
            .Constant(LossSoftmax.Constants.Logarithm, logarithmic ? 1 : 0)
            .Constant(LossSoftmax.Constants.Parts, parts is null ? 0 : 1)
            .Constant(LossSoftmax.Constants.Kept, parts is null ? Kept(kernel, rows, lanes) : 0)
            .Bind(LossSoftmax.Bindings.Source, input)
            .Bind(LossSoftmax.Bindings.Parts, parts ?? input)
            .Bind(LossSoftmax.Bindings.Result, output)
            .Constant(LossSoftmax.Constants.Aligned, vector == 0 ? 0 : 1)
            .Epilogue(prologue, operands)
            .Cost(5.0 * output.Shape.ElementCount, input.Bytes + output.Bytes)
            .RunLinear(units * chunks * lanes, GroupSize);
    }

    private static bool IsLong(AxisRows rows) => rows.Extent >= LongRow && rows.Units < ManyUnits;

    // On a CPU driver, where exponentials are dear, a lane holds its steps of a row so as to take each exponential once.
    private static long Kept(KernelDescriptor kernel, AxisRows rows, int lanes)
    {
        var steps = (rows.MostSteps + lanes - 1) / lanes;
        return kernel.Defines.ContainsKey("Subgroup") ? KeptSteps.FirstOrDefault(kept => kept >= steps) : 0;
    }
}
