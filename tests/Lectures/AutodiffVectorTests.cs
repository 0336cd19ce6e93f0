using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Lectures;

/// <summary>
/// Gradients that are worked out on the slides of CS231n 2018 (lectures 4, 8, 10 and 13): on every device to single precision, and on the
/// host to double.
/// </summary>
internal sealed class AutodiffVectorTests(string driver) : OnEveryDevice(driver)
{
    private readonly Dictionary<string, Tensor> _feeds = [];
    private GraphBuilder _b = null!;

    [SetUp]
    public void Begin()
    {
        _b = new GraphBuilder(StandardOperators.Registry);
        _feeds.Clear();
    }

    // Lecture 4: f = (x + y) z at -2, 5, -4.
    [Test]
    public void Sum_times_a_factor()
    {
        var (x, y, z) = (In("x", -2), In("y", 5), In("z", -4));
        var q = Op("add", x, y);
        var f = Op("mul", q, z);
        Expect(f, [-12], (x, [-4]), (y, [-4]), (z, [3]), (q, [-4]), (f, [1]));
    }

    // Lecture 4: f = 1 / (1 + e^-(w0 x0 + w1 x1 + w2)), gate by gate.
    [Test]
    public void A_sigmoid_made_of_gates()
    {
        var (w0, x0, w1, x1, w2) = (In("w0", 2), In("x0", -1), In("w1", -3), In("x1", -2), In("w2", -3));
        var sum = Op("add", Op("add", Op("mul", w0, x0), Op("mul", w1, x1)), w2);
        var negative = Op("neg", sum);
        var exponential = Op("exp", negative);
        var plusOne = Op("add", exponential, _b.Constant(1f));
        var f = Op("reciprocal", plusOne);
        Expect(f, [0.7310585786], (plusOne, [-0.5344466455]), (exponential, [-0.5344466455]), (negative, [-0.1966119332]), (sum, [0.1966119332]),
            (w0, [-0.1966119332]), (x0, [0.3932238665]), (w1, [-0.3932238665]), (x1, [-0.5898357997]), (w2, [0.1966119332]));
    }

    // The same gates collapsed into one: (1 - s) s.
    [Test]
    public void A_sigmoid_gate()
    {
        var x = In("x", -10, 0, 1, 10);
        Expect(Sum(Op("sigmoid", x)), [0.0000453979 + 0.5 + 0.7310585786 + 0.9999546021], (x, [4.5395807735e-5, 0.25, 0.1966119332, 4.5395807735e-5]));
    }

    // Lecture 4: f = |W x|^2.
    [Test]
    public void The_squared_norm_of_a_product()
    {
        var w = In("w", [2, 2], 0.1, 0.5, -0.3, 0.8);
        var x = In("x", [2, 1], 0.2, 0.4);
        var q = Op("matmul", w, x);
        var f = Sum(Op("square", q));
        Expect(f, [0.116], (q, [0.44, 0.52]), (w, [0.088, 0.176, 0.104, 0.208]), (x, [-0.112, 0.636]));
    }

    // Lecture 4: z1 = X W1; h1 = relu(z1); y = h1 W2; L = |y|^2. The answers are products of the matrices themselves.
    [Test]
    public void Two_layers_by_matrices()
    {
        var x = In("x", [2, 2], 1, -1, 0.5, 2);
        var w1 = In("w1", [2, 3], 0.2, -0.4, 0.6, 0.5, 0.1, -0.3);
        var w2 = In("w2", [3, 1], 1, -2, 0.5);
        var y = Op("matmul", Op("relu", Op("matmul", x, w1)), w2);
        // z1 = [[-.3, -.5, .9], [1.1, 0, -.3]]; h1 = [[0, 0, .9], [1.1, 0, 0]]; y = [.45, 1.1]; at the zero of z1 the gradient is none.
        Expect(Sum(Op("square", y)), [0.2025 + 1.21], (y, [0.9, 2.2]), (w2, [2.42, 0, 0.81]), (w1, [1.1, 0, 0.45, 4.4, 0, -0.45]));
    }

