using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Optimizer;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Optimizer;

/// <summary>The host evaluators against the update rules as the lectures write them, several steps in a row.</summary>
internal sealed class OptimizerRuleTests
{
    private static readonly double[] Gradients = [0.5, -1.25, 0.03125, 2, -0.75, 0.375];

    private delegate void Rule(ref double x, double dx, ref double a, ref double b, int t, double lr);

    [Test]
    public void Sgd() => Check("sgd", AttributeSet.Empty, 0, (ref double x, double dx, ref double a, ref double b, int t, double lr) => x -= lr * dx);

    [Test]
    public void Momentum_as_velocity() => Check("momentum", AttributeSet.Empty, 1, (ref double x, double dx, ref double v, ref double b, int t, double lr) =>
    {
        v = 0.9 * v + dx;
        x -= lr * v;
    });

    [Test]
    public void Momentum_as_displacement() => Check("momentum", AttributeSet.Empty.With(Momentum.Form, "displacement"), 1, (ref double x, double dx, ref double v, ref double b, int t, double lr) =>
    {
        v = 0.9 * v - lr * dx;
        x += v;
    });

    [Test]
    public void Nesterov() => Check("nesterov", AttributeSet.Empty.With(Momentum.Form, "displacement"), 1, (ref double x, double dx, ref double v, ref double b, int t, double lr) =>
    {
        var old = v;
        v = 0.9 * v - lr * dx;
        x += -0.9 * old + 1.9 * v;
    });

    [Test]
    public void AdaGrad() => Check("adagrad", AttributeSet.Empty, 1, (ref double x, double dx, ref double s, ref double b, int t, double lr) =>
    {
        s += dx * dx;
        x -= lr * dx / (Math.Sqrt(s) + 1e-7);
    });

    [Test]
    public void RmsProp() => Check("rmsprop", AttributeSet.Empty, 1, (ref double x, double dx, ref double s, ref double b, int t, double lr) =>
    {
        s = 0.99 * s + (1 - 0.99) * dx * dx;
        x -= lr * dx / (Math.Sqrt(s) + 1e-7);
    });

    [Test]
    public void AdaDelta() => Check("adadelta", AttributeSet.Empty, 2, (ref double x, double dx, ref double s, ref double d, int t, double lr) =>
    {
        s = 0.95 * s + 0.05 * dx * dx;
        var change = -Math.Sqrt(d + 1e-6) / Math.Sqrt(s + 1e-6) * dx;
        d = 0.95 * d + 0.05 * change * change;
        x += lr * change;
    });

    [Test]
    public void Adam() => Check("adam", AttributeSet.Empty, 2, (ref double x, double dx, ref double m, ref double v, int t, double lr) =>
    {
        m = 0.9 * m + 0.1 * dx;
        v = 0.999 * v + 0.001 * dx * dx;
        var (first, second) = (m / (1 - Math.Pow(0.9, t)), v / (1 - Math.Pow(0.999, t)));
        x -= lr * first / (Math.Sqrt(second) + 1e-7);
    });

