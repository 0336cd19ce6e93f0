using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using VkNet.Training;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Optimizer;

/// <summary>
/// What the optimizers have in common: operands, regularisation, clipping, and one kernel for all rules that updates carried tensors in
/// their own memory.
/// </summary>
public abstract class OptimizerOperator : Operator, ILowering, ITreatsAlike, IOptimizer
{
    /// <summary>Position of the learning rate among the inputs.</summary>
    public const int LearningRate = 0;

    /// <summary>Position of the step number among the inputs.</summary>
    public const int Step = 1;

    /// <summary>Position of the guard among the inputs.</summary>
    public const int Guard = 2;

    /// <summary>Position of the gradients' norm among the inputs.</summary>
    public const int Norm = 3;

    /// <summary>Position of the first parameter among the inputs.</summary>
    public const int FirstTensor = 4;

    /// <summary>Factor on the learning rate.</summary>
    public static AttributeDefinition<double> RateScale { get; } = new("rate_scale", "Factor on the learning rate.", 1.0);

    /// <summary>Strength of the L1 decay.</summary>
    public static AttributeDefinition<double> L1 { get; } = new("l1", "Strength of the L1 decay: l1 sign(x) is added to the gradient (the penalty is l1 |x|; with l2 beside it, the elastic net).", 0.0);

    /// <summary>Strength of the L2 decay.</summary>
    public static AttributeDefinition<double> L2 { get; } = new("l2", "Strength of the L2 decay: l2 x is added to the gradient (the penalty is l2 / 2 x^2).", 0.0);

    /// <summary>Largest magnitude of a gradient's element.</summary>
    public static AttributeDefinition<double> ClipValue { get; } = new("clip_value", "Elements of gradients are cut to this magnitude; 0 for none.", 0.0);

    /// <summary>Largest norm of all gradients together.</summary>
    public static AttributeDefinition<double> ClipNorm { get; } = new("clip_norm", "Gradients are scaled down so that their norm, all together, is at most this; 0 for none.", 0.0);

    private readonly AttributeDefinition[] _own;

