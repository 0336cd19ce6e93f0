using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Tests.Compilation;

internal sealed class FusionTests
{
    [Test]
    public void A_chain_becomes_one_call()
    {
        var graph = new StubGraph();
        graph.Output(Chain(graph, graph.Node("c", "root", graph.Input("x")), 3));
        var plan = graph.Compile();
        Assert.That(plan.Main.Calls, Has.Count.EqualTo(1));
        Assert.That(plan.Main.Calls[0].SourceNodes, Is.EqualTo(new[] { "c", "u0", "u1", "u2" }));
        Assert.That(graph.Compile(o => o with { Fuse = false }).Main.Calls, Has.Count.EqualTo(4));
    }

    [Test]
    public void A_diamond_is_one_group()
    {
        var graph = new StubGraph();
        var c = graph.Node("c", "root", graph.Input("x"));
        graph.Output(graph.Node("product", "binary", c, graph.Node("gate", "unary", c)));
        var fused = graph.AfterPasses();
        Assert.That(fused.Nodes, Has.Count.EqualTo(1));
        Assert.That(fused.Nodes[0].Epilogue!.Steps.Select(s => (s.Opcode, s.A, s.B)), Is.EqualTo(new[] { (3, 0, 0), (4, 0, 5) }));
        Assert.That(fused.Nodes[0].Epilogue!.OperandCount, Is.Zero);
    }

    [Test]
    public void A_residual_sum_joins_whichever_branch_comes_last()
    {
        var graph = new StubGraph();
        var x = graph.Input("x");
        var (first, second) = (graph.Node("first", "root", x), graph.Node("second", "root", x));
        graph.Output(graph.Node("relu", "unary", graph.Node("sum", "binary", first, second)));
        var fused = graph.AfterPasses();
        Assert.That(fused.Nodes.Select(n => n.FusedNames.Count), Is.EquivalentTo(new[] { 0, 3 }));
        Assert.That(fused.Nodes[^1].Epilogue!.OperandCount, Is.EqualTo(1));
    }

    [Test]
    public void An_operand_counts_once_however_often_it_is_used()
    {
        var graph = new StubGraph();
        var (x, w) = (graph.Input("x"), graph.Parameter("w"));
        var c = graph.Node("c", "root", x);
        graph.Output(graph.Node("b", "binary", graph.Node("a", "binary", c, w), w));
        var node = graph.AfterPasses().Nodes.Single();
        Assert.That(node.Epilogue!.OperandCount, Is.EqualTo(1));
        Assert.That(node.Epilogue.Steps.Select(s => (s.Opcode, s.A, s.B)), Is.EqualTo(new[] { (4, 0, 1), (4, 5, 1) }));
    }

    [Test]
    public void A_value_wanted_elsewhere_ends_the_group()
    {
        var graph = new StubGraph();
        var c = graph.Node("c", "root", graph.Input("x"));
        var a = graph.Node("a", "unary", c);
        graph.Output(graph.Node("b", "unary", a)).Output(a);
        Assert.That(Groups(graph), Is.EqualTo(new[] { "c+a", "b" }));
    }

    [Test]
    public void A_reader_that_cannot_join_ends_the_group()
    {
        var graph = new StubGraph();
        var c = graph.Node("c", "root", graph.Input("x"));
        var a = graph.Node("a", "unary", c);
        graph.Output(graph.Node("b", "unary", a)).Output(graph.Node("other", "opaque", a));
        Assert.That(Groups(graph), Is.EqualTo(new[] { "c+a", "b", "other" }));
    }

    [Test]
    public void A_state_that_takes_the_value_ends_the_group()
    {
        var graph = new StubGraph();
        var state = graph.State("s");
        var c = graph.Node("c", "root", state);
        graph.Next(state, c);
        graph.Output(graph.Node("a", "unary", c));
        Assert.That(Groups(graph), Is.EqualTo(new[] { "c", "a" }));
    }

    [TestCase("rare", "c+a", Description = "its function is not known to all kernels")]
    [TestCase("halved", "c+a", Description = "it changes the shape")]
    [TestCase("to_integer", "c+a", Description = "reals and whole numbers have kernels of their own")]
    [TestCase("opaque", "c+a", Description = "it is not pointwise")]
    public void What_a_kernel_cannot_do_stays_apart(string op, string group)
    {
        var graph = new StubGraph();
        graph.Output(graph.Node("z", op, graph.Node("a", "unary", graph.Node("c", "root", graph.Input("x")))));
        Assert.That(Groups(graph), Is.EqualTo(new[] { group, "z" }));
    }

