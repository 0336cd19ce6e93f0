using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Tests.Compilation;

internal sealed class PassTests
{
    [Test]
    public void Nodes_that_nothing_depends_on_are_left_out()
    {
        var graph = new StubGraph();
        var x = graph.Input("x");
        var dead = graph.Node("dead", "opaque", x);
        graph.Node("deader", "opaque", dead);
        var (state, kept) = (graph.State("s"), graph.Node("kept", "opaque", x));
        graph.Next(state, kept);
        graph.Output(graph.Node("y", "opaque", x));
        Assert.That(graph.AfterPasses().Nodes.Select(n => n.Name), Is.EqualTo(new[] { "kept", "y" }));
    }

    [Test]
    public void A_graph_with_nothing_dead_is_passed_through()
    {
        var graph = new StubGraph();
        graph.Output(graph.Node("y", "opaque", graph.Input("x")));
        var built = graph.Build();
        Assert.That(new DeadCode().Run(built, new CompilerOptions { Profile = StubGraph.Profile }), Is.SameAs(built));
    }

    [Test]
    public void Equal_nodes_are_computed_once()
    {
        var graph = new StubGraph();
        var x = graph.Input("x");
        var (a, b) = (graph.Untagged("a", "opaque", x), graph.Untagged("b", "opaque", x));
        graph.Output(graph.Untagged("c", "opaque2", graph.Untagged("d", "opaque", a), graph.Untagged("e", "opaque", b)));
        Assert.That(graph.AfterPasses().Nodes.Select(n => n.Name), Is.EqualTo(new[] { "a", "d", "c" }));
    }

