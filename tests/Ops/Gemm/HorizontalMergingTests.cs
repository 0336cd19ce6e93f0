using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Gemm;

/// <summary>Products that share their input become one call, and give what they give apart.</summary>
internal sealed class HorizontalMergingTests(string driver) : OnEveryDevice(driver)
{
    private const int Features = 48;

    // 16 rows are whole blocks of any alignment; 64 units to a product.
    private static Graph Attention(string form, int rows = 16, int units = 64)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, form);
        var x = builder.Input("x", TensorType.Float(2, rows, Features));
        var parts = new[] { "query", "key", "value" }.Select(name => Product(builder, form, x, name, units)).ToArray();
        builder.Output("y", builder.Apply("attention", AttributeSet.Empty.With("heads", 4L), parts));
        return builder.Build();
    }

    private static Value Product(GraphBuilder builder, string form, Value x, string name, int units)
    {
        var bias = builder.Parameter($"{name} bias", TensorType.Float(units), new ParameterOptions { Initializer = "normal" });
        Value Weight(params ReadOnlySpan<long> sizes) => builder.Parameter($"{name} weight", TensorType.Float(sizes), new ParameterOptions { Initializer = "he" });
        return form switch
        {
            "dense" => builder.Apply("dense", null, x, Weight(units, Features), bias),
            "one bias" => builder.Apply("dense", null, x, Weight(units, Features), name == "key" ? bias : null),
            "matmul and add" => builder.Apply("add", null, bias, builder.Apply("matmul", null, x, Weight(Features, units))),
            "turned" => builder.Apply("matmul", AttributeSet.Empty.With("transpose_b", true), x, Weight(units, Features)),
            _ => throw new ArgumentOutOfRangeException(nameof(form), form, "no such product"),
        };
    }

    [TestCase("dense", 16)]
    [TestCase("dense", 32)]
    [TestCase("one bias", 16)]
    [TestCase("matmul and add", 16)]
    [TestCase("turned", 48)]
    public void Queries_keys_and_values_are_one_call(string form, int rows)
    {
        var graph = Attention(form, rows);
        var options = new CompilerOptions { Profile = Device.Profile };
        var (apart, merged) = (GraphCompiler.Compile(graph, options with { Fuse = false }), GraphCompiler.Compile(graph, options));
        Assert.That(HazardChecker.Check(merged), Is.Empty);
        Assert.That(merged.Main.Calls.Count(c => c.SourceNodes.Count >= 3), Is.EqualTo(1));
        Assert.That(Run(merged), Is.EqualTo(Run(apart)).Within(1e-5));
    }

    [Test]
    public void Gates_keep_their_activations()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "gates");
        var x = builder.Input("x", TensorType.Float(1, Features));
        var gates = new[] { "sigmoid", "tanh", "sigmoid" }.Select((f, i) => builder.Apply(f, null, Product(builder, "dense", x, $"gate {i}", 64))).ToArray();
        builder.Output("y", builder.Apply("mul", null, builder.Apply("mul", null, gates[0], gates[1]), gates[2]));
        var refusals = Refusals(builder.Build());
        Assert.That(refusals.Select(r => r.Reason), Has.Some.Contains("would have to be computed apart"));
    }

    [TestCase(62, "not a multiple of four")]
    [TestCase(4, "would not begin where tensors may", Description = "one row of four units is 16 bytes")]
    public void What_cannot_be_merged_says_why(int units, string reason)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "pair");
        var x = builder.Input("x", TensorType.Float(1, Features));
        builder.Output("y", builder.Apply("concat", null, builder.Apply("softmax", null, Product(builder, "dense", x, "a", units)), builder.Apply("softmax", null, Product(builder, "dense", x, "b", units))));
        Assert.That(Refusals(builder.Build()).Select(r => r.Reason), Has.Some.Contains(reason));
    }

    private List<FusionRefusal> Refusals(Graph graph)
    {
        var refusals = new List<FusionRefusal>();
        GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile with { BufferAlignment = 64 }, Refused = refusals.Add });
        return refusals;
    }

    private float[] Run(ExecutionPlan plan)
    {
        using var model = CompiledModel.Load(Device, plan, new InitializedWeights(3));
        using var session = model.CreateSession(1);
        var input = Tensor.Zeros(plan.Inputs[0].Value.Type);
        ElementConversion.StoreReals(input, [.. Enumerable.Range(0, input.Count).Select(i => ((i * 37 % 101) - 50) / 50.0)]);
        return session.Run(new Dictionary<string, Tensor> { ["x"] = input })["y"].ToArray<float>();
    }
}
