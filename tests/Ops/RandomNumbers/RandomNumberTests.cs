using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Pointwise;
using VkNet.Operators.RandomNumbers;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Tests.Ops.RandomNumbers;

/// <summary>The random operators on the host: distributions, independence, training forms, gradients.</summary>
internal sealed class RandomNumberTests
{
    private static AttributeSet Shaped(params long[] shape) => AttributeSet.Empty.With(RandomFill.Shape, shape);

    private static Tensor Counter(int value) => Tensor.From(new TensorType(DataType.Int32, Shape.Scalar), new[] { value });

    [Test]
    public void Words_are_those_of_the_known_answer_tests()
    {
        // From the authors' published vectors (kat_vectors, philox4x32 with 10 rounds).
        Assert.That(PhiloxRandom.Block(0, 0, 0, 0), Is.EqualTo((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)));
        Assert.That(PhiloxRandom.Block(ulong.MaxValue, ulong.MaxValue, uint.MaxValue, uint.MaxValue), Is.EqualTo((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)));
        var block = PhiloxRandom.Block(5 | 9UL << 32, 77, 3, 1);
        var stream = new RandomStream(3 | 1UL << 32, 77, 9);
        Assert.That((stream.Word(20), stream.Word(21), stream.Word(22), stream.Word(23)), Is.EqualTo(block));
    }

