using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Reduction;

/// <summary>Pointwise functions in front of a reduction, a normalisation or a softmax are computed while it reads, and those behind a reduction before it writes.</summary>
internal sealed class PrologueTests(string driver) : OnEveryDevice(driver)
{
    private static readonly long[][] Shapes = [[3, 67], [5, 64], [2, 3, 7], [1, 40_001]];

    [Test]
    public void Functions_are_computed_while_the_reduction_reads([Values("mean of squares", "sum of products", "largest of a chain", "magnitudes", "softmax")] string what, [ValueSource(nameof(Shapes))] long[] shape, [Values(0, -1)] long axis)
    {
        var graph = Make(what, shape, axis);
        var options = new CompilerOptions { Profile = Device.Profile };
        var (apart, fused) = (GraphCompiler.Compile(graph, options with { Fuse = false }), GraphCompiler.Compile(graph, options));
        Assert.That(HazardChecker.Check(fused), Is.Empty);
        Assert.That(fused.Main.Calls.OfType<DispatchCall>().Where(c => c.Kernel.StartsWith("pointwise", StringComparison.Ordinal)), Is.Empty);
        Assert.That(fused.Main.Dispatches, Is.LessThan(apart.Main.Dispatches));
        Assert.That(Run(fused), Is.EqualTo(Run(apart)).Within(1e-3));
    }

    [Test]
    public void Functions_are_computed_while_the_normalisation_reads([Values("layer norm", "rms norm", "instance norm", "group norm", "lp norm", "mean variance norm")] string what, [Values(3, 64, 67)] long positions)
    {
        var graph = Normalisation(what, positions, expensive: false);
        var options = new CompilerOptions { Profile = Device.Profile };
        var (apart, fused) = (GraphCompiler.Compile(graph, options with { Fuse = false }), GraphCompiler.Compile(graph, options));
        Assert.That(HazardChecker.Check(fused), Is.Empty);
        Assert.That(fused.Main.Calls.OfType<DispatchCall>().Where(c => c.Kernel.StartsWith("pointwise/linear", StringComparison.Ordinal)), Is.Empty);
        Assert.That(fused.Main.Dispatches, Is.LessThan(apart.Main.Dispatches));
        Assert.That(Run(fused), Is.EqualTo(Run(apart)).Within(1e-3));
    }

