using Google.Protobuf;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Onnx.Wire;
using static VkNet.Tests.Onnx.Models;

namespace VkNet.Tests.Onnx;

internal sealed class HostileModelTests
{
    private static ModelProto Sound()
    {
        var proto = Graph("x", "y", Node("Constant", "", "c", Value(Flag("c", true))),
            Node("If", "c", "t", Body("then_branch", Graph("", "a", Node("Reshape", "x s", "a"))), Body("else_branch", Graph("", "b", Node("Reshape", "x s", "b")))),
            Node("Flat", "t", "y").In("test"));
        proto.Initializer.Add(Longs("s", 3, -1));
        return Model(proto, 17, Function("Flat", "p", "q", Node("Constant", "", "s", Integers("value_ints", 6)), Node("Reshape", "p s", "q")));
    }

    // Loads and builds; a diagnostic is the only answer allowed besides success.
    private static bool Accepts(byte[] model)
    {
        try
        {
            Load(model).Build(Bindings.Empty);
            return true;
        }
        catch (VkNetException e)
        {
            Assert.That(e.Kind, Is.EqualTo(ErrorKind.Input), e.Message);
            return false;
        }
    }

    [Test]
    public void A_model_cut_short_anywhere_is_refused()
    {
        var bytes = Sound().ToByteArray();
        Assert.That(Accepts(bytes), Is.True);
        // Where the cut falls between the last two fields of the file, what is left may be a model again.
        Assert.That(Enumerable.Range(0, bytes.Length).Count(length => Accepts(bytes[..length])), Is.LessThanOrEqualTo(1));
    }

    [Test]
    public void A_model_with_any_byte_changed_gives_a_diagnostic_or_a_graph()
    {
        var bytes = Sound().ToByteArray();
        var random = new Random(1);
        for (var i = 0; i < bytes.Length; i++)
        {
            foreach (var value in new[] { (byte)0, (byte)0xff, (byte)(bytes[i] ^ 1), (byte)(bytes[i] ^ 0x80), (byte)random.Next(256) })
            {
                var changed = (byte[])bytes.Clone();
                changed[i] = value;
                Accepts(changed);
            }
        }
    }