    // Lecture 8: c = sum(x y + z).
    [Test]
    public void A_small_graph()
    {
        var (x, y, z) = (In("x", [3, 4], Numbers(1)), In("y", [3, 4], Numbers(2)), In("z", [3, 4], Numbers(3)));
        Expect(Sum(Op("add", Op("mul", x, y), z)), null, (x, Numbers(2)), (y, Numbers(1)), (z, Ones(12)));
    }

    // Lecture 8, as one slide has it: a = x z; y is not used and gets zeros, z is used twice.
    [Test]
    public void An_unused_input_and_one_used_twice()
    {
        var (x, y, z) = (In("x", [3, 4], Numbers(1)), In("y", [3, 4], Numbers(2)), In("z", [3, 4], Numbers(3)));
        Expect(Sum(Op("add", Op("mul", x, z), z)), null, (x, Numbers(3)), (y, new double[12]), (z, [.. Numbers(1).Select(v => v + 1)]));
    }

    // Lecture 8: y(t) = (y(t-1) + x(t)) w, unrolled: one w for all steps, whose gradients add up.
    [Test]
    public void A_loop_with_one_weight()
    {
        var x = Enumerable.Range(0, 3).Select(t => In($"x{t}", t + 1)).ToArray();
        var (y0, w) = (In("y0", 0.5), In("w", 2));
        var y = y0;
        foreach (var step in x) y = Op("mul", Op("add", y, step), w);
        // y = y0 w^3 + x0 w^3 + x1 w^2 + x2 w.
        Expect(y, [4 + 8 + 8 + 6], (w, [3 * 4 * 1.5 + 2 * 2 * 2 + 3]), (y0, [8]), (x[0], [8]), (x[1], [4]), (x[2], [2]));
    }

    // Lecture 8: y = w1 x where z > 0, else w2 x.
    [Test]
    public void A_choice_by_sign()
    {
        var (x, w1, w2, z) = (In("x", 3), In("w1", 5), In("w2", 7), In("z", 10));
        var y = Op("where", Op("greater", z, _b.Constant(0f)), Op("mul", w1, x), Op("mul", w2, x));
        Expect(y, [15], (w1, [3]), (w2, [0]), (x, [5]));
    }

    // Lecture 4: the gates that distribute, switch and route.
    [Test]
    public void Gates()
    {
        var (x, y) = (In("x", 3), In("y", -4));
        Expect(Op("add", x, y), [-1], (x, [1]), (y, [1]));
        Begin();
        (x, y) = (In("x", 3), In("y", -4));
        Expect(Op("mul", x, y), [-12], (x, [-4]), (y, [3]));
        Begin();
        (x, y) = (In("x", 3), In("y", -4));
        Expect(Op("max", x, y), [3], (x, [1]), (y, [0]));
    }

    // Lecture 6 writes max(0, x); at the kink the gradient is 0 by this library's rule (the slide's Torch code lets it pass).
    [Test]
    public void Relu_at_its_kink()
    {
        var x = In("x", -1, 0, 2);
        Expect(Sum(Op("relu", x)), [2], (x, [0, 0, 1]));
    }

    // Lecture 10: the gradient of the softmax loss is p - onehot.
    [Test]
    public void Softmax_loss()
    {
        var x = In("x", [1, 3], 3.2, 5.1, -1.7);
        var labels = _b.Constant(Tensor.From(new[] { 0 }, 1));
        Expect(Op("softmax_cross_entropy", x, labels), [2.0403551528], (x, [0.1299825390 - 1, 0.8690495352, 0.0009679258]));
    }

