using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Bounded;

internal sealed class ExtentTests
{
    [Test]
    public void Consumers_that_must_know_the_size_are_named()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var found = builder.Add(StandardOperators.Registry.Get("nonzero"), AttributeSet.Empty, [builder.Input("x", TensorType.Float(100, 200))], "found")[0];
        Assert.That(found.Extent, Is.Not.Null);
        Assert.That(() => builder.Apply("reduce_sum", null, found), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2012").And.Message.Contains("found").And.Message.Contains("reduce_sum"));
    }

    [TestCase("slice"), TestCase("reshape"), TestCase("concat"), TestCase("matmul")]
    public void What_cuts_across_must_know_the_size(string name)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var found = builder.Apply("nonzero", null, builder.Input("x", TensorType.Float(100, 200)));
        Action act = name switch
        {
            "slice" => () => builder.Apply(name, TestAttributes.Of("starts", 0).And("ends", 5).And("axes", 1), found),
            "reshape" => () => builder.Apply(name, TestAttributes.Of("shape", 40, -1), found),
            "concat" => () => builder.Apply(name, AttributeSet.Empty.With("axis", 1L), found, found),
            _ => () => builder.Apply(name, AttributeSet.Empty.With("transpose_b", true), found, found),
        };
        Assert.That(() => act(), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2012"));
    }

    [Test]
    public void Small_inputs_are_asked_for_by_value()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var found = builder.Apply("nonzero", null, builder.Input("x", TensorType.Float(2, 3)));
        Assert.That(() => builder.Apply("reduce_sum", null, found), Throws.TypeOf<ValueNeededException>().With.Property("Inputs").EquivalentTo(new[] { "x" }));
    }

    [Test]
    public void Sizes_of_constants_are_known()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var found = builder.Apply("nonzero", null, builder.Constant(Tensor.From([0f, 3, 0, 4], 2, 2)));
        Assert.That(found.Shape, Is.EqualTo(new Shape(2, 2)));
        Assert.That(found.Constant!.ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 1, 1 }));
    }

    [Test]
    public void Graph_outputs_are_followed_by_their_counts()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        builder.Output("y", builder.Apply("nonzero", null, builder.Input("x", TensorType.Float(7))));
        var graph = builder.Build();
        Assert.That(graph.Outputs.Select(o => o.Key), Is.EqualTo(new[] { "y", "y:count" }));
        Assert.That(graph.Extents["y"], Is.EqualTo(1));
    }
}