    [Test]
    public void Results_of_reductions_are_finished_in_their_kernels([ValueSource(nameof(Shapes))] long[] shape, [Values(0, -1)] long axis, [Values("reduce_mean", "reduce_max", "reduce_l2", "reduce_log_sum_exp")] string reduction)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, reduction);
        var x = builder.Input("x", TensorType.Float(shape));
        var reduced = builder.Apply(reduction, AttributeSet.Empty.With("axes", new[] { axis }), x);
        var other = builder.Input("y", reduced.Type);
        builder.Output("z", builder.Apply("tanh", null, builder.Apply("add", null, builder.Apply("mul", null, reduced, builder.Constant(0.25f)), other)));
        var graph = builder.Build();
        var options = new CompilerOptions { Profile = Device.Profile };
        var (apart, fused) = (GraphCompiler.Compile(graph, options with { Fuse = false }), GraphCompiler.Compile(graph, options));
        Assert.That(HazardChecker.Check(fused), Is.Empty);
        Assert.That(fused.Main.Calls.OfType<DispatchCall>().Select(c => c.Kernel), Has.All.StartsWith("reduction/"));
        Assert.That(fused.Main.Dispatches, Is.EqualTo(apart.Main.Dispatches - 3));
        Assert.That(Run(fused), Is.EqualTo(Run(apart)).Within(1e-4));
    }

    [Test]
    public void Functions_that_would_be_computed_several_times_too_often_are_refused()
    {
        var refusals = new List<FusionRefusal>();
        GraphCompiler.Compile(Normalisation("layer norm", 40_000, expensive: true), new CompilerOptions { Profile = Device.Profile, Refused = refusals.Add });
        Assert.That(refusals.Select(r => r.Reason), Has.Some.Contains("would be computed 3 times"));
    }

    [Test]
    public void A_kernel_with_an_epilogue_takes_no_prologue()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "both");
        var x = builder.Input("x", TensorType.Float(4, 8));
        builder.Output("y", builder.Apply("relu", null, builder.Apply("mean_variance_norm", AttributeSet.Empty.With("axes", new[] { 1L }), builder.Apply("square", null, x))));
        var refusals = new List<FusionRefusal>();
        GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile, Refused = refusals.Add });
        Assert.That(refusals.Select(r => r.Reason), Has.Some.Contains("runs one program"));
    }

    [Test]
    public void What_is_read_elsewhere_or_at_other_places_is_refused()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "refused");
        var x = builder.Input("x", TensorType.Float(4, 8));
        var shared = builder.Apply("square", null, x);
        builder.Output("all", builder.Apply("reduce_sum", null, shared));
        builder.Output("turned", builder.Apply("transpose", null, shared));
        builder.Output("rows", builder.Apply("reduce_max", null, builder.Apply("mul", null, x, builder.Input("row", TensorType.Float(8)))));
        var refusals = new List<FusionRefusal>();
        GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile, Refused = refusals.Add });
        Assert.That(refusals.Select(r => r.Reason), Has.Some.Contains("also read by").And.Some.Contains("not read at the place of the element"));
    }

    private static Graph Make(string what, long[] shape, long axis)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, what);
        var (x, y) = (builder.Input("x", TensorType.Float(shape)), builder.Input("y", TensorType.Float(shape)));
        var axes = AttributeSet.Empty.With("axes", new[] { axis });
        builder.Output("z", what switch
        {
            "mean of squares" => builder.Apply("reduce_mean", axes, builder.Apply("square", null, builder.Apply("sub", null, x, y))),
            "sum of products" => builder.Apply("reduce_sum", axes, builder.Apply("mul", null, x, y)),
            "largest of a chain" => builder.Apply("reduce_max", axes, builder.Apply("tanh", null, builder.Apply("add", null, builder.Apply("mul", null, builder.Constant(3f), x), y))),
            "softmax" => builder.Apply("softmax", AttributeSet.Empty.With("axis", axis), builder.Apply("add", null, builder.Apply("mul", null, x, builder.Constant(2f)), y)),
            _ => builder.Apply("reduce_l2", axes, builder.Apply("mul", null, builder.Apply("sigmoid", null, x), x)),
        });
        return builder.Build();
    }

    private static Graph Normalisation(string what, long positions, bool expensive)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, what);
        var type = TensorType.Float(2, 6, positions);
        var x = builder.Apply("add", null, builder.Apply("mul", null, builder.Input("x", type), builder.Constant(3f)), builder.Input("y", type));
        if (expensive) x = builder.Apply("tanh", null, builder.Apply("exp", null, x));
        builder.Output("z", what switch
        {
            "layer norm" => builder.Apply("layer_norm", null, x, builder.Parameter("scale", TensorType.Float(positions)), builder.Parameter("bias", TensorType.Float(positions))),
            "rms norm" => builder.Apply("rms_norm", null, x, builder.Parameter("scale", TensorType.Float(positions))),
            "instance norm" => builder.Apply("instance_norm", null, x, builder.Parameter("scale", TensorType.Float(6)), builder.Parameter("bias", TensorType.Float(6))),
            "group norm" => builder.Apply("group_norm", AttributeSet.Empty.With("groups", 3L), x, builder.Parameter("scale", TensorType.Float(6)), builder.Parameter("bias", TensorType.Float(6))),
            "lp norm" => builder.Apply("lp_norm", AttributeSet.Empty.With("axis", 1L), x),
            _ => builder.Apply("mean_variance_norm", AttributeSet.Empty.With("axes", new[] { 0L, 2L }), x),
        });
        return builder.Build();
    }

    private float[] Run(ExecutionPlan plan)
    {
        using var model = CompiledModel.Load(Device, plan, new InitializedWeights(1));
        using var session = model.CreateSession(1);
        var inputs = plan.Inputs.ToDictionary(i => i.Key, i =>
        {
            var input = Tensor.Zeros(i.Value.Type);
            ElementConversion.StoreReals(input, [.. Enumerable.Range(0, input.Count).Select(k => (((k * 37) + i.Key[0]) % 101 - 50) / 50.0)]);
            return input;
        });
        return session.Run(inputs)["z"].ToArray<float>();
    }
}
