using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Pointwise;
using VkNet.Operators.RandomNumbers;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.RandomNumbers;

/// <summary>Random numbers of the kernels against the host's: equal to the bit, normal ones within 4 ulp.</summary>
internal sealed class RandomDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static readonly long[] Sizes = [0, 1, 3, 257, 4099];

    private static Tensor Counter(int value) => Tensor.From(new TensorType(DataType.Int32, Shape.Scalar), new[] { value });

    [Test]
    public void Whole_and_uniform_numbers_equal_the_host()
    {
        var tester = new OperatorTester();
        foreach (var size in Sizes)
        {
            var shaped = AttributeSet.Empty.With(RandomFill.Shape, [size]).With(RandomOperator.Seed, long.MinValue + size).With(RandomOperator.Stream, -size);
            tester.Add("random_uniform", shaped.With(RandomFill.Low, -0.3).With(RandomFill.High, 1.7), Counter(7));
            tester.Add("random_integer", shaped.With(RandomFill.WholeLow, int.MinValue).With(RandomFill.WholeHigh, int.MaxValue), Counter(-1));
            tester.Add("random_uniform_like", AttributeSet.Empty, TestTensors.Reals(1, [size, 2]), Counter(1));
            foreach (var type in new[] { "f32", "i32", "bool" })
                tester.Add("bernoulli", AttributeSet.Empty.With(Bernoulli.Type, type), TestTensors.Reals(2, [size], 0, 1), Counter(2));
            tester.Add("multinomial", AttributeSet.Empty.With(Multinomial.SampleCount, 5), TestTensors.Reals(3, [3, size + 1], -9, 9), Counter(3));
        }
        tester.Add("multinomial", AttributeSet.Empty.With(Multinomial.SampleCount, 1000), TestTensors.Reals(4, [2, 11], -3, 3), Counter(3));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Dropout_equals_the_host()
    {
        var tester = new OperatorTester();
        foreach (var size in Sizes)
            foreach (var unit in new[] { "element", "channel", "sample" })
                tester.Add("dropout_train", AttributeSet.Empty.With(Dropout.Rate, 0.3).With(Dropout.Unit, unit), TestTensors.Reals(5, [size, 3, 5]), Counter(11));
        tester.Add("dropout_train", AttributeSet.Empty.With(Dropout.Rate, 1), TestTensors.Reals(5, [9]), Counter(11));
        tester.Check(Device, 2e-7, 0);
    }

    [Test]
    public void Normal_numbers_are_within_4_ulp()
    {
        const int count = 1 << 20;
        var builder = new GraphBuilder(StandardOperators.Registry);
        builder.Output("y", builder.Apply("random_normal", AttributeSet.Empty.With(RandomFill.Shape, [count]).With(RandomOperator.Seed, 12), builder.RunValue("counter", DataType.Int32)));
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile }));
        using var session = model.CreateSession(1);
        session.SetRunValue("counter", 5);
        var found = session.Run(new Dictionary<string, Tensor>())["y"].ToArray<float>();
        var stream = new RandomStream(12, 0, 5);
        var worst = 0.0;
        for (var i = 0; i < count; i++)
        {
            var exact = stream.Normal(i);
            var ulp = Math.Max((double)MathF.BitIncrement(Math.Abs((float)exact)) - Math.Abs((float)exact), 1e-45);
            worst = Math.Max(worst, Math.Abs(found[i] - exact) / ulp);
        }
        TestContext.Out.WriteLine($"worst error {worst:F2} ulp");
        Assert.That(worst, Is.LessThanOrEqualTo(4));
    }

    [Test]
    public void A_carried_counter_gives_new_numbers_in_every_run()
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        builder.Output("y", builder.Apply("random_uniform", AttributeSet.Empty.With(RandomFill.Shape, [5]), RandomOperator.CounterOf(builder)));
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Device.Profile }));
        using var session = model.CreateSession(2);
        for (var run = 0u; run < 3; run++)
        {
            var stream = new RandomStream(0, 0, run);
            Assert.That(session.Run(new Dictionary<string, Tensor>())["y"].ToArray<float>(), Is.EqualTo(Enumerable.Range(0, 5).Select(i => stream.Uniform(i))));
        }
    }
}