    private protected OptimizerOperator(string name, string summary, IReadOnlyList<string> stateNames, params AttributeDefinition[] own)
    {
        (Name, Summary, StateNames, _own) = (name, summary, stateNames, own);
        OutputNames = ["parameter", .. stateNames];
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Summary { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> StateNames { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames { get; }

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("learning_rate", "a real scalar"),
        new("step", "a real scalar: 1 in the first step") { Optional = true },
        new("guard", "a real scalar: nothing is changed where it is not finite") { Optional = true },
        new("norm", "a real scalar: the norm of all gradients together; wanted with clip_norm, and nothing is changed where it is not finite") { Optional = true },
        new("tensors", "k parameters of any shapes, their k gradients, and k of each carried tensor, every one of its parameter's shape") { Variadic = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes => [.. _own, L1, L2, ClipValue, ClipNorm, RateScale];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new([RealsWithin(0.01, 0.1, 1), RealsWithin(3, 4, 1), null, null, .. Tensors]),
        new OperatorSample([RealsWithin(0.01, 0.1, 1), RealsWithin(3, 4, 1), Reals(1), RealsWithin(5, 6, 1), .. Tensors]).With(L1, 0.01).With(L2, 0.02).With(ClipValue, 1).With(ClipNorm, 3),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (count, groups) = (context.InputCount - FirstTensor, 2 + StateNames.Count);
        if (count <= 0 || count % groups != 0)
            context.Fail("VKN2180", $"{Math.Max(0, count)} tensors are given", $"as many parameters, gradients{string.Concat(StateNames.Select(s => $", {s} tensors"))}: a multiple of {groups}");
        for (var i = 0; i < FirstTensor; i++)
            if (context.Has(i) && (context.ShapeOf(i).ElementCount != 1 || !context.Input(i).DataType.IsFloat()))
                context.Fail("VKN2181", $"input '{InputName(i)}' is {context.Input(i)}", $"{InputName(i)}: {InputSummary(i)}");
        if (context.Get(ClipNorm) > 0 && !context.Has(Norm)) context.Fail("VKN2182", "'clip_norm' is given, but the norm of the gradients is not");
        var tensors = count / groups;
        for (var i = 0; i < count; i++)
        {
            var (type, parameter) = (context.Input(FirstTensor + i), context.Input(FirstTensor + i % tensors));
            if (type != parameter || !type.DataType.IsFloat())
                context.Fail("VKN2183", $"tensor {i % tensors} has the parameter {parameter}, but {(i < tensors ? "it is not real" : $"{(i < 2 * tensors ? "the gradient" : StateNames[i / tensors - 2])} {type}")}", "all must be real and of the parameter's type");
        }
        return [.. Enumerable.Range(0, tensors * (1 + StateNames.Count)).Select(i => context.Input(FirstTensor + i % tensors))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<int>> Roles(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var tensors = (node.OperatorInputCount - FirstTensor) / (2 + StateNames.Count);
        return [.. Enumerable.Range(0, 2 + StateNames.Count).Select(r => Enumerable.Range(FirstTensor + r * tensors, tensors).ToArray())];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var tensors = (context.InputCount - FirstTensor) / (2 + StateNames.Count);
        double Scalar(int index) => context.Has(index) ? context.Reals(index)[0] : 1;
        var (step, norm) = (Scalar(Step), Scalar(Norm));
        var rate = Scalar(LearningRate) * context.Get(RateScale);
        var (l1, l2, clip, limit) = (context.Get(L1), context.Get(L2), context.Get(ClipValue), context.Get(ClipNorm));
        var frozen = !double.IsFinite(Scalar(Guard)) || (limit > 0 && !double.IsFinite(norm));
        var scale = limit > 0 && norm > limit ? limit / norm : 1;
        var states = new double[StateNames.Count];
        for (var t = 0; t < tensors; t++)
        {
            var (x, g) = (context.Reals(FirstTensor + t), context.Reals(FirstTensor + tensors + t));
            var carried = Enumerable.Range(0, states.Length).Select(s => context.Reals(FirstTensor + (2 + s) * tensors + t)).ToArray();
            for (var i = 0; i < x.Length && !frozen; i++)
            {
                var gradient = g[i] * scale;
                if (clip > 0) gradient = gradient > clip ? clip : gradient < -clip ? -clip : gradient;
                gradient += l2 * x[i] + (x[i] == 0 || double.IsNaN(x[i]) ? 0 : l1 * Math.Sign(x[i]));
                for (var s = 0; s < states.Length; s++) states[s] = carried[s][i];
                x[i] = Move(context.Attributes, x[i], gradient, states, rate, step);
                for (var s = 0; s < states.Length; s++) carried[s][i] = states[s];
            }
            context.SetReals(t, x);
            for (var s = 0; s < states.Length; s++) context.SetReals((1 + s) * tensors + t, carried[s]);
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context) => UpdateLowering.Lower(context, this);

    // Two parameters, their gradients, and what is carried, which no rule leaves negative.
    private IEnumerable<SampleInput> Tensors => [Reals(67), Reals(3, 5), Reals(67), Reals(3, 5), .. StateNames.SelectMany(_ => new[] { RealsWithin(0.1, 2, 67), RealsWithin(0.1, 2, 3, 5) })];

    /// <summary>One element's step; changes what is carried and returns the new parameter.</summary>
    private protected abstract double Move(AttributeSet attributes, double x, double gradient, double[] states, double rate, double step);

    /// <summary>The kernel's rule and its numbers.</summary>
    private protected abstract RuleNumbers Rule(AttributeSet attributes);

    internal RuleNumbers RuleOf(Node node) => Rule(node.Attributes);

    /// <summary>A rule of optimizer/update.comp with its numbers.</summary>
    internal readonly record struct RuleNumbers(UpdateRule Rule, double A = 0, double B = 1, double C = 0, double Epsilon = 0, bool Corrected = false);
}
