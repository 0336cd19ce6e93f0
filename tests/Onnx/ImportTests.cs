using VkNet.Graphs;
using VkNet.Onnx.Wire;
using VkNet.Operators;
using VkNet.Operators.Import;
using VkNet.Tensors;
using static VkNet.Tests.Onnx.Models;

namespace VkNet.Tests.Onnx;

internal sealed class ImportTests
{
    private static NodeProto Reshape(string input, string shape, string output) => Node("Reshape", $"{input} {shape}", output);

    private static NodeProto Constant(string output, params long[] values) => Node("Constant", "", output, Integers("value_ints", values));

    [Test]
    public void Nodes_become_operators_under_the_models_names()
    {
        var graph = Build(Model(Graph("x", "y", Constant("s", 3, 2), Reshape("x", "s", "y"))));
        Assert.That(graph.Inputs.Select(i => i.ToString()), Is.EqualTo(new[] { "%x: f32[2, 3]" }));
        Assert.That(graph.Nodes, Has.Count.EqualTo(1));
        Assert.That(graph.Outputs[0].Key, Is.EqualTo("y"));
        Assert.That(graph.Outputs[0].Value.Name, Is.EqualTo("y"));
        Assert.That(graph.Outputs[0].Value.Shape, Is.EqualTo(new Shape(3, 2)));
    }

    [Test]
    public void Nodes_out_of_order_are_put_in_order_and_unneeded_ones_left_out()
    {
        var model = Model(Graph("x", "z", Reshape("y", "s2", "z"), Node("NoSuchOperator", "x", "unused"), Reshape("x", "s1", "y"), Constant("s2", 6), Constant("s1", 3, 2)));
        var graph = Build(model);
        Assert.That(graph.Nodes.Select(n => n.Outputs[0].Name), Is.EqualTo(new[] { "y", "z" }));
    }

    [Test]
    public void Open_sizes_become_symbols()
    {
        var proto = Graph("", "y", Constant("s", -1), Reshape("x", "s", "y"));
        proto.Input.Add(Declare("x", 1, "N", null, -1, 3));
        var model = Load(Model(proto));
        Assert.That(model.Inputs[0].ToString(), Is.EqualTo("x: f32[N, x.1, x.2, 3]"));
        var graph = model.Build(new Bindings { Symbols = new Dictionary<string, long> { ["N"] = 2, ["x.1"] = 1, ["x.2"] = 4 } });
        Assert.That(graph.Outputs[0].Value.Shape, Is.EqualTo(new Shape(24)));
    }

