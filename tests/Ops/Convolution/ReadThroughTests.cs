using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Convolution;
using VkNet.Operators.Pooling;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Convolution;

/// <summary>The weight gradient of a first convolution computes the gradient behind its activation and pooling while it reads.</summary>
internal sealed class ReadThroughTests(string driver) : OnEveryDevice(driver)
{
    private const string Kernel = "convolution/weight_gradient_rows";

    [Test]
    public void Activation_and_pooling_are_computed_while_the_gradient_is_read([Values("pooled", "activated")] string what, [Values(3, 6, 11)] long filters, [Values(1, 3)] long channels)
    {
        var graph = Make(what, filters, channels);
        var options = new CompilerOptions { Profile = Device.Profile, Training = true };
        var (apart, fused) = (GraphCompiler.Compile(graph, options with { Fuse = false }), GraphCompiler.Compile(graph, options));
        Assert.That(HazardChecker.Check(fused), Is.Empty);
        if (!fused.Main.Calls.Any(c => c.Kernel == Kernel)) Assert.Ignore($"{Kernel} is not chosen on {Device.Profile.Name}");
        Assert.That(fused.Main.Calls.Select(c => c.Kernel), Has.None.EqualTo("pooling/repeat"));
        Assert.That(fused.Main.Calls.Single(c => c.Kernel == Kernel).SourceNodes, Has.Count.GreaterThan(1));
        Assert.That(apart.Main.Calls.Where(c => c.Kernel == Kernel).SelectMany(c => c.SourceNodes).Count(), Is.LessThan(2));
        var (expected, found) = (Run(apart), Run(fused));
        foreach (var name in expected.Keys) Assert.That(found[name].ToArray<float>(), Is.EqualTo(expected[name].ToArray<float>()).Within(2e-3), name);
    }

    [Test]
    public void A_gradient_that_is_read_elsewhere_is_computed_once()
    {
        var refusals = new List<FusionRefusal>();
        var plan = GraphCompiler.Compile(Make("shared", 6, 1), new CompilerOptions { Profile = Device.Profile, Training = true, Refused = refusals.Add });
        Assert.That(HazardChecker.Check(plan), Is.Empty);
        Assert.That(plan.Main.Calls.Where(c => c.Kernel == Kernel).SelectMany(c => c.SourceNodes).Count(), Is.LessThan(2));
    }

    // Odd sizes: 12 x 10 positions behind pooling by 3 x 2.
    private static Graph Make(string what, long filters, long channels)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, what);
        var picture = builder.Input("picture", TensorType.Float(5, channels, 14, 12));
        var weight = builder.Constant(TestTensors.Reals(9, [filters, channels, 3, 3]));
        var output = builder.Apply("tanh", null, builder.Add(StandardOperators.Registry.Get("conv2d"), AttributeSet.Empty, [picture, weight, null])[0]);
        // Read elsewhere, so that the convolution does not compute all of it.
        builder.Output("y", output);
        Value gradient = what == "activated" ? builder.Input("g", output.Type)
            : builder.Apply("unpool2d", AttributeSet.Empty.With(Unpool.Factor, [3, 2]), builder.Input("g", TensorType.Float(5, filters, 4, 5)));
        var slope = builder.Apply("sub", null, builder.Constant(1f), builder.Apply("square", null, output));
        gradient = builder.Apply("mul", null, builder.Apply("mul", null, gradient, builder.Constant(0.25f)), slope);
        if (what == "shared") builder.Output("gradient", gradient);
        var results = builder.Add(StandardOperators.Registry.Get("conv2d_weight_gradient"), AttributeSet.Empty.With(WindowAttributes.Kernel, [3, 3]).With(ConvWeightGradient.WithBias, true), [picture, gradient]);
        builder.Output("weight", results[0]);
        builder.Output("bias", results[1]);
        return builder.Build();
    }

    private Dictionary<string, Tensor> Run(ExecutionPlan plan)
    {
        using var model = CompiledModel.Load(Device, plan);
        using var session = model.CreateSession(1);
        return new(session.Run(plan.Inputs.Select((input, i) => (input.Key, Value: TestTensors.Reals(i, input.Value.Shape))).ToDictionary(p => p.Key, p => p.Value)));
    }
}