    [Test]
    public void Normal_numbers_have_mean_deviation_and_tails()
    {
        var values = OnHost.Reals("random_normal", Shaped(100_003).With(RandomFill.Mean, 1).With(RandomFill.Scale, 2));
        var mean = values.Average(v => (double)v);
        Assert.Multiple(() =>
        {
            Assert.That(mean, Is.EqualTo(1).Within(0.02));
            Assert.That(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), Is.EqualTo(2).Within(0.02));
            Assert.That(values.Count(v => Math.Abs(v - 1) > 4) / 100_003.0, Is.EqualTo(0.0455).Within(0.003), "two standard deviations");
            Assert.That(values.Zip(values.Skip(1), (a, b) => (a - mean) * (b - mean)).Average(), Is.EqualTo(0).Within(0.04), "neighbours are uncorrelated");
        });
    }

    [Test]
    public void Uniform_numbers_stay_below_the_upper_end()
    {
        var values = OnHost.Reals("random_uniform", Shaped(50_000).With(RandomFill.Low, 1).With(RandomFill.High, 1.0000002));
        Assert.That(values.Distinct(), Is.EquivalentTo(new[] { 1f, MathF.BitIncrement(1f) }));
        Assert.That(OnHost.Reals("random_uniform", Shaped(20_000)).Average(), Is.EqualTo(0.5).Within(0.01));
    }

    [Test]
    public void Whole_numbers_cover_their_range_evenly()
    {
        var values = OnHost.Run("random_integer", Shaped(30_000).With(RandomFill.WholeLow, -1).With(RandomFill.WholeHigh, 2))[0].ToArray<int>();
        foreach (var number in new[] { -1, 0, 1 }) Assert.That(values.Count(v => v == number), Is.EqualTo(10_000).Within(400));
        Assert.That(values.Distinct().Count(), Is.EqualTo(3));
    }

    [Test]
    public void Seeds_streams_and_counters_give_other_numbers()
    {
        var runs = new[]
        {
            OnHost.Reals("random_normal", Shaped(9), Counter(0)),
            OnHost.Reals("random_normal", Shaped(9), Counter(1)),
            OnHost.Reals("random_normal", Shaped(9).With(RandomOperator.Stream, 1), Counter(0)),
            OnHost.Reals("random_normal", Shaped(9).With(RandomOperator.Seed, 1), Counter(0)),
        };
        Assert.That(runs.SelectMany(r => r).Distinct().Count(), Is.EqualTo(36));
        Assert.That(OnHost.Reals("random_normal", Shaped(9)), Is.EqualTo(runs[0]), "no counter is counter 0");
    }

    [Test]
    public void Multinomial_draws_in_proportion()
    {
        var scores = Tensor.From([0f, MathF.Log(3), float.NegativeInfinity, MathF.Log(6)], 1, 4);
        var drawn = OnHost.Run("multinomial", AttributeSet.Empty.With(Multinomial.SampleCount, 40_000), scores, Counter(0))[0].ToArray<int>();
        Assert.That(Enumerable.Range(0, 4).Select(c => drawn.Count(d => d == c) / 4000.0), Is.EqualTo(new[] { 1.0, 3, 0, 6 }).Within(0.15));
    }

    [TestCase("element", 1)]
    [TestCase("channel", 4)]
    [TestCase("sample", 12)]
    public void Dropout_zeroes_units_and_keeps_the_mean(string unit, int run)
    {
        var x = TestTensors.Repeat([4000, 3, 2, 2], 1);
        var y = OnHost.Reals("dropout_train", AttributeSet.Empty.With(Dropout.Rate, 0.25).With(Dropout.Unit, unit), x, Counter(3));
        Assert.That(y.Average(), Is.EqualTo(1).Within(0.04));
        Assert.That(y.Distinct().Order(), Is.EqualTo(new[] { 0f, (float)(1 / 0.75) }));
        foreach (var group in y.Chunk(run)) Assert.That(group.Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Dropout_gradient_makes_the_same_decisions()
    {
        GradientTester.Check("dropout_train", AttributeSet.Empty.With(Dropout.Rate, 0.4), 1e-8, TestTensors.Reals(1, [3, 7]), Counter(5));
    }

    [Test]
    public void Training_replaces_dropout_and_noise_and_counts()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var x = builder.Input("x", TensorType.Float(64));
        var w = builder.Parameter("w", TensorType.Float(64));
        var noisy = builder.Apply("gaussian_noise", null, builder.Apply("dropout", null, builder.Apply("mul", null, x, w)));
        builder.Output("y", builder.Apply("add", null, noisy, builder.Apply("random_uniform_like", null, x)));
        var objective = new TrainingObjective { Loss = c => c.Builder.Apply("reduce_mean", null, c["y"]), Optimizer = new OptimizerOptions("sgd", 1), Seed = 4 };
        var graph = TrainingGraph.Build(builder.Build(), objective).Graph;
        Assert.That(graph.Nodes.Select(n => n.Operator.Name), Does.Contain("dropout_train").And.Contain("random_normal_like"));
        Assert.That(graph.RunValues.Select(v => v.Name), Does.Contain(TrainingModeContext.CounterName));
        float Loss(int counter) => HostEvaluator.Run(graph, new Dictionary<string, Tensor>
        {
            ["x"] = TestTensors.Repeat([64], 1), ["w"] = TestTensors.Repeat([64], 1),
            [TrainingGraph.LearningRateName] = Tensor.Scalar(0f), [TrainingGraph.StepName] = Tensor.Scalar(1f), [TrainingModeContext.CounterName] = Counter(counter),
        })[graph.Outputs[0].Value].ToArray<float>()[0];
        var (first, again, second) = (Loss(1), Loss(1), Loss(2));
        Assert.That(again, Is.EqualTo(first));
        Assert.That(second, Is.Not.EqualTo(first));
    }

    [TestCase("random_uniform", "VKN2701")]
    [TestCase("dropout_train", "VKN2703")]
    [TestCase("multinomial", "VKN2702")]
    public void Wrong_attributes_are_refused(string name, string code)
    {
        var attributes = Shaped(2).With(RandomFill.Low, 2).With(Dropout.Rate, 1.5);
        Tensor?[] inputs = name == "random_uniform" ? [] : [TestTensors.Reals(1, name == "multinomial" ? [2, 0] : [2])];
        Assert.That(Assert.Throws<VkNetException>(() => OnHost.Run(name, attributes, inputs))!.Diagnostic.Code, Is.EqualTo(code));
    }
}