    [Test]
    public void An_input_that_decides_a_shape_is_bound_by_value()
    {
        var proto = Graph("x", "y", Reshape("x", "s", "y"));
        proto.Input.Add(Declare("s", 7, 2));
        var model = Load(Model(proto));
        var graph = model.BuildFor(new Dictionary<string, Tensor> { ["x"] = Tensor.Zeros(DataType.Float32, [2, 3]), ["s"] = Tensor.From([6L, 1], 2) });
        Assert.That(graph.Outputs[0].Value.Shape, Is.EqualTo(new Shape(6, 1)));
        Assert.That(graph.BoundValues.Keys, Is.EqualTo(new[] { "s" }));
        Assert.That(graph.Inputs.Select(i => i.Name), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public void Initializers_are_constants_and_no_inputs()
    {
        var proto = Graph("x s", "y w", Reshape("x", "s", "y"));
        proto.Initializer.Add(Longs("s", 6));
        proto.Initializer.Add(Floats("w", [2], 1, 2));
        var model = Load(Model(proto));
        Assert.That(model.Inputs.Select(i => i.Name), Is.EqualTo(new[] { "x" }));
        var graph = model.Build(Bindings.Empty);
        Assert.That(graph.Outputs[1].Value.Constant!.ToArray<float>(), Is.EqualTo(new float[] { 1, 2 }));
    }

    [Test]
    public void Functions_are_inlined_with_their_attributes_and_opsets()
    {
        // test.Flat(x; shape) = test.Inner(x); inner = Reshape by an attribute that passes through two calls.
        var inner = Function("Inner", "a", "b", Node("Constant", "", "s", Reference("value_ints", AttributeProto.Types.AttributeType.Ints, "sizes")), Reshape("a", "s", "b"));
        var flat = Function("Flat", "x unused", "y", Node("Inner", "x", "y", Reference("sizes", AttributeProto.Types.AttributeType.Ints, "shape")).In("test"));
        flat.AttributeProto.Add(Integers("shape", 3, 2));
        var model = Model(Graph("x", "y z", Node("Flat", "x", "y", Integers("shape", 6)).In("test"), Node("Flat", "x", "z").In("test")), 17, inner, flat);
        var graph = Build(model);
        Assert.That(graph.Outputs[0].Value.Shape, Is.EqualTo(new Shape(6)));
        Assert.That(graph.Outputs[1].Value.Shape, Is.EqualTo(new Shape(3, 2)), "the default value of the formal attribute");
    }

    [Test]
    public void A_function_means_the_opset_that_it_imports()
    {
        // In opset 1 the shape of Reshape is an attribute.
        var old = Function("Old", "a", "b", Node("Reshape", "a", "b", Integers("shape", 6)));
        old.OpsetImport[0].Version = 1;
        var graph = Build(Model(Graph("x", "y", Node("Old", "x", "y").In("test")), 17, old));
        Assert.That(graph.Outputs[0].Value.Shape, Is.EqualTo(new Shape(6)));
    }

    [TestCase(true, 6)]
    [TestCase(false, 3)]
    public void A_constant_condition_chooses_a_branch_that_sees_the_values_around_it(bool condition, int first)
    {
        var then = Graph("", "t", Constant("s", 6), Reshape("x", "s", "t"));
        var otherwise = Graph("", "e", Constant("s", 3, 2), Reshape("x", "s", "e"));
        var model = Model(Graph("x", "y", Node("Constant", "", "c", Value(Flag("c", condition))), Node("If", "c", "y", Body("then_branch", then), Body("else_branch", otherwise))));
        Assert.That(Build(model).Outputs[0].Value.Shape[0], Is.EqualTo(first));
    }

    [Test]
    public void A_branch_that_is_not_taken_may_hold_unknown_operators()
    {
        var then = Graph("", "t", Constant("s", 6), Reshape("x", "s", "t"));
        var otherwise = Graph("", "e", Node("NoSuchOperator", "x", "e"));
        ModelProto Of(bool condition) => Model(Graph("x", "y", Node("Constant", "", "c", Value(Flag("c", condition))), Node("If", "c", "y", Body("then_branch", then), Body("else_branch", otherwise))));
        Assert.That(Build(Of(true)).Outputs[0].Value.Shape, Is.EqualTo(new Shape(6)));
        var wrong = Load(Of(false));
        Faults.Expect("VKN3020", () => wrong.Build(Bindings.Empty));
    }

    [Test]
    public void All_missing_operators_are_listed_with_their_nodes()
    {
        var model = Model(Graph("x", "y", Node("NoSuchOperator", "x", "a"), Node("NoSuchOperator", "a", "b"), Node("Fused", "b", "c").In("com.other"), Constant("s", 6), Reshape("c", "s", "y")));
        var message = Faults.Expect("VKN3020", () => Load(model)).Diagnostic.Message;
        Assert.That(message, Does.Contain("2 operators").And.Contain("NoSuchOperator (opset 17) at node 'nosuchoperator_of_a' and 1 more").And.Contain("com.other.Fused (opset 1) at node 'fused_of_c'"));
    }

    [Test]
    public void The_opsets_in_which_an_operator_is_known_are_named()
    {
        var registry = StandardOperators.Registry.Clone().Register(new OldOperator());
        var model = Model(Graph("x", "y", Node("Ancient", "x", "y")));
        Assert.That(Faults.Expect("VKN3020", () => Load(model, registry)).Diagnostic.Message, Does.Contain("known for opset 3 to 8 only"));
        model.OpsetImport[0].Version = 8;
        Assert.That(Build(model, registry).Outputs[0].Value.Name, Is.EqualTo("x"));
    }

    [Test]
    public void Every_form_of_constant_is_read()
    {
        var real = new AttributeProto { Name = "value_float", Type = AttributeProto.Types.AttributeType.Float, F = 1.5f };
        var reals = new AttributeProto { Name = "value_floats", Type = AttributeProto.Types.AttributeType.Floats };
        reals.Floats.Add([1f, 2f]);
        var sparse = new SparseTensorProto { Values = Floats("v", [2], 5, 7), Indices = Longs("i", 1, 5) };
        sparse.Dims.Add([2L, 3]);
        var graph = Build(Model(Graph("", "a b c d e",
            Node("Constant", "", "a", real), Node("Constant", "", "b", reals), Node("Constant", "", "c", Integer("value_int", -7)), Node("Constant", "", "d", Value(Floats("t", [1, 2], 3, 4))),
            Node("Constant", "", "e", new AttributeProto { Name = "sparse_value", Type = AttributeProto.Types.AttributeType.SparseTensor, SparseTensor = sparse }))));
        Assert.That(graph.Outputs.Select(o => o.Value.Type.ToString()), Is.EqualTo(new[] { "f32[]", "f32[2]", "i64[]", "f32[1, 2]", "f32[2, 3]" }));
        Assert.That(graph.Outputs[4].Value.Constant!.ToArray<float>(), Is.EqualTo(new float[] { 0, 5, 0, 0, 0, 7 }));
    }

    [TestCase(0, long.MaxValue, new long[] { 2, 3 })]
    [TestCase(1, long.MaxValue, new long[] { 3 })]
    [TestCase(-1, long.MaxValue, new long[] { 3 })]
    [TestCase(0, -1, new long[] { 2 })]
    [TestCase(-9, 9, new long[] { 2, 3 })]
    [TestCase(2, 1, new long[0])]
    public void Shapes_are_constants(long start, long end, long[] expected)
    {
        var shape = Node("Shape", "x", "s", Integer("start", start));
        if (end != long.MaxValue) shape.Attribute.Add(Integer("end", end));
        var graph = Build(Model(Graph("x", "s n", shape, Node("Size", "x", "n"))));
        Assert.That(graph.Outputs[0].Value.Constant!.ToArray<long>(), Is.EqualTo(expected));
        Assert.That(graph.Outputs[1].Value.Constant!.ToArray<long>(), Is.EqualTo(new[] { 6L }));
    }

    [Test]
    public void Tensors_of_equal_elements_are_made()
    {
        ModelProto Of(TensorProto shape, params AttributeProto[] attributes)
        {
            var graph = Graph("", "y", Node("ConstantOfShape", "s", "y", attributes));
            graph.Initializer.Add(shape);
            return Model(graph);
        }
        Assert.That(Build(Of(Longs("s", 5), Value(Floats("v", [1], 1.5f)))).Outputs[0].Value.Constant!.ToArray<float>(), Is.EqualTo(Enumerable.Repeat(1.5f, 5)));
        Assert.That(Build(Of(Longs("s", 2, 0))).Outputs[0].Value.Type.ToString(), Is.EqualTo("f32[2, 0]"));
        Assert.That(Build(Of(Longs("s"))).Outputs[0].Value.Type.ToString(), Is.EqualTo("f32[]"));
        Faults.Expect("VKN3104", () => Build(Of(Longs("s", -1))));
        Faults.Expect("VKN3104", () => Build(Of(Longs("s", 1), Value(Floats("v", [2], 1, 2)))));
        Faults.Expect("VKN3011", () => Build(Of(Longs("s", 1L << 40))));
        Faults.Expect("VKN2002", () => Build(Of(Longs("s", 1L << 40, 1L << 40))));
    }

    [Test]
    public void Operators_that_ONNX_took_back_are_known_for_the_opsets_that_had_them()
    {
        AttributeProto Real(string name, float value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };
        AttributeProto bias = new() { Name = "bias", Type = AttributeProto.Types.AttributeType.Floats };
        bias.Floats.Add([10f, 20f]);
        var graph = Graph("x", "affine scale tanh softplus", Node("Affine", "x", "affine", Real("alpha", 2), Real("beta", 1)), Node("Scale", "x", "scale", Real("scale", 3)),
            Node("ScaledTanh", "x", "tanh", Real("alpha", 2), Real("beta", 0.5f)), Node("ParametricSoftplus", "x", "softplus", Real("alpha", 2), Real("beta", 0.5f)));
        graph.Input.Add(Declare("p", 1, 1, 2, 3, 4));
        graph.Node.Add([Node("ImageScaler", "p", "image", Real("scale", 2), bias), Node("Crop", "p", "border", Integers("border", 1, 0, 2, 1)), Node("Crop", "p", "sized", Integers("border", 1, 1, 0, 0), Integers("scale", 1, 2))]);
        graph.Output.Add([new ValueInfoProto { Name = "image" }, new ValueInfoProto { Name = "border" }, new ValueInfoProto { Name = "sized" }]);
        var built = Build(Model(graph, 8));
        var x = new float[] { -2, -1, 0, 1, 2, 3 };
        var picture = Enumerable.Range(0, 24).Select(i => (float)i).ToArray();
        var values = HostEvaluator.Run(built, new Dictionary<string, Tensor> { ["x"] = Tensor.From(x, 2, 3), ["p"] = Tensor.From(picture, 1, 2, 3, 4) });
        float[] Of(string name) => values[built.Outputs.Single(o => o.Key == name).Value].ToArray<float>();
        Assert.Multiple(() =>
        {
            Assert.That(Of("affine"), Is.EqualTo(x.Select(v => (2 * v) + 1)));
            Assert.That(Of("scale"), Is.EqualTo(x.Select(v => 3 * v)));
            Assert.That(Of("tanh"), Is.EqualTo(x.Select(v => 2 * MathF.Tanh(v / 2))).Within(1e-6));
            Assert.That(Of("softplus"), Is.EqualTo(x.Select(v => 2 * MathF.Log(1 + MathF.Exp(v / 2)))).Within(1e-6));
            Assert.That(Of("image"), Is.EqualTo(picture.Select((v, i) => (2 * v) + (i < 12 ? 10 : 20))));
            Assert.That(Of("border"), Is.EqualTo(new float[] { 1, 5, 13, 17 }));
            Assert.That(Of("sized"), Is.EqualTo(new float[] { 5, 6, 17, 18 }));
        });
        var late = Model(graph.Clone(), 10);
        Assert.That(Faults.Expect("VKN3020", () => Load(late)).Message, Does.Contain("known for opset 1 to 9 only"));
        var outside = Graph("", "y", Node("Crop", "p", "y", Integers("border", 2, 0, 2, 0)));
        outside.Input.Add(Declare("p", 1, 1, 2, 3, 4));
        Faults.Expect("VKN3115", () => Build(Model(outside, 8)));
    }

    // As NumPy's hanning, hamming and blackman give them for symmetric windows (hamming with its own fraction).
    [TestCase("HannWindow", 0, new[] { 0, 0.5, 1, 0.5, 0 })]
    [TestCase("HannWindow", 1, new[] { 0, 0.3454915, 0.9045085, 0.9045085, 0.3454915 })]
    [TestCase("HammingWindow", 0, new[] { 0.08695652, 0.54347826, 1, 0.54347826, 0.08695652 })]
    [TestCase("BlackmanWindow", 0, new[] { 0, 0.34, 1, 0.34, 0 })]
    public void Windows_are_constants(string name, int periodic, double[] expected)
    {
        var graph = Graph("", "y", Node(name, "n", "y", Integer("periodic", periodic)));
        graph.Initializer.Add(Longs("n", 5));
        Assert.That(Build(Model(graph)).Outputs[0].Value.Constant!.ToArray<float>(), Is.EqualTo(expected).Within(1e-6));
        graph.Initializer[0] = Longs("n", -1);
        Faults.Expect("VKN3116", () => Build(Model(graph)));
        graph.Initializer[0] = Longs("n", 1L << 40);
        Faults.Expect("VKN3011", () => Build(Model(graph)));
    }

    [Test]
    public void A_model_is_built_from_several_threads()
    {
        var proto = Graph("", "y", Reshape("x", "s", "y"));
        proto.Input.Add(Declare("x", 1, "N", 4));
        proto.Initializer.Add(Longs("s", -1));
        var model = Load(Model(proto));
        Parallel.For(1, 50, n => Assert.That(model.Build(new Bindings { Symbols = new Dictionary<string, long> { ["N"] = n } }).Outputs[0].Value.Shape, Is.EqualTo(new Shape(4L * n))));
    }

    /// <summary>A page outside the project's assemblies, for an operator that ONNX once had.</summary>
    private sealed class OldOperator : Operator, IImportable
    {
        public override string Name => "ancient";

        public override string Summary => "Passes its input on.";

        public override IReadOnlyList<OperandDefinition> Inputs => [new("input", "any shape")];

        public IReadOnlyList<ImportRule> ImportRules => [ImportRule.Single("Ancient", 3, node => node.Input(0)) with { UntilVersion = 8 }];

        public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.Input(0)];

        public override void Evaluate(HostContext context) => context.Set(0, context.Input(0));
    }
}