    // Lecture 13: backpropagation from any activation with any upstream gradient; DeepDream takes the activation itself.
    [Test]
    public void From_an_activation_with_itself_as_gradient()
    {
        var (x, w) = (In("x", [1, 2], 1, 2), In("w", [2, 2], 1, -1, 0.5, 3));
        var h = Op("relu", Op("matmul", x, w));
        var gradient = Gradients.Of(_b, [new(h, h)], [x])[0];
        // h = [2, 5]; dx = h W^T.
        Compare((gradient, [2 - 5, 1 + 15]));
    }

    // Lecture 13: guided backpropagation passes only positive gradients.
    [Test]
    public void Guided_relu()
    {
        var (x, s) = (In("x", -1, 2, 3), In("s", 1, -1, 4));
        var y = Sum(Op("mul", Op("relu", x), s));
        Compare((Gradients.Of(_b, y, [x], Gradients.GuidedRelu)[0], [0, 0, 4]), (Gradients.Of(_b, y, [x])[0], [0, -1, 4]));
    }

    // Twice: f = x^3 by products, f'' = 6 x; and through a matrix product.
    [Test]
    public void Gradients_of_gradients()
    {
        var x = In("x", 2, -3);
        var first = Gradients.Of(_b, Sum(Op("mul", Op("mul", x, x), x)), [x])[0];
        var second = Gradients.Of(_b, Sum(first), [x])[0];
        var (a, w) = (In("a", [1, 2], 1, 2), In("w", [2, 1], 3, -1));
        var product = Gradients.Of(_b, Sum(Op("square", Op("matmul", a, w))), [a])[0];
        // d/da (a w)^2 = 2 (a w) w^T, whose sum's gradient in w is 2 (w0 + w1) a^T + 2 (a w).
        Compare((first, [12, 27]), (second, [12, -18]), (product, [6, -2]), (Gradients.Of(_b, Sum(product), [w])[0], [2 * 2 * 1 + 2, 2 * 2 * 2 + 2]));
    }

    private static double[] Numbers(int seed) => [.. Enumerable.Range(0, 12).Select(i => Math.Sin(seed * 10 + i))];

    private static double[] Ones(int count) => [.. Enumerable.Repeat(1.0, count)];

    private Value In(string name, params double[] values) => In(name, values.Length == 1 ? [] : [values.Length], values);

    private Value In(string name, long[] shape, params double[] values)
    {
        var type = new TensorType(DataType.Float32, new Shape(shape));
        _feeds[name] = Tensor.From(type, values.Select(v => (float)v).ToArray());
        return _b.Input(name, type);
    }

    private Value Op(string name, params Value[] inputs) => _b.Apply(name, null, inputs);

    private Value Sum(Value value) => _b.Apply("reduce_sum", AttributeSet.Empty.With("keep_dims", false), value);

    private void Expect(Value f, double[]? value, params (Value Target, double[] Gradient)[] expected)
    {
        var gradients = Gradients.Of(_b, f, [.. expected.Select(e => e.Target)]);
        Compare([.. value is null ? [] : new[] { (f, value) }, .. gradients.Zip(expected, (g, e) => (g, e.Gradient))]);
    }

    private void Compare(params (Value Value, double[] Expected)[] expected)
    {
        for (var i = 0; i < expected.Length; i++) _b.Output($"r{i}", expected[i].Value);
        var graph = _b.Build();
        var onHost = HostEvaluator.Run(graph, _feeds);
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile }));
        using var session = model.CreateSession(1);
        var onDevice = session.Run(_feeds);
        for (var i = 0; i < expected.Length; i++)
            for (var k = 0; k < expected[i].Expected.Length; k++)
            {
                var tolerance = 1e-6 * Math.Max(1, Math.Abs(expected[i].Expected[k]));
                Assert.That(ElementConversion.LoadReals(onHost[expected[i].Value])[k], Is.EqualTo(expected[i].Expected[k]).Within(tolerance), $"result {i}, element {k} on the host");
                Assert.That(ElementConversion.LoadReals(onDevice[$"r{i}"])[k], Is.EqualTo(expected[i].Expected[k]).Within(tolerance), $"result {i}, element {k}");
            }
    }
}