    [Test]
    public void A_group_has_at_most_eight_steps()
    {
        var graph = new StubGraph();
        graph.Output(Chain(graph, graph.Node("c", "root", graph.Input("x")), 20));
        Assert.That(graph.Compile().Main.Calls.Select(c => c.SourceNodes.Count), Is.EqualTo(new[] { 9, 9, 3 }));
    }

    [Test]
    public void A_group_has_at_most_four_operands()
    {
        var graph = new StubGraph();
        var value = graph.Node("c", "root", graph.Input("x"));
        for (var i = 0; i < 6; i++) value = graph.Node($"b{i}", "binary", value, graph.Parameter($"w{i}"));
        graph.Output(value);
        Assert.That(Groups(graph), Is.EqualTo(new[] { "c+b0+b1+b2+b3", "b4+b5" }));
    }

    [Test]
    public void Operands_may_be_one_element_or_one_per_channel()
    {
        foreach (var (shape, joins) in new (Shape, bool)[] { ([1], true), ([1, 8], true), ([8], true), ([4, 8], true), ([4, 1], false) })
        {
            var graph = new StubGraph();
            graph.Output(graph.Node("b", "binary", graph.Node("c", "root", graph.Input("x")), graph.Input("y", shape: shape)));
            Assert.That(Groups(graph), joins ? Is.EqualTo(new[] { "c+b" }) : Is.EqualTo(new[] { "c", "b" }), shape.ToString());
        }
    }

    [Test]
    public void A_truth_value_may_leave_a_group_of_reals()
    {
        var graph = new StubGraph();
        graph.Output(graph.Node("less", "compare", graph.Node("c", "root", graph.Input("x")), graph.Input("y")));
        Assert.That(Groups(graph), Is.EqualTo(new[] { "c+less" }));
    }

    [Test]
    public void An_operand_made_between_root_and_last_member_is_ready()
    {
        // The group takes the place of its last member, behind 'late'.
        var graph = new StubGraph();
        var x = graph.Input("x");
        var c = graph.Node("c", "root", x);
        var late = graph.Node("late", "opaque", x);
        graph.Output(graph.Node("sum", "binary", c, late));
        Assert.That(Groups(graph), Is.EqualTo(new[] { "late", "c+sum" }));
    }

    private static Value Chain(StubGraph graph, Value value, int length)
    {
        for (var i = 0; i < length; i++) value = graph.Node($"u{i}", "unary", value);
        return value;
    }

    private static IEnumerable<string> Groups(StubGraph graph) => graph.Compile().Main.Calls.Where(c => c is DispatchCall).Select(c => string.Join("+", c.SourceNodes));

    [TestCase("rare", "does not know rare")]
    [TestCase("to_integer", "either reals or whole numbers")]
    public void A_refusal_says_why(string op, string reason)
    {
        var graph = new StubGraph();
        graph.Output(graph.Node("u", op, graph.Node("c", "root", graph.Input("x"))));
        var refusal = Refusals(graph).Single();
        Assert.That(refusal.Nodes, Is.EqualTo(new[] { "c", "u" }));
        Assert.That(refusal.Reason, Does.Contain(reason));
    }

    [Test]
    public void A_value_read_elsewhere_is_named_in_the_refusal()
    {
        var graph = new StubGraph();
        var c = graph.Node("c", "root", graph.Input("x"));
        graph.Output(graph.Node("u", "unary", c)).Output(graph.Node("other", "opaque", c));
        Assert.That(Refusals(graph).Single().Reason, Is.EqualTo("'c' is also read by 'other'"));
    }

    [Test]
    public void What_is_fused_is_not_refused()
    {
        var graph = new StubGraph();
        graph.Output(Chain(graph, graph.Node("c", "root", graph.Input("x")), 3));
        Assert.That(Refusals(graph), Is.Empty);
    }

    private static List<FusionRefusal> Refusals(StubGraph graph)
    {
        var refusals = new List<FusionRefusal>();
        graph.Compile(o => o with { Refused = refusals.Add });
        return refusals;
    }
}
