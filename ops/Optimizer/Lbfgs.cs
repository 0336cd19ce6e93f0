using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Layout;
using VkNet.Tensors;
using VkNet.Training;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Optimizer;

/// <summary>
/// Limited-memory BFGS (Nocedal, 1980) with a line search, for small problems whose loss is looked at over all data in every step. It is
/// written with other operators. A step of the training is one look at the loss and its gradient: either the point is good enough, then
/// the next direction is computed by the two-loop recursion, or another length is tried along the same line. Lengths are doubled and
/// halved until the weak Wolfe conditions hold (Lewis and Overton, 2013), so that every pair remembered has positive curvature; after
/// <see cref="MaximumTrials"/> lengths the memory is cleared and the search begins anew along the gradient. Each remembered pair costs two
/// vectors as long as all parameters together and about six dispatches a step.
/// </summary>
public sealed class Lbfgs : CompositeOperator, IJointOptimizer
{
    /// <summary>Lengths tried along one line before the search begins anew.</summary>
    public const int MaximumTrials = 20;

    private const int LearningRate = 0, Step = 1, Loss = 2, FirstTensor = 3;
    private const double SufficientDecrease = 1e-4, Curvature = 0.9, LeastCurvature = 1e-10;
    private static readonly string[] Vectors = ["gradient", "direction"], Scalars = ["loss", "slope", "length", "shortest", "longest", "trials", "scale"];

    /// <summary>Pairs of steps and changes of the gradient that are remembered.</summary>
    public static AttributeDefinition<long> Memory { get; } = new("memory", "Pairs of steps and changes of the gradient that are remembered.", 8) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "lbfgs";

    /// <inheritdoc/>
    public override string Summary => "Limited-memory BFGS with a line search, for small problems with all data in every step: Nocedal, 1980; Lewis and Overton, 2013. The learning rate is the first length tried, usually 1.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public IReadOnlyList<string> StateNames => [];

