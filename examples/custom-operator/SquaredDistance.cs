using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace CustomOperator;

/// <summary>
/// The squared distances of points to centres, as in radial basis function networks (Broomhead and Lowe, 1988):
/// y[n, m] = sum over i of (x[n, i] - c[m, i])^2. The centres are a parameter that comes into being with the node.
/// </summary>
public sealed class SquaredDistance : Operator, ILowering
{
    /// <summary>Number of centres.</summary>
    public static AttributeDefinition<long> Count { get; } = new("count", "Number of centres; may be left out when 'centres' is given.", 0) { Minimum = 1 };

    /// <inheritdoc/>
    public override string Name => "squared_distance";

    /// <inheritdoc/>
    public override string Summary => "Squared distances of points to centres: y[n, m] = sum over i of (x[n, i] - c[m, i])^2.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("points", "[N, features]"), new("centres", "[count, features]") { IsParameter = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Count];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    // What the device is compared with the host on: odd sizes, and enough elements for more than one workgroup.
    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(5, 3), Reals(7, 3)), new(Reals(67, 13), Reals(31, 13)), new(Reals(1, 1), Reals(1, 1))];

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context)
    {
        if (context.Has(1)) return [];
        if (context.Get(Count) < 1) context.Fail("RBF2001", "'count' is missing", "say how many centres there are, e.g. count: 16");
        return [new("centres", TensorType.Float(context.Get(Count), context.RequireRank(0, 2)[1]), new ParameterOptions { Initializer = "uniform" })];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (points, centres) = (context.RequireRank(0, 2), context.RequireRank(1, 2));
        if (points[1] != centres[1]) context.Fail("RBF2002", $"the points {points} have {points[1]} features, the centres {centres} have {centres[1]}", "points: [N, features], centres: [count, features]");
        return [new TensorType(context.RequireFloat(0).DataType, new Shape(points[0], centres[0]))];
    }

    // The reference, in double precision: what the kernel is held to, and what constants are folded with.
    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (points, centres, features) = (context.Reals(0), context.Reals(1), (int)context.ShapeOf(0)[1]);
        var count = (int)context.ShapeOf(1)[0];
        var result = new double[context.Output(0).Shape.ElementCount];
        for (var element = 0; element < result.Length; element++)
            for (var i = 0; i < features; i++)
            {
                var difference = points[element / count * features + i] - centres[element % count * features + i];
                result[element] += difference * difference;
            }
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public override OperatorCost Cost(Node node) => base.Cost(node) with { Flops = 3.0 * node.Outputs[0].Shape.ElementCount * node.Inputs[0]!.Shape[1] };

    // Written with operators, so that it is fused, planned and differentiated again like everything else. With upstream gradient g:
    // dx = 2 (x * sum over m of g - g c),  dc = 2 (c * sum over n of g - g^T x).
    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (points, centres, upstream) = (context.Input(0), context.Input(1), context.Upstream);
        return
        [
            context.Needed[0] ? Gradient(points, 1, Apply("matmul", AttributeSet.Empty, upstream, centres)) : null,
            context.Needed[1] ? Gradient(centres, 0, Apply("matmul", AttributeSet.Empty.With("transpose_a", true), upstream, points)) : null,
        ];

        Value Apply(string name, AttributeSet attributes, params ReadOnlySpan<Value?> inputs) => context.Builder.Apply(name, attributes, inputs);

        Value Gradient(Value self, long axis, Value product)
        {
            var sums = Apply("reduce_sum", AttributeSet.Empty.With("axes", new[] { axis }), upstream);
            var column = Apply("unsqueeze", AttributeSet.Empty.With("axes", new[] { 1L }), sums);
            return Apply("affine", AttributeSet.Empty.With("scale", 2.0), Apply("sub", AttributeSet.Empty, Apply("mul", AttributeSet.Empty, self, column), product));
        }
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (points, centres, result) = (context.Input(0), context.Input(1), context.Output(0));
        var count = result.Shape.ElementCount;
        if (count == 0) return;
        context.Dispatch(context.Choose(Kernels.SquaredDistance.Family.Variants, points, centres))
            .Parameters(checked(new Kernels.SquaredDistance.Parameters { Count = (int)count, Centres = (int)centres.Shape[0], Features = (int)points.Shape[1] }))
            .Bind(Kernels.SquaredDistance.Bindings.Points, points)
            .Bind(Kernels.SquaredDistance.Bindings.Centres, centres)
            .Bind(Kernels.SquaredDistance.Bindings.Result, result)
            .Cost(Cost(context.Node).Flops, points.Bytes + centres.Bytes + result.Bytes)
            .RunLinear(count, groupSize: 64);
    }
}