    [Test]
    public void Garbage_is_no_model()
    {
        Faults.Expect("VKN3004", () => Load([]));
        Faults.Expect("VKN3001", () => Load([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        Faults.Expect("VKN3001", () => Load("version: 1\ngraph: x\n"u8.ToArray()));
        Faults.Expect("VKN6001", () => OnnxModel.Load("/no/such/model.onnx", VkNet.Operators.StandardOperators.Registry));
        Faults.Expect("VKN6001", () => OnnxModel.Load("", VkNet.Operators.StandardOperators.Registry));
    }

    [Test]
    public void A_field_of_the_wrong_wire_type_is_refused_and_an_unknown_one_skipped()
    {
        var bytes = Sound().ToByteArray();
        // Field 7 (graph) as a number; field 100 as bytes and as a number.
        Assert.That(Faults.Expect("VKN3002", () => Load([.. bytes, 7 << 3, 1])).Message, Does.Contain("'graph' of ModelProto"));
        Assert.That(Accepts([.. bytes, 0xa2, 0x06, 3, 1, 2, 3, 0xa0, 0x06, 9]), Is.True);
    }

    [Test]
    public void Nesting_is_bounded()
    {
        var body = Graph("", "a", Node("Constant", "", "a", Integers("value_ints", 1)));
        for (var i = 0; i < 60; i++) body = Graph("", "a", Node("If", "c", "a", Body("then_branch", body), Body("else_branch", Graph("", "c"))));
        body.Input.Add(Declare("c", 9));
        Faults.Expect("VKN3003", () => Load(Model(body)));
    }

    [Test]
    public void Very_many_messages_are_refused_before_objects_are_made()
    {
        // 10 MB of empty nodes: field 1 of the graph, length 0.
        var graph = new byte[10_000_000];
        for (var i = 0; i < graph.Length; i += 2) graph[i] = 1 << 3 | 2;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Faults.Expect("VKN3003", () => Load([7 << 3 | 2, 0x80, 0xad, 0xe2, 0x04, .. graph]));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000_000));
    }

    [Test]
    public void Names_are_assigned_once()
    {
        Faults.Expect("VKN3006", () => Load(Model(Graph("x x", "x"))));
        Faults.Expect("VKN3006", () => Load(Model(Graph("x", "y", Node("Constant", "", "y", Integer("value_int", 1)), Node("Constant", "", "y", Integer("value_int", 2))))));
        Faults.Expect("VKN3006", () => Load(Model(Graph("x", "x", Node("Constant", "", "x", Integer("value_int", 1))))));
        Faults.Expect("VKN3006", () => Load(Model(Graph("x", "x x"))));
        var twice = Graph("x", "x");
        twice.Initializer.Add(Longs("s", 1));
        twice.Initializer.Add(Longs("s", 2));
        Faults.Expect("VKN3006", () => Load(Model(twice)));
    }

    [Test]
    public void Names_that_nothing_assigns_are_named() =>
        Assert.That(Faults.Expect("VKN3007", () => Load(Model(Graph("x", "y", Node("Reshape", "x nowhere", "y"))))).Message, Does.Contain("'nowhere' in Reshape 'reshape_of_y'"));

    [Test]
    public void Circles_are_shown()
    {
        var model = Model(Graph("x", "c", Node("Reshape", "x b", "a"), Node("Reshape", "x a", "b"), Node("Reshape", "x b", "c")));
        Assert.That(Faults.Expect("VKN3008", () => Load(model)).Message, Does.Contain("'reshape_of_a' -> 'reshape_of_b'").Or.Contain("'reshape_of_b' -> 'reshape_of_a'"));
    }

    [Test]
    public void Functions_that_call_themselves_are_refused()
    {
        var model = Model(Graph("x", "y", Node("A", "x", "y").In("test")), 17,
            Function("A", "p", "q", Node("B", "p", "q").In("test")), Function("B", "p", "q", Node("A", "p", "q").In("test")));
        Assert.That(Faults.Expect("VKN3014", () => Build(model)).Message, Does.Contain("test.A -> test.B -> test.A"));
    }

    [Test]
    public void Functions_that_multiply_are_bounded()
    {
        // 40 functions, each calling the next one twice: 2^40 nodes.
        var functions = Enumerable.Range(0, 40).Select(i => i == 39
            ? Function("F39", "p", "q", Node("Constant", "", "q", Integer("value_int", 1)))
            : Function($"F{i}", "p", "q", Node($"F{i + 1}", "p", "r").In("test"), Node($"F{i + 1}", "r", "q").In("test"))).ToArray();
        Faults.Expect("VKN3015", () => Build(Model(Graph("x", "y", Node("F0", "x", "y").In("test")), 17, functions)));
    }

    [Test]
    public void A_long_chain_of_functions_is_no_stack_overflow()
    {
        var functions = Enumerable.Range(0, 50_000).Select(i => Function($"F{i}", "p", "q", Node($"F{i + 1}", "p", "q").In("test"))).ToArray();
        Faults.Expect("VKN3014", () => Build(Model(Graph("x", "y", Node("F0", "x", "y").In("test")), 17, functions)));
    }

    [Test]
    public void Opsets_are_checked()
    {
        Faults.Expect("VKN3004", () => Load(Model(Graph("x", "x"), OnnxModel.LatestOpset + 1)));
        Faults.Expect("VKN3004", () => Load(Model(Graph("x", "x"), 0)));
        var none = Model(Graph("x", "x"));
        none.OpsetImport.Clear();
        Faults.Expect("VKN3004", () => Load(none));
        Faults.Expect("VKN3004", () => Load(Model(Graph("x", ""))));
    }

    [Test]
    public void Inputs_must_be_tensors_of_known_rank()
    {
        ModelProto With(TypeProto? type)
        {
            var graph = Graph("", "x");
            graph.Input.Add(new ValueInfoProto { Name = "x", Type = type });
            return Model(graph);
        }
        Assert.That(Faults.Expect("VKN3005", () => Load(With(new TypeProto { SequenceType = new TypeProto.Types.Unsupported() }))).Message, Does.Contain("a sequence"));
        Assert.That(Faults.Expect("VKN3005", () => Load(With(new TypeProto { OptionalType = new TypeProto.Types.Unsupported() }))).Message, Does.Contain("an optional"));
        Faults.Expect("VKN3005", () => Load(With(null)));
        Faults.Expect("VKN3005", () => Load(With(new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } })));
        Faults.Expect("VKN3010", () => Load(With(new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 8, Shape = new TensorShapeProto() } })));
    }

    [Test]
    public void Huge_declared_inputs_are_refused_when_bound()
    {
        var graph = Graph("", "x");
        graph.Input.Add(Declare("x", 1, long.MaxValue, long.MaxValue));
        Faults.Expect("VKN2002", () => Load(Model(graph)).Build(Bindings.Empty));
    }

    [Test]
    public void Attributes_of_the_wrong_kind_are_refused()
    {
        Faults.Expect("VKN3102", () => Build(Model(Graph("x", "y", Node("Reshape", "x", "y", Integer("shape", 6))), 1)));
        var contradiction = Integers("shape", 6);
        contradiction.Type = AttributeProto.Types.AttributeType.Float;
        Faults.Expect("VKN3016", () => Build(Model(Graph("x", "y", Node("Reshape", "x", "y", contradiction)), 1)));
        Faults.Expect("VKN3016", () => Build(Model(Graph("x", "y", Node("Reshape", "x", "y", Integers("shape", 6), Integers("shape", 6))), 1)));
        Faults.Expect("VKN3102", () => Build(Model(Graph("x", "y", Node("Constant", "", "c", Value(Flag("c", true))), Node("If", "c", "y", Integer("then_branch", 1))))));
    }

    [Test]
    public void Sparse_tensors_must_fit_their_shape()
    {
        ModelProto With(TensorProto indices, params long[] dims)
        {
            var sparse = new SparseTensorProto { Values = Floats("w", [2], 1, 2), Indices = indices };
            sparse.Dims.Add(dims);
            var graph = Graph("", "w");
            graph.SparseInitializer.Add(sparse);
            return Model(graph);
        }
        Assert.That(Build(With(Longs("i", 0, 3), 2, 2)).Outputs[0].Value.Constant!.ToArray<float>(), Is.EqualTo(new float[] { 1, 0, 0, 2 }));
        Faults.Expect("VKN3009", () => Build(With(Longs("i", 0, 4), 2, 2)));
        Faults.Expect("VKN3009", () => Build(With(Longs("i", 0, -1), 2, 2)));
        Faults.Expect("VKN3009", () => Build(With(Longs("i", 0), 2, 2)));
        Faults.Expect("VKN3011", () => Build(With(Longs("i", 0, 1), 1 << 20, 1 << 9)));
    }
}