    [Test]
    public void Two_outputs_of_one_value_are_both_delivered()
    {
        var graph = new StubGraph();
        var x = graph.Input("x");
        graph.Output(graph.Untagged("a", "opaque", x)).Output(graph.Untagged("b", "opaque", x));
        var plan = graph.Compile();
        Assert.That(plan.Outputs.Select(o => o.Key), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(plan.Outputs.Select(o => o.Value.Buffer).Distinct().Count(), Is.EqualTo(2));
        Assert.That(plan.Main.Calls.Select(c => c.Kernel), Is.EqualTo(new[] { "stub/opaque", "copy" }));
    }

    [Test]
    public void Random_nodes_are_not_merged()
    {
        var graph = new StubGraph();
        var x = graph.Input("x");
        graph.Output(graph.Untagged("sum", "opaque2", graph.Untagged("a", "random", x), graph.Untagged("b", "random", x)));
        Assert.That(Operators(graph), Is.EqualTo(new[] { "random", "random", "opaque2" }));
    }

    [Test]
    public void What_changes_nothing_is_left_out_even_as_an_output()
    {
        var graph = new StubGraph();
        var x = graph.Input("x");
        graph.Output(graph.Node("same", "nothing", graph.Node("also", "nothing", x)));
        var plan = graph.Compile();
        Assert.That(plan.Main.Calls.Select(c => c.Kernel), Is.EqualTo(new[] { "copy" }));
        Assert.That(plan.Outputs[0].Key, Is.EqualTo("same"));
    }

    [Test]
    public void Calls_are_ordered_for_least_peak_memory()
    {
        // As written, all five branches live at once; summed up one by one, two do.
        var graph = new StubGraph { Shape = [64, 64] };
        var x = graph.Input("x");
        var branches = Enumerable.Range(0, 5).Select(i => graph.Node($"b{i}", "opaque", x)).ToList();
        var sum = branches[0];
        for (var i = 1; i < 5; i++) sum = graph.Node($"s{i}", "opaque2", sum, branches[i]);
        graph.Output(graph.Node("y", "opaque", sum));
        var bytes = DeviceTensor.SizeOf(new TensorType(DataType.Float32, [64, 64]), Layout.Dense);
        Assert.That(graph.Compile().Arenas[MemoryBlock.Activations].Sum(), Is.EqualTo(3 * bytes));
    }

    [Test]
    public void Weights_that_no_call_reads_take_no_memory()
    {
        var graph = new StubGraph();
        graph.Parameter("unused", [1024, 1024]);
        graph.Output(graph.Node("y", "opaque", graph.Input("x")));
        Assert.That(graph.Compile().Memory.WeightBytes, Is.Zero);
    }

    [Test]
    public void What_depends_on_weights_only_is_computed_once_when_loading()
    {
        var graph = new StubGraph();
        var packed = graph.Node("packed", "opaque", graph.Parameter("w"));
        graph.Output(graph.Node("y", "opaque2", graph.Input("x"), packed));
        var plan = graph.Compile();
        Assert.That(plan.Setup.Calls.Select(c => c.Node), Is.EqualTo(new[] { "packed" }));
        Assert.That(plan.Main.Calls.Select(c => c.Node), Is.EqualTo(new[] { "y" }));
        Assert.That(plan.Placements.Single(p => p.Key.Name == "w").Value.Block, Is.EqualTo(MemoryBlock.Setup));
        Assert.That(plan.Placements.Single(p => p.Key.Name == "packed").Value.Block, Is.EqualTo(MemoryBlock.Weights));
    }

    [Test]
    public void Layouts_are_converted_where_regions_begin_and_end()
    {
        var graph = new StubGraph { Shape = [1, 3, 5, 5] };
        var c1 = graph.Node("c1", "prefers", graph.Input("x"));
        var c2 = graph.Node("c2", "prefers", graph.Node("p", "either", c1));
        graph.Output(graph.Node("y", "opaque", c2));
        Assert.That(Operators(graph), Is.EqualTo(new[] { "to_channels_last", "prefers", "either", "prefers", "from_channels_last", "opaque" }));
    }

    [Test]
    public void A_conversion_is_shared_by_all_who_need_it()
    {
        var graph = new StubGraph { Shape = [1, 3, 5, 5] };
        var x = graph.Input("x");
        var (a, b) = (graph.Node("a", "prefers", x), graph.Node("b", "prefers", x));
        graph.Output(graph.Node("sum", "either2", a, b));
        Assert.That(Operators(graph), Is.EqualTo(new[] { "to_channels_last", "prefers", "prefers", "either2", "from_channels_last" }));
    }

    [Test]
    public void A_conversion_is_left_to_the_kernel_in_front_of_it()
    {
        var graph = new StubGraph { Shape = [1, 3, 5, 5] };
        graph.Output(graph.Node("y", "opaque", graph.Node("s", "stores_dense", graph.Node("c", "prefers", graph.Input("x")))));
        Assert.That(Operators(graph), Is.EqualTo(new[] { "to_channels_last", "prefers", "stores_dense", "opaque" }));
        Assert.That(Operators(graph, o => o with { Fuse = false }), Is.EqualTo(new[] { "to_channels_last", "prefers", "stores_dense", "from_channels_last", "opaque" }));
        var stored = graph.AfterPasses().Nodes.Single(n => n.Name == "s");
        Assert.That((stored.Inputs[0]!.Layout, stored.Outputs[0].Layout), Is.EqualTo((Layout.ChannelsLast, Layout.Dense)));
        Assert.That(stored.FusedNames, Is.EqualTo(new[] { "s", "s/dense" }));
    }

    [Test]
    public void What_is_also_read_channels_last_is_converted()
    {
        var graph = new StubGraph { Shape = [1, 3, 5, 5] };
        var s = graph.Node("s", "stores_dense", graph.Node("c", "prefers", graph.Input("x")));
        graph.Output(graph.Node("y", "opaque", s)).Output(graph.Node("z", "prefers", s));
        Assert.That(Operators(graph).Count(o => o == "from_channels_last"), Is.EqualTo(2));
    }

    [Test]
    public void A_result_of_the_graph_is_stored_dense()
    {
        var graph = new StubGraph { Shape = [1, 3, 5, 5] };
        graph.Output(graph.Node("s", "stores_dense", graph.Node("c", "prefers", graph.Input("x"))));
        Assert.That(Operators(graph), Is.EqualTo(new[] { "to_channels_last", "prefers", "stores_dense" }));
    }

    [Test]
    public void A_conversion_is_left_to_the_kernels_behind_it_if_all_can()
    {
        foreach (var (all, operators) in new[] { (true, new[] { "to_channels_last", "prefers", "reads_dense" }), (false, ["to_channels_last", "to_channels_last", "prefers", "prefers", "reads_dense"]) })
        {
            var graph = new StubGraph { Shape = [1, 3, 5, 5] };
            var d = graph.Input("d");
            graph.Output(graph.Node("s", "reads_dense", d, graph.Node("c", "prefers", graph.Input("x"))));
            if (!all) graph.Output(graph.Node("p", "prefers", d));
            Assert.That(Operators(graph).Where(o => o != "from_channels_last").Order(), Is.EqualTo(operators.Order()));
            Assert.That(graph.AfterPasses().Nodes.Single(n => n.Name == "s").Inputs.Select(i => i!.Layout), Is.EqualTo(new[] { all ? Layout.Dense : Layout.ChannelsLast, Layout.ChannelsLast }));
        }
    }

    [Test]
    public void Only_inputs_that_can_be_read_dense_are()
    {
        var graph = new StubGraph { Shape = [1, 3, 5, 5] };
        graph.Output(graph.Node("s", "reads_dense", graph.Node("c", "prefers", graph.Input("x")), graph.Input("d")));
        Assert.That(Operators(graph).Count(o => o == "to_channels_last"), Is.EqualTo(2));
    }

    [Test]
    public void One_call_serves_nodes_that_merge()
    {
        var graph = new StubGraph();
        var (x, y) = (graph.Input("x"), graph.Input("y"));
        var a = graph.Node("a", "half", x);
        var b = graph.Node("b", "half", graph.Node("z", "opaque", y));
        graph.Output(graph.Node("c", "opaque2", a, b)).Output(b);
        var after = graph.AfterPasses();
        Assert.That(after.Nodes.Select(n => n.Operator.Name), Is.EqualTo(new[] { "opaque", "pair", "opaque2" }));
        // Outputs in the order that the operator gave, and each for its node.
        Assert.That(after.Nodes[1].Outputs.Select(o => o.Name), Is.EqualTo(new[] { "b", "a" }));
        Assert.That(after.Nodes[2].Inputs.Select(i => i!.OutputIndex), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(after.Nodes[1].FusedNames, Is.EqualTo(new[] { "b", "a" }));
        Assert.That(Operators(graph, o => o with { Fuse = false }), Has.None.EqualTo("pair"));
    }

    [Test]
    public void Views_move_along_with_nodes_that_merge()
    {
        var graph = new StubGraph();
        var a = graph.Node("w", "view", graph.Node("v", "view", graph.Node("a", "half", graph.Input("x"))));
        var b = graph.Node("b", "half", graph.Node("z", "opaque", graph.Input("y")));
        graph.Output(graph.Node("c", "opaque2", a, b));
        Assert.That(graph.AfterPasses().Nodes.Select(n => n.Name), Is.EqualTo(new[] { "z", "b", "v", "w", "c" }));
    }

    [Test]
    public void What_is_read_before_the_last_stays_apart()
    {
        var graph = new StubGraph();
        var a = graph.Node("a", "half", graph.Input("x"));
        var b = graph.Node("b", "half", graph.Node("z", "opaque", a));
        graph.Output(graph.Node("c", "half", graph.Input("y"))).Output(b);
        // b may go with c, which stands behind what reads a.
        Assert.That(Operators(graph), Is.EquivalentTo(new[] { "half", "opaque", "pair" }));
    }

    [Test]
    public void Outputs_and_states_are_dense()
    {
        var graph = new StubGraph { Shape = [1, 3, 5, 5] };
        var state = graph.State("s");
        var y = graph.Node("y", "prefers", state);
        graph.Next(state, y);
        graph.Output(y);
        var after = graph.AfterPasses();
        Assert.That(after.Outputs[0].Value.Layout, Is.EqualTo(Layout.Dense));
        Assert.That(after.States[0].Output.Layout, Is.EqualTo(Layout.Dense));
        Assert.That(graph.Compile().Outputs[0].Key, Is.EqualTo("y"));
    }

    [Test]
    public void Channels_are_padded_in_fours_and_counted_so()
    {
        var graph = new StubGraph { Shape = [2, 3, 5, 7] };
        graph.Output(graph.Node("y", "prefers", graph.Input("x")));
        var inner = graph.Compile().Placements.Single(p => p.Key.Name == "y").Value;
        Assert.That(inner.Bytes, Is.EqualTo((2 * 5 * 7 * 4 * 4 + 15) / 16 * 16));
    }

    [Test]
    public void Matrices_stay_dense_and_so_does_everything_when_told_so()
    {
        var matrix = new StubGraph { Shape = [3, 5] };
        matrix.Output(matrix.Node("y", "prefers", matrix.Input("x")));
        Assert.That(Operators(matrix), Is.EqualTo(new[] { "prefers" }));
        var picture = new StubGraph { Shape = [1, 3, 5, 5] };
        picture.Output(picture.Node("y", "prefers", picture.Input("x")));
        Assert.That(Operators(picture, o => o with { ChannelsLast = false }), Is.EqualTo(new[] { "prefers" }));
    }

    [Test]
    public void A_tensor_larger_than_an_allocation_is_refused_by_name()
    {
        var graph = new StubGraph { Shape = [1024, 1024] };
        graph.Output(graph.Node("y", "opaque", graph.Node("large", "opaque", graph.Input("x"))));
        var fault = Faults.Expect("VKN4201", () => graph.Compile(o => o with { Profile = StubGraph.Profile with { MaxAllocationBytes = 1 << 20 } }));
        Assert.That(fault.Kind, Is.EqualTo(ErrorKind.Device));
        Assert.That(fault.Message, Does.Contain("4194304").And.Contain("1048576").And.Contain("paper"));
    }

    [Test]
    public void Arenas_stay_within_an_allocation()
    {
        var graph = new StubGraph { Shape = [64, 64] };
        var values = Enumerable.Range(0, 8).Select(i => graph.Input($"x{i}")).ToList();
        values = [.. values.Select((v, i) => graph.Node($"a{i}", "opaque", v))];
        var sum = values[0];
        for (var i = 1; i < values.Count; i++) sum = graph.Node($"sum{i}", "opaque2", sum, values[i]);
        graph.Output(sum);
        var plan = graph.Compile(o => o with { Profile = StubGraph.Profile with { MaxAllocationBytes = 40_000 } });
        Assert.That(plan.Arenas[MemoryBlock.Activations].Length, Is.GreaterThan(1));
        Assert.That(plan.Arenas.SelectMany(a => a.Value), Has.All.LessThanOrEqualTo(40_000));
    }

    private static IEnumerable<string> Operators(StubGraph graph, Func<CompilerOptions, CompilerOptions>? configure = null) =>
        graph.AfterPasses(configure).Nodes.Select(n => n.Operator.Name);
}