    /// <inheritdoc/>
    int IJointOptimizer.MaximumTrials => MaximumTrials;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => ["parameter", "kept"];

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
    [
        new("learning_rate", "a real scalar: the first length tried along a line"),
        new("step", "a real scalar: 1 in the first step"),
        new("loss", "a real scalar: at the parameters given"),
        new("tensors", "k parameters of any shapes, their k gradients, the k values kept, then what is carried for all together") { Variadic = true },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Memory];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples
    {
        get
        {
            // The third step of a training of two parameters: one length has been tried, and two pairs are remembered.
            OperatorSample Sample(double loss) => new OperatorSample(
            [
                RealsWithin(0.9, 1, 1), RealsWithin(3, 3, 1), RealsWithin(loss, loss, 1), Reals(5, 3), Reals(7), Reals(5, 3), Reals(7), Reals(5, 3), Reals(7),
                Reals(22), Reals(22), Reals(22), Reals(22), Reals(22), Reals(22), RealsWithin(0.01, 0.1), RealsWithin(0.01, 0.1),
                RealsWithin(5, 5), RealsWithin(-2, -1), RealsWithin(0.5, 1), RealsWithin(0, 0), RealsWithin(0, 0), RealsWithin(1, 1), RealsWithin(0.1, 0.2),
            ]).With(Memory, 2);
            return [Sample(1), Sample(9)];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, TensorType>> SharedStates(AttributeSet attributes, long elements)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        var memory = (int)attributes.Get(Memory);
        var (vector, scalar) = (TensorType.Float(elements), new TensorType(DataType.Float32, Shape.Scalar));
        return
        [
            .. Vectors.Select(n => KeyValuePair.Create(n, vector)),
            .. Enumerable.Range(0, memory).Select(i => KeyValuePair.Create($"step {i}", vector)),
            .. Enumerable.Range(0, memory).Select(i => KeyValuePair.Create($"change {i}", vector)),
            .. Enumerable.Range(0, memory).Select(i => KeyValuePair.Create($"weight {i}", scalar)),
            .. Scalars.Select(n => KeyValuePair.Create(n, scalar)),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        for (var i = 0; i < FirstTensor; i++)
            if (!context.Has(i) || context.ShapeOf(i).ElementCount != 1 || !context.Input(i).DataType.IsFloat()) context.Fail("VKN2181", $"input '{InputName(i)}' must be given as a real scalar", InputSummary(i));
        var shared = SharedStates(context.Attributes, 0).Count;
        var given = context.InputCount - FirstTensor - shared;
        if (given <= 0 || given % 3 != 0)
            context.Fail("VKN2180", $"{context.InputCount - FirstTensor} tensors are given", $"as many parameters, gradients and values kept, then {shared} carried for all together");
        var count = given / 3;
        for (var i = 0; i < given; i++)
            if (context.Input(FirstTensor + i) != context.Input(FirstTensor + i % count) || !context.Input(FirstTensor + i).DataType.IsFloat())
                context.Fail("VKN2183", $"parameter {i % count} is {context.Input(FirstTensor + i % count)}, but tensor {i} is {context.Input(FirstTensor + i)}", "parameter, gradient and value kept must be real and of one type");
        var elements = Enumerable.Range(0, count).Sum(i => context.ShapeOf(FirstTensor + i).ElementCount);
        var states = SharedStates(context.Attributes, elements);
        for (var i = 0; i < states.Count; i++)
            if (context.ShapeOf(FirstTensor + given + i) != states[i].Value.Shape)
                context.Fail("VKN2183", $"'{states[i].Key}' is {context.Input(FirstTensor + given + i)}, but {states[i].Value} is needed for {elements} numbers in all parameters");
        return [.. Enumerable.Range(0, 2).SelectMany(_ => Enumerable.Range(0, count).Select(i => context.Input(FirstTensor + i))), .. Enumerable.Range(0, shared).Select(i => context.Input(FirstTensor + given + i))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var builder = context.Builder;
        var memory = (int)context.Get(Memory);
        var shared = SharedStates(context.Attributes, 0).Count;
        var count = (context.Inputs.Count - FirstTensor - shared) / 3;
        var types = Enumerable.Range(0, count).Select(i => context.Input(FirstTensor + i).Type).ToList();
        var next = FirstTensor + 3 * count;
        var (rate, step, loss) = (Scalar(LearningRate), Scalar(Step), Scalar(Loss));
        var (x, gradient, kept) = (Joined(0), Joined(1), Joined(2));
        var (lastGradient, direction) = (Shared(), Shared());
        var (steps, changes, weights) = (Many(memory), Many(memory), Many(memory));
        var (lastLoss, slope, length, shortest, longest, trials, scale) = (Shared(), Shared(), Shared(), Shared(), Shared(), Shared(), Shared());
        var (zero, one) = (loss.Constant(0), loss.Constant(1));

        // The weak Wolfe conditions; a comparison with what is not a number is false, so such a point counts as too far, as do infinite losses.
        var falls = loss.Apply("less_equal", lastLoss + length * slope * SufficientDecrease).Apply("and", loss.IsAbove(-float.MaxValue));
        var isFlat = Dot(gradient, direction).Apply("greater_equal", slope * Curvature);
        var isFirst = step.IsBelow(1.5);
        var accepted = isFirst.Apply("or", falls.Apply("and", isFlat));
        var isTooShort = falls.Apply("and", isFlat.Apply("not"));
        (shortest, longest, trials) = (isTooShort.Choose(length, shortest), falls.Choose(longest, length), trials + 1);
        var isStuck = accepted.Apply("not").Apply("and", trials.Apply("greater_equal", trials.Constant(MaximumTrials)));
        var isNew = accepted.Apply("or", isStuck);

        // What an accepted point adds to the memory: the newest pair comes first.
        var (moved, changed) = (x - kept, gradient - lastGradient);
        var (curvature, square) = (Dot(moved, changed), Dot(changed, changed));
        var isUsable = accepted.Apply("and", isFirst.Apply("not")).Apply("and", curvature.Apply("greater", square * LeastCurvature));
        var isCleared = isStuck.Apply("or", isFirst);
        (kept, lastGradient, lastLoss) = (accepted.Choose(x, kept), accepted.Choose(gradient, lastGradient), accepted.Choose(loss, lastLoss));
        steps = Remembered(steps, moved, null);
        changes = Remembered(changes, changed, null);
        weights = Remembered(weights, one / curvature, zero);
        scale = isUsable.Choose(curvature / square, isCleared.Choose(zero, scale));

        // The two-loop recursion: the inverse Hessian, as far as it is remembered, times the gradient. Pairs of weight zero do nothing.
        var (product, factors) = (lastGradient, new Formula[memory]);
        for (var i = 0; i < memory; i++)
        {
            factors[i] = weights[i] * Dot(steps[i], product);
            product -= factors[i] * changes[i];
        }
        var isScaled = scale.IsAbove(0);
        product *= isScaled.Choose(scale, one);
        for (var i = memory - 1; i >= 0; i--) product += (factors[i] - weights[i] * Dot(changes[i], product)) * steps[i];
        var descent = -Dot(lastGradient, product);
        var descends = descent.IsBelow(0);
        var steepness = Dot(lastGradient, lastGradient);
        direction = isNew.Choose(descends.Choose(-product, -lastGradient), direction);
        slope = isNew.Choose(descends.Choose(descent, -steepness), slope);

        // Without curvature known the gradient's own length says nothing about how far to go.
        var isInformed = isScaled.Apply("and", descends);
        var first = isInformed.Choose(rate, rate / steepness.Apply("sqrt").Apply("max", one));
        var other = longest.IsAbove(0).Choose((shortest + longest) * 0.5, shortest * 2);
        length = isNew.Choose(first, other);
        (shortest, longest, trials) = (isNew.Choose(zero, shortest), isNew.Choose(zero, longest), isNew.Choose(zero, trials));
        x = kept + length * direction;
        return [.. Apart(x), .. Apart(kept), lastGradient, direction, .. steps, .. changes, .. weights, lastLoss, slope, length, shortest, longest, trials, scale];

        Formula Scalar(int index) => Formula.Of(builder, Views.To(builder, context.Input(index), Shape.Scalar));

        Formula Shared() => Formula.Of(builder, context.Input(next++));

        Formula[] Many(int number) => [.. Enumerable.Range(0, number).Select(_ => Shared())];

        Formula Joined(int role)
        {
            var parts = types.Select((t, i) => Views.To(builder, context.Input(FirstTensor + role * count + i), [t.Shape.ElementCount])).ToArray();
            return Formula.Of(builder, parts.Length == 1 ? parts[0] : context.Apply("concat", AttributeSet.Empty.With(Concat.Axis, 0), parts));
        }

        IEnumerable<Value> Apart(Formula whole)
        {
            if (types.Count == 1) return [Views.To(builder, whole, types[0].Shape)];
            long place = 0;
            return types.Select(t => Views.To(builder, context.Apply("slice", AttributeSet.Empty.With(Slice.Starts, [place]).With(Slice.Ends, [place += t.Shape.ElementCount]), whole), t.Shape)).ToList();
        }

        Formula Dot(Formula a, Formula b) => (a * b).Apply("reduce_sum");

        Formula[] Remembered(Formula[] old, Formula newest, Formula? otherwise) =>
            [.. old.Select((o, i) => isUsable.Choose(i == 0 ? newest : old[i - 1], otherwise is { } cleared ? isCleared.Choose(cleared, o) : o))];
    }
}
