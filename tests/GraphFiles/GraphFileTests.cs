using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.GraphFiles;

/// <summary>What graph files mean, and what is said about those that mean nothing.</summary>
internal sealed class GraphFileTests
{
    private const string Image = "version: 1\ninputs: {x: {shape: [1, 3, 8, 8]}}\n";

    // Text and names.
    [TestCase("nodes: {y: {op: conv2, input: x, filters: 4, kernel: 3}}\noutputs: [y]", "VKN1101", "3:17", "did you mean 'conv2d'?")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filter: 4, kernel: 3}}\noutputs: [y]", "VKN1102", "3:35", "did you mean 'filters'?")]
    [TestCase("node: {y: {op: relu, input: x}}\noutputs: [x]", "VKN1102", "3:1", "did you mean 'nodes'?")]
    [TestCase("nodes: {y: {op: relu, input: x}}", "VKN1005", "1:1", "outputs")]
    [TestCase("nodes: {y: {op: relu, input: xx}}\noutputs: [y]", "VKN1103", "3:30", "did you mean 'x'?")]
    [TestCase("nodes: {y: {op: relu, input: x}}\noutputs: [z]", "VKN1103", "4:11", "nothing is named 'z'")]
    [TestCase("nodes:\n  y: {op: relu, input: x}\n  y: {op: tanh, input: x}\noutputs: [y]", "VKN1105", "5:3", "every name is assigned once")]
    [TestCase("nodes: {x: {op: relu, input: x}}\noutputs: [x]", "VKN1105", "3:12", "'x' is assigned twice")]
    [TestCase("nodes:\n  y: {op: relu, input: z}\n  z: {op: tanh, input: x}\noutputs: [y]", "VKN1104", "4:", "'z' is used before it is assigned")]
    [TestCase("nodes: {y: {op: relu, input: y}}\noutputs: [y]", "VKN1104", "3:", "a cycle needs")]
    [TestCase("nodes:\n  y: {op: relu, input: z}\n  z: {op: tanh, input: y}\noutputs: [y]", "VKN1104", "4:", "'z' is used before it is assigned")]
    [TestCase("blocks: {b: {inputs: [q], nodes: {r: {op: b, input: q}}, outputs: [r]}}\nnodes: {y: {op: b, input: x}}\noutputs: [y]", "VKN1108", "3:", "contains itself")]
    [TestCase("blocks: {b: {inputs: [q], arguments: {n: required}, nodes: {r: {op: relu, input: q}}, outputs: [r]}}\nnodes: {y: {op: b, input: x}}\noutputs: [y]", "VKN1005", "4:", "lacks the argument 'n'")]
    [TestCase("blocks: {b: {inputs: [q], nodes: {r: {op: relu, input: q}}, outputs: [r]}}\nnodes: {y: {op: b, inputs: [x, x]}}\noutputs: [y]", "VKN1109", "4:", "takes 1 inputs (q), but 2 are given")]
    [TestCase("blocks: {b: {inputs: [q], nodes: {r: {op: relu, input: q}}, outputs: [r]}}\nnodes: {y: {op: b, input: x}, z: {op: relu, input: 'y:s'}}\noutputs: [z]", "VKN1103", "4:", "its outputs: r")]
    [TestCase("nodes: {y: {op: split, input: x, axis: 1, parts: 3}, z: {op: relu, input: 'y:3'}}\noutputs: [z]", "VKN1103", "3:", "its outputs: output, 1, 2")]
    [TestCase("nodes: {y: {op: reshape, input: x, shape: [M, 3]}}\noutputs: [y]", "VKN1006", "3:44", "not 'M'")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 99999999999999999999999, kernel: 3}}\noutputs: [y]", "VKN1006", "3:44", "whole number")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 3037000500*3037000500*3, kernel: 3}}\noutputs: [y]", "VKN1006", "3:44", "overflows")]
    // Numbers that are out of range.
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 4, kernel: 0}}\noutputs: [y]", "VKN1203", "3:55", "'kernel' must be at least 1, not 0")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 4, kernel: [3, -1]}}\noutputs: [y]", "VKN1203", "3:", "'kernel' must be at least 1, not -1")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 4, kernel: 3, stride: 0}}\noutputs: [y]", "VKN1203", "3:", "'stride' must be at least 1, not 0")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 4, kernel: 3, dilation: 0}}\noutputs: [y]", "VKN1203", "3:", "'dilation' must be at least 1, not 0")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 0, kernel: 3}}\noutputs: [y]", "VKN1203", "3:", "'filters' must be at least 1, not 0")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: -4, kernel: 3}}\noutputs: [y]", "VKN1203", "3:44", "'filters' must be at least 1, not -4")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 4, kernel: 3, padding: -9}}\noutputs: [y]", "VKN1203", "3:", "'padding' must be at least 0, not -9")]
    [TestCase("nodes: {y: {op: max_pool2d, input: x, kernel: 2, stride: -2}}\noutputs: [y]", "VKN1203", "3:", "'stride' must be at least 1, not -2")]
    // Shapes: both are shown, and the rule.
    [TestCase("nodes: {y: {op: add, inputs: [x]}}\noutputs: [y]", "VKN2105", "3:12", "lacks its input 'b'")]
    [TestCase("nodes: {y: {op: relu}}\noutputs: [y]", "VKN2105", "3:12", "lacks its input 'input'")]
    [TestCase("nodes: {y: {op: relu, inputs: [x, x]}}\noutputs: [y]", "VKN2104", "3:12", "but 2 are given")]
    [TestCase("constants: {k: {shape: [5, 5], value: 1}}\nnodes: {y: {op: add, inputs: [x, k]}}\noutputs: [y]", "VKN2120", "4:12", "[1, 3, 8, 8] and [5, 5]|sizes must be equal or 1")]
    [TestCase("constants: {k: {shape: [5, 5], value: 1}}\nnodes: {y: {op: matmul, inputs: [x, k]}}\noutputs: [y]", "VKN2", "4:12", "[1, 3, 8, 8]|[5, 5]")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 4, kernel: 11}}\noutputs: [y]", "VKN2302", "3:12", "[1, 3, 8, 8]|output size = floor(")]
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 4, kernel: 3, groups: 2}}\noutputs: [y]", "VKN2310", "3:12", "3 input channels and 4 filters|both must be multiples")]
    [TestCase("nodes: {y: {op: reshape, input: x, shape: [7, -1]}}\noutputs: [y]", "VKN2112", "3:12", "f32[1, 3, 8, 8]|[7, -1]")]
    [TestCase("parameters: {W: {shape: [4, 5, 3, 3]}}\nnodes: {y: {op: conv2d, input: x, weight: W}}\noutputs: [y]", "VKN2", "4:12", "[4, 5, 3, 3]|[1, 3, 8, 8]")]
    // Sizes that no memory holds: refused before anything is allocated.
    [TestCase("nodes: {y: {op: conv2d, input: x, filters: 4611686018427387904, kernel: 3}}\noutputs: [y]", "VKN2002", "3:12", "more elements than any memory can hold")]
    [TestCase("nodes: {y: {op: max_pool2d, input: x, kernel: 2, dilation: 9223372036854775807}}\noutputs: [y]", "VKN2013", "3:12", "its sizes overflow")]
    [TestCase("nodes: {y: {op: tile, input: x, repeats: [9223372036854775807, 1, 1, 1]}}\noutputs: [y]", "VKN2", "3:12", "")]
    [TestCase("parameters: {W: {shape: [50000, 50000]}}\nnodes: {y: {op: relu, input: W}}\noutputs: [y]", "VKN2013", "3:25", "9.3 GiB")]
    [TestCase("states: {s: {shape: [50000, 50000], next: s}}\nnodes: {y: {op: relu, input: s}}\noutputs: [y]", "VKN2013", "3:", "9.3 GiB")]
    [TestCase("constants: {k: {shape: [50000, 50000], value: 1}}\nnodes: {y: {op: relu, input: k}}\noutputs: [y]", "VKN2", "3:", "")]
    public void Mistakes_are_named_with_their_place(string rest, string code, string place, string fragments)
    {
        var fault = Fault(Image + rest);
        Assert.Multiple(() =>
        {
            Assert.That(fault.Diagnostic.Code, Does.StartWith(code), fault.Message);
            Assert.That(fault.Kind, Is.EqualTo(ErrorKind.Input));
            Assert.That(fault.Message, Does.StartWith($"test.yaml:{place}"));
            foreach (var fragment in fragments.Split('|')) Assert.That(fault.Message, Does.Contain(fragment));
        });
    }

    [TestCase("", "VKN1002")]
    [TestCase("- a\n- b", "VKN1002")]
    [TestCase("just words", "VKN1002")]
    [TestCase("{ this: [is: not", "VKN1001")]
    [TestCase("outputs: [!!binary]", "VKN1001")]
    [TestCase("  a: {value: [[[[, shape: [N, 48]}\n  b:\n", "VKN1001")]
    [TestCase("\0\u0001\u0002 binary", "VKN100")]
    [TestCase("version: 2\noutputs: [x]", "VKN1004")]
    [TestCase("outputs: [x]", "VKN1005")]
    [TestCase("version: 1\ninputs: {x: {shape: [1, -3]}}\noutputs: [x]", "VKN2001")]
    [TestCase("version: 1\ninputs: {x: {shape: [4611686018427387904, 4]}}\noutputs: [x]", "VKN2002")]
    [TestCase("version: 1\ninputs: {x: {shape: [100000, 100000]}}\noutputs: [x]", "VKN2013")]
    [TestCase("version: 1\ninputs: {x: {shape: [3], dtype: f23}}\noutputs: [x]", "VKN1006")]
    public void What_is_no_graph_file_is_refused(string text, string code) => Assert.That(Fault(text).Diagnostic.Code, Does.StartWith(code));

    [Test]
    public void Outputs_are_named_or_numbered()
    {
        var graph = GraphFile.Parse(Image + "nodes:\n  parts: {op: split, input: x, axis: 1, sizes: [1, 2], activation: relu}\n  a: {op: tanh, input: 'parts:0'}\n  b: {op: tanh, input: 'parts:1'}\n  c: {op: tanh, input: 'parts:output'}\noutputs: [a, b, c]", StandardOperators.Registry).Build(Bindings.Empty);
        Assert.That(graph.Outputs.Select(o => o.Value.Shape[1]), Is.EqualTo(new[] { 1, 2, 1 }));
        Assert.That(graph.Outputs[0].Value.Producer!.Inputs[0]!.Producer!.Operator.Name, Is.EqualTo("relu"), "the first output has passed the activation");
    }

    [Test]
    public void A_symbol_without_a_size_is_named()
    {
        var fault = Faults.Expect("VKN2008", () => GraphFile.Parse("version: 1\ninputs: {x: {shape: [N, 3]}}\noutputs: [x]", StandardOperators.Registry).Build(Bindings.Empty));
        Assert.That(fault.Message, Does.Contain("'N'").And.Contain("x: f32[N, 3]"));
    }

    [Test]
    public void A_bomb_of_aliases_is_refused_without_being_unfolded()
    {
        var text = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n")) + "outputs: [x]";
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(Fault(text).Diagnostic.Code, Is.EqualTo("VKN1003"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(200 << 20));
    }

    [Test]
    public void Lists_nested_without_end_are_refused() =>
        Assert.That(Fault($"version: 1\noutputs: {new string('[', 100_000)}").Diagnostic.Code, Does.StartWith("VKN100"));

    [Test]
    public void A_block_repeated_without_end_is_refused() =>
        Assert.That(Fault(Image + "blocks: {b: {inputs: [q], nodes: {r: {op: relu, input: q}}, outputs: [r]}}\nnodes: {y: {op: b, input: x, repeat: 2000000000}}\noutputs: [y]").Diagnostic.Code, Is.EqualTo("VKN1003"));

    [Test]
    public void Outputs_of_blocks_have_names()
    {
        const string Text = "version: 1\ninputs: {x: {shape: [2]}}\nblocks: {b: {inputs: [q], nodes: {p: {op: relu, input: q}, n: {op: neg, input: q}}, outputs: [p, n]}}\n"
            + "nodes: {two: {op: b, input: x}, y: {op: sub, inputs: [two, 'two:n']}, z: {op: add, inputs: ['two:p', 'two:n']}}\noutputs: [y, z]";
        var graph = GraphFile.Parse(Text, StandardOperators.Registry).Build(Bindings.Empty);
        var values = HostEvaluator.Run(graph, new Dictionary<string, Tensor> { ["x"] = Tensor.From([3f, -5f]) });
        Assert.That(values[graph.Outputs[0].Value].ToArray<float>(), Is.EqualTo(new float[] { 6, -5 }));
        Assert.That(values[graph.Outputs[1].Value].ToArray<float>(), Is.EqualTo(new float[] { 0, 5 }));
    }

    [TestCase("(H + 1) // 2", 5, 3)]
    [TestCase("(H + 3) // 4", 9, 3)]
    [TestCase("H // 3 * 3", 11, 9)]
    [TestCase("(2 - H) // 2 + 5", 5, 3)]
    [TestCase("2*H/4", 6, 3)]
    public void Sizes_are_reckoned(string expression, long height, long expected)
    {
        var model = GraphFile.Parse($"version: 1\ninputs: {{x: {{shape: [H]}}}}\nnodes: {{y: {{op: fill, shape: [{expression}]}}}}\noutputs: [y]", StandardOperators.Registry);
        var graph = model.Build(new Bindings { Symbols = new Dictionary<string, long> { ["H"] = height } });
        Assert.That(graph.Outputs[0].Value.Shape[0], Is.EqualTo(expected));
    }

    [TestCase("H/2")]
    [TestCase("H//0")]
    [TestCase("H///2")]
    [TestCase("(H")]
    public void Sizes_that_come_to_nothing_are_refused(string expression)
    {
        var model = GraphFile.Parse($"version: 1\ninputs: {{x: {{shape: [H]}}}}\nnodes: {{y: {{op: fill, shape: ['{expression}']}}}}\noutputs: [y]", StandardOperators.Registry);
        Faults.Expect("VKN1006", () => model.Build(new Bindings { Symbols = new Dictionary<string, long> { ["H"] = 5 } }));
    }

    private static VkNetException Fault(string text) =>
        Assert.Throws<VkNetException>(() => GraphFile.Parse(text, StandardOperators.Registry, "test.yaml").Build(new Bindings { OpenSymbols = 1 }))!;
}
