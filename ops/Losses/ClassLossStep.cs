using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Losses;

/// <summary>
/// The gradient of a classifier's loss in its scores with the loss itself, and where it is wanted the accuracy, in one kernel. The compiler
/// makes it where a training step computes all of them of the same scores and labels.
/// </summary>
public sealed class ClassLossStep : Operator, ILowering
{
    private readonly ClassLossGradient _gradient;

    private ClassLossStep(ClassLossGradient gradient)
    {
        _gradient = gradient;
        Attributes = [.. gradient.Attributes, WithAccuracy, Accuracy.Top];
    }

    /// <summary>Whether the accuracy is wanted too.</summary>
    public static AttributeDefinition<bool> WithAccuracy { get; } = new("accuracy", "Whether a third output gives the accuracy.", false);

    /// <summary>The steps of all of <see cref="ClassLoss"/>.</summary>
    public static IReadOnlyList<ClassLossStep> All { get; } = [.. ClassLossGradient.All.Select(g => new ClassLossStep(g))];

    /// <inheritdoc/>
    public override string Name => $"{_gradient.Loss.Name}_step";

    /// <inheritdoc/>
    public override string Summary => $"The gradient of {_gradient.Loss.Name} in its scores, with the loss and the accuracy.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs => _gradient.Inputs;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["gradient", "loss", "accuracy"];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(), Reals(64, 10), Integers(0, 9, 64)).With(WithAccuracy, true),
        new OperatorSample(Reals(), Reals(500, 37), Integers(0, 36, 500)).With(ClassLabels.Reduction, "sum").With(WithAccuracy, true).With(Accuracy.Top, 5),
        new(Reals(), Reals(3, 5, 7), Integers(0, 4, 3, 7), RealsWithin(0.5, 2, 5)),
        new OperatorSample(Reals(), Reals(2, 21, 4, 2), Integers(0, 20, 2, 4, 2), RealsWithin(0.5, 2, 21)).With(ClassLabels.IgnoreIndex, 3).With(WithAccuracy, true),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        if (context.Get(ClassLabels.Reduction) == "none") context.Fail("VKN2251", "the losses are not reduced", "reduction: mean or sum");
        var gradient = _gradient.Infer(context)[0];
        var number = gradient with { Shape = Shape.Scalar };
        return context.Get(WithAccuracy) ? [gradient, number, number] : [gradient, number];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        _gradient.Evaluate(context);
        context.SetReals(1, [_gradient.Loss.Losses(context, 1).Reduced]);
        if (context.OutputCount > 2) context.SetReals(2, [Accuracy.Share(context, 1)]);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => new(14.0 * node.Outputs[0].Shape.ElementCount, 8.0 * node.Outputs[0].Shape.ElementCount);

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (loss, accuracy) = (context.Output(1), context.Node.Outputs.Count > 2 ? context.Output(2) : null);
        if (context.Output(0).Shape.ElementCount == 0)
        {
            // Of no rows.
            context.Fill(loss, context.Get(ClassLabels.Reduction) == "sum" ? 0 : BitConverter.SingleToUInt32Bits(float.NaN));
            if (accuracy is not null) context.Fill(accuracy, BitConverter.SingleToUInt32Bits(float.NaN));
            return;
        }
        ClassKernels.Gradient(context, _gradient.Measure, context.Input(0), context.Input(1), context.Input(2), context.Has(3) ? context.Input(3) : null,
            ClassLabels.ReductionOf(context.Get(ClassLabels.Reduction)), context.Get(ClassLoss.Margin), loss, accuracy, context.Get(Accuracy.Top));
    }

    /// <summary>What a loss, its gradient and an accuracy of the same scores and labels have in common; null for a loss that is not reduced.</summary>
    /// <param name="node">The node.</param>
    /// <param name="first">Which input holds the scores; the labels follow.</param>
    internal static object? KeyOf(Node node, int first)
    {
        var (scores, labels) = (node.Inputs[first]!, node.Inputs[first + 1]!);
        if (scores.DataType != DataType.Float32 || (node.Operator is not Accuracy && node.Get(ClassLabels.Reduction) == "none")) return null;
        return (scores, labels, AxisRows.Index(scores.Shape, node.Get(ClassLabels.Axis)), node.Get(ClassLabels.IgnoreIndex));
    }

    /// <summary>A gradient with its loss and an accuracy, if the nodes have the first two.</summary>
    internal static IEnumerable<MergedCall> Of(IReadOnlyList<Node> nodes)
    {
        foreach (var gradient in nodes)
        {
            if (gradient.Operator is not ClassLossGradient of) continue;
            var loss = nodes.FirstOrDefault(n => n.Operator == of.Loss && Weights(n, 2) == Weights(gradient, 3)
                && n.Get(ClassLabels.Reduction) == gradient.Get(ClassLabels.Reduction) && n.Get(ClassLoss.Margin).Equals(gradient.Get(ClassLoss.Margin)));
            if (loss is null) continue;
            var accuracy = nodes.FirstOrDefault(n => n.Operator is Accuracy);
            var attributes = gradient.Attributes.With(WithAccuracy, accuracy is not null);
            if (accuracy is not null) attributes = attributes.With(Accuracy.Top, accuracy.Get(Accuracy.Top));
            yield return new MergedCall($"{of.Loss.Name}_step", attributes, gradient.Inputs, accuracy is null ? [gradient, loss] : [gradient, loss, accuracy]);
            // Others of the same loss are rare enough.
            yield break;
        }

        static Value? Weights(Node node, int input) => input < node.OperatorInputCount ? node.Inputs[input] : null;
    }
}
