using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// The gradient of <see cref="CtcLoss"/> in its logits: the softmax minus the probability that a path which emits the labels emits the class
/// at the step. Gradient rules emit it.
/// </summary>
public sealed class CtcLossGradient : Operator, ILowering
{
    private const int GroupSize = 64;

    /// <inheritdoc/>
    public override string Name => "ctc_loss_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of ctc_loss in its logits.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = CtcLoss.OperandsBehind(new OperandDefinition("upstream", "the gradient of the loss"));

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [CtcLoss.Blank, CtcLoss.Reduction];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new(Reals(), Reals(9, 3, 6), Integers(1, 5, 3, 4)), new OperatorSample(Reals(2), Reals(12, 2, 5), Integers(1, 4, 2, 3), Integers(8, 12, 2), Integers(0, 3, 2)).With(CtcLoss.Reduction, "none"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = CtcLoss.Check(context, 1);
        var wanted = context.Get(CtcLoss.Reduction) == "none" ? new Shape(type.Shape[1]) : Shape.Scalar;
        if (context.ShapeOf(0) != wanted) context.Fail("VKN2251", $"the gradient has shape {context.ShapeOf(0)}, but the loss has {wanted}");
        return [type];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (host, shape, upstream, reduction) = (HostCtc.Of(context, 1), context.ShapeOf(1), context.Reals(0), context.Get(CtcLoss.Reduction));
        var result = new double[shape.ElementCount];
        for (var entry = 0L; entry < host.Batch; entry++)
        {
            var (forward, backward) = (host.Forward(entry), host.Backward(entry));
            var loss = host.Loss(entry, forward);
            if (double.IsPositiveInfinity(loss)) continue;
            var factor = upstream[reduction == "none" ? entry : 0] / (reduction == "mean" ? Math.Max(1, host.LabelCount(entry)) * host.Batch : 1);
            for (var t = 0L; t < host.StepCount(entry); t++)
            {
                var first = (t * host.Batch + entry) * shape[2];
                for (var c = 0L; c < shape[2]; c++) result[first + c] = factor * Math.Exp(host.Log(t, entry, c));
                for (var s = 0L; s < forward.GetLength(1); s++)
                {
                    var label = host.Label(entry, s);
                    result[first + label] -= factor * Math.Exp(forward[t, s] + backward[t, s] + loss - host.Log(t, entry, label));
                }
            }
        }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node)
    {
        var (logits, labels) = (node.Inputs[1]!.Shape, node.Inputs[2]!.Shape);
        return new OperatorCost(8.0 * logits.ElementCount + 60.0 * logits[0] * labels.ElementCount, 8.0 * logits.ElementCount);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (output, labels, reduction) = (context.Output(0), context.Input(2), context.Get(CtcLoss.Reduction));
        if (output.Shape.ElementCount == 0) return;
        var (logs, paths) = CtcLoss.Paths(context, 1, directions: 2);
        var (steps, labelCounts, shape) = (CtcLoss.Counts(context, 3), CtcLoss.Counts(context, 4), output.Shape);
        context.Dispatch(context.Choose(LossCtcGradient.Family.Variants, logs, paths))
            .Parameters(checked(new LossCtcGradient.Parameters
            {
                Workgroups = (int)(shape[0] * shape[1]), Steps = (int)shape[0], Batch = (int)shape[1], Classes = (int)shape[2], MostLabels = (int)labels.Shape[1], Blank = (int)context.Get(CtcLoss.Blank),
                PerEntry = reduction == "none" ? 1 : 0, Mean = reduction == "mean" ? 1 : 0,
            }))
            .Constant(LossCtcGradient.Constants.HasSteps, steps is null ? 0 : 1)
            .Constant(LossCtcGradient.Constants.HasLabels, labelCounts is null ? 0 : 1)
            .Bind(LossCtcGradient.Bindings.Logs, logs)
            .Bind(LossCtcGradient.Bindings.Labels, labels)
            .Bind(LossCtcGradient.Bindings.StepCounts, steps ?? logs)
            .Bind(LossCtcGradient.Bindings.LabelCounts, labelCounts ?? logs)
            .Bind(LossCtcGradient.Bindings.Paths, paths)
            .Bind(LossCtcGradient.Bindings.Upstream, context.Input(0))
            .Bind(LossCtcGradient.Bindings.Result, output)
            .Cost(25.0 * shape.ElementCount + 60.0 * paths.Shape.ElementCount, logs.Bytes + paths.Bytes + output.Bytes)
            .RunLinear(shape[0] * shape[1] * GroupSize, GroupSize);
    }
}
