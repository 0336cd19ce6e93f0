using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// Connectionist temporal classification (Graves, Fernandez, Gomez, Schmidhuber 2006): minus the logarithm of the probability that a sequence
/// of class scores emits a sequence of labels, whatever steps they fall on and however many blanks stand between them. All is computed with
/// logarithms, by one kernel that goes through the steps. A loss is infinite where the labels do not fit into the steps; its gradient is 0 then.
/// </summary>
public sealed class CtcLoss : Operator, ILowering
{
    private const int GroupSize = 64;

    /// <summary>The class that stands for no label.</summary>
    public static AttributeDefinition<long> Blank { get; } = new("blank", "The class that stands for no label.", 0) { Minimum = 0 };

    /// <summary>What is made of the losses.</summary>
    public static AttributeDefinition<string> Reduction { get; } = new("reduction", "What is made of the losses: the mean of every loss divided by its number of labels, their sum, or nothing.", "mean") { Choices = ["none", "mean", "sum"] };

    /// <inheritdoc/>
    public override string Name => "ctc_loss";

    /// <inheritdoc/>
    public override string Summary => "Connectionist temporal classification (Graves et al. 2006): -log of the probability that the logits' classes, repetitions joined and blanks left out, are the labels.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = OperandsBehind();

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["loss"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Blank, Reduction];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(9, 3, 6), Integers(1, 5, 3, 4)), new OperatorSample(Reals(12, 2, 5), Integers(1, 4, 2, 3), Integers(8, 12, 2), Integers(0, 3, 2)).With(Reduction, "none"), new OperatorSample(Reals(90, 1, 7), Integers(0, 5, 1, 40)).With(Reduction, "sum").With(Blank, 6),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = Check(context, 0);
        return [type with { Shape = context.Get(Reduction) == "none" ? new Shape(type.Shape[1]) : Shape.Scalar }];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var host = HostCtc.Of(context, 0);
        var losses = new double[host.Batch];
        for (var entry = 0; entry < losses.Length; entry++) losses[entry] = host.Loss(entry, host.Forward(entry));
        switch (context.Get(Reduction))
        {
            case "none": context.SetReals(0, losses); break;
            case "sum": context.SetReals(0, [losses.Sum()]); break;
            default: context.SetReals(0, [losses.Select((loss, entry) => loss / Math.Max(1, host.LabelCount(entry))).Sum() / losses.Length]); break;
        }
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var (logits, labels) = (node.Inputs[0]!.Shape, node.Inputs[1]!.Shape);
        return new OperatorCost(5.0 * logits.ElementCount + 20.0 * logits[0] * labels.ElementCount, 4.0 * logits.ElementCount);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (logits, output, reduction) = (context.Input(0), context.Output(0), context.Get(Reduction));
        if (logits.Shape[1] == 0)
        {
            if (reduction != "none") context.Fill(output, reduction == "mean" ? BitConverter.SingleToUInt32Bits(float.NaN) : 0);
            return;
        }
        var (_, paths) = Paths(context, 0, directions: 1);
        var (steps, labels) = (Counts(context, 2), Counts(context, 3));
        context.Dispatch(context.Choose(LossCtcLoss.Family.Variants, paths))
            .Parameters(checked(new LossCtcLoss.Parameters { Batch = (int)logits.Shape[1], Steps = (int)logits.Shape[0], MostLabels = (int)context.Input(1).Shape[1], Reduced = reduction switch { "none" => 0, "sum" => 1, _ => 2 } }))
            .Constant(LossCtcLoss.Constants.HasSteps, steps is null ? 0 : 1)
            .Constant(LossCtcLoss.Constants.HasLabels, labels is null ? 0 : 1)
            .Bind(LossCtcLoss.Bindings.Paths, paths)
            .Bind(LossCtcLoss.Bindings.StepCounts, steps ?? paths)
            .Bind(LossCtcLoss.Bindings.LabelCounts, labels ?? paths)
            .Bind(LossCtcLoss.Bindings.Result, output)
            .Cost(40.0 * logits.Shape[1], output.Bytes)
            .Run(1);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var result = new Value?[context.Node.OperatorInputCount];
        result[0] = context.Builder.Apply("ctc_loss_gradient", context.Node.Attributes, [context.Upstream, .. context.Node.Inputs.Take(result.Length)]);
        return result;
    }

    /// <summary>The inputs, behind others.</summary>
    internal static IReadOnlyList<OperandDefinition> OperandsBehind(params ReadOnlySpan<OperandDefinition> others) =>
    [
        .. others, new("logits", "[steps, batch, classes]"), new("labels", "[batch, most labels], whole numbers; those behind an entry's last are not read"),
        new("step_counts", "[batch]: steps of every entry, limited to what there are; all when absent") { Optional = true }, new("label_counts", "[batch]: labels of every entry, limited to what there are; all when absent") { Optional = true },
    ];

    /// <summary>Checks logits and what follows; returns the logits' type.</summary>
    internal static TensorType Check(InferenceContext context, int logits)
    {
        var type = context.RequireFloat(logits);
        var shape = context.RequireRank(logits, 3);
        if (context.Get(Blank) >= shape[2]) context.Fail("VKN2257", $"the blank is class {context.Get(Blank)}, but {type} has {shape[2]} classes");
        for (var i = logits + 1; i < context.InputCount; i++)
        {
            if (!context.Has(i)) continue;
            var input = context.Input(i);
            if (!input.DataType.IsInteger()) context.Fail("VKN2122", $"input '{context.Operator.InputName(i)}' is {input}, but whole numbers are needed", "insert a cast");
            if (input.Shape.Rank != (i == logits + 1 ? 2 : 1) || input.Shape[0] != shape[1])
                context.Fail("VKN2253", $"input '{context.Operator.InputName(i)}' is {input}, but the logits {shape} have a batch of {shape[1]}", $"{context.Operator.InputName(i)}: {context.Operator.InputSummary(i)}");
        }
        return type;
    }

    /// <summary>Writes the calls that find the log-probabilities and the paths.</summary>
    /// <param name="context">The node.</param>
    /// <param name="first">Which input holds the logits.</param>
    /// <param name="directions">1: forward; 2: backward, too.</param>
    internal static (DeviceTensor Logs, DeviceTensor Paths) Paths(LoweringContext context, int first, int directions)
    {
        var (logits, labels, steps, labelCounts) = (context.Input(first), context.Input(first + 1), Counts(context, first + 2), Counts(context, first + 3));
        var (shape, most) = (logits.Shape, labels.Shape[1]);
        var logs = context.Workspace("logarithms", TensorType.Float(shape.ToArray()));
        var paths = context.Workspace("paths", TensorType.Float(directions * shape[1] * (shape[0] * (2 * most + 1) + 1)));
        if (shape[0] == 0)
        {
            // There is nothing to go through; what reads the paths looks at nothing either, but wants them to have been written.
            context.Fill(paths);
            return (logs, paths);
        }
        Softmax.Run(context, AxisRows.Of(shape, -1), logits, logs, logarithmic: true);
        context.Dispatch(context.Choose(LossCtcPaths.Family.Variants, logs))
            .Parameters(checked(new LossCtcPaths.Parameters
            {
                Workgroups = (int)(directions * shape[1]), Steps = (int)shape[0], Batch = (int)shape[1], Classes = (int)shape[2], MostLabels = (int)most, Blank = (int)context.Get(Blank),
            }))
            .Constant(LossCtcPaths.Constants.HasSteps, steps is null ? 0 : 1)
            .Constant(LossCtcPaths.Constants.HasLabels, labelCounts is null ? 0 : 1)
            .Bind(LossCtcPaths.Bindings.Logs, logs)
            .Bind(LossCtcPaths.Bindings.Labels, labels)
            .Bind(LossCtcPaths.Bindings.StepCounts, steps ?? logs)
            .Bind(LossCtcPaths.Bindings.LabelCounts, labelCounts ?? logs)
            .Bind(LossCtcPaths.Bindings.Paths, paths)
            .Cost(60.0 * paths.Shape.ElementCount, 4.0 * paths.Bytes)
            .RunLinear(directions * shape[1] * GroupSize, GroupSize);
        return (logs, paths);
    }

    /// <summary>An optional input.</summary>
    internal static DeviceTensor? Counts(LoweringContext context, int input) => context.Has(input) ? context.Input(input) : null;
}