    [Test]
    public void AdamW() => Check("adamw", AttributeSet.Empty.With(VkNet.Operators.Optimizer.Adam.WeightDecay, 0.1), 2, (ref double x, double dx, ref double m, ref double v, int t, double lr) =>
    {
        x *= 1 - lr * 0.1;
        m = 0.9 * m + 0.1 * dx;
        v = 0.999 * v + 0.001 * dx * dx;
        x -= lr * (m / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, t))) + 1e-7);
    });

    [Test]
    public void Both_forms_of_momentum_take_the_same_path()
    {
        foreach (var name in new[] { "momentum", "nesterov" })
            Assert.That(Run(name, AttributeSet.Empty, 1, 3), Is.EqualTo(Run(name, AttributeSet.Empty.With(Momentum.Form, "displacement"), 1, 3)).Within(1e-12), name);
    }

    [Test]
    public void Decay_clipping_and_factors()
    {
        var attributes = AttributeSet.Empty.With(OptimizerOperator.L2, 0.5).With(OptimizerOperator.L1, 0.25).With(OptimizerOperator.ClipValue, 1).With(OptimizerOperator.RateScale, 2);
        Assert.That(Step("sgd", attributes, -2, 3, 0.1), Is.EqualTo(-2 - 0.2 * (1 - 1 - 0.25)).Within(1e-15));
        var clipped = AttributeSet.Empty.With(OptimizerOperator.ClipNorm, 2);
        Assert.That(Step("sgd", clipped, 1, 3, 0.1, norm: 8), Is.EqualTo(1 - 0.1 * 3 / 4).Within(1e-15));
        Assert.That(Step("sgd", clipped, 1, 3, 0.1, norm: 1.5), Is.EqualTo(1 - 0.1 * 3).Within(1e-15));
    }

    [Test]
    public void A_guard_that_is_not_finite_stops_the_step()
    {
        Assert.That(Step("sgd", AttributeSet.Empty, 1, double.NaN, 0.1, guard: double.NaN), Is.EqualTo(1));
        Assert.That(Step("sgd", AttributeSet.Empty, 1, 3, 0.1, guard: double.PositiveInfinity), Is.EqualTo(1));
        Assert.That(Step("sgd", AttributeSet.Empty.With(OptimizerOperator.ClipNorm, 2), 1, 3, 0.1, norm: double.NaN), Is.EqualTo(1));
    }

    [Test]
    public void Operands_that_do_not_fit_are_refused()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (rate, x, g) = (builder.Input("rate", TensorType.Float()), builder.Input("x", TensorType.Float(3)), builder.Input("g", TensorType.Float(4)));
        Assert.That(() => builder.Apply("sgd", null, rate, null, null, null, x, g), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2183"));
        Assert.That(() => builder.Apply("adam", null, rate, null, null, null, x, x, x), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2180"));
        Assert.That(() => builder.Apply("sgd", null, x, null, null, null, x, x), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2181"));
        Assert.That(() => builder.Apply("sgd", AttributeSet.Empty.With(OptimizerOperator.ClipNorm, 1), rate, null, null, null, x, x), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2182"));
    }

    private static void Check(string name, AttributeSet attributes, int states, Rule rule)
    {
        double x = 1.5, a = 0, b = 0;
        var path = new List<double>();
        for (var t = 0; t < Gradients.Length; t++)
        {
            rule(ref x, Gradients[t], ref a, ref b, t + 1, 0.05);
            path.Add(x);
        }
        Assert.That(Run(name, attributes, states, Gradients.Length), Is.EqualTo(path).Within(1e-13));
    }

    private static List<double> Run(string name, AttributeSet attributes, int states, int steps)
    {
        var @operator = StandardOperators.Registry.Get(name);
        var values = new double[1 + states];
        values[0] = 1.5;
        var path = new List<double>();
        for (var t = 0; t < steps; t++)
        {
            List<Tensor?> inputs = [Scalar(0.05), Scalar(t + 1), null, null, Scalar(values[0]), Scalar(Gradients[t]), .. values.Skip(1).Select(Scalar)];
            var results = HostEvaluator.Evaluate(@operator, attributes, inputs, [.. values.Select(_ => new TensorType(DataType.Float64, Shape.Scalar))]);
            for (var i = 0; i < values.Length; i++) values[i] = results[i].Values<double>()[0];
            path.Add(values[0]);
        }
        return path;
    }

    private static double Step(string name, AttributeSet attributes, double x, double g, double rate, double? norm = null, double? guard = null) => HostEvaluator.Evaluate(
        StandardOperators.Registry.Get(name),
        attributes,
        [Scalar(rate), null, guard is { } stop ? Scalar(stop) : null, norm is { } length ? Scalar(length) : null, Scalar(x), Scalar(g)],
        [new TensorType(DataType.Float64, Shape.Scalar)])[0].Values<double>()[0];

    private static Tensor Scalar(double value) => Tensor.From(new TensorType(DataType.Float64, Shape.Scalar), [value]);
}
