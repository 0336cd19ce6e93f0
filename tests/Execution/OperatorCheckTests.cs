using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Execution;

/// <summary>The passport of every driver: each registered operator has samples, and each sample agrees with the host evaluator.</summary>
internal sealed class OperatorCheckTests(string driver) : OnEveryDevice(driver)
{
    // Steps and random numbers have gradient zero or none, and stop_gradient is there to cut it.
    private static readonly string[] Idle =
    [
        "bernoulli", "ceil", "fill", "floor", "multinomial", "random_integer", "random_integer_like", "random_normal", "random_normal_like", "random_uniform", "random_uniform_like", "round", "sign", "stop_gradient", "trunc",
    ];

    [Test]
    public void EveryOperatorHasSamples()
    {
        var without = StandardOperators.Registry.Operators.Where(o => o.Samples.Count == 0).Select(o => o.Name);
        Assert.That(without, Is.Empty, "override Samples on these operators' pages, so that 'vknet check' reaches them");
    }

    [Test]
    public void EverySampleAgreesWithTheHost()
    {
        var check = new OperatorCheck(Device, StandardOperators.Registry);
        var results = StandardOperators.Registry.Operators.SelectMany(check.Run).ToList();
        Assert.That(results.Where(r => r.Status == OperatorCheckStatus.Failed).Select(r => $"{r.Name}: {r.Reason}"), Is.Empty);
    }

    [Test]
    public void EveryGradientAgreesWithTheHost()
    {
        var check = new OperatorCheck(Device, StandardOperators.Registry);
        var results = StandardOperators.Registry.Operators.SelectMany(check.RunGradients).ToList();
        Assert.That(results.Where(r => r.Status == OperatorCheckStatus.Failed).Select(r => $"{r.Name}: {r.Reason}"), Is.Empty);
        var without = results.Where(r => r.Status == OperatorCheckStatus.Unsupported).Select(r => r.Operator).ToHashSet();
        var idle = StandardOperators.Registry.Operators.Where(o => o.IsDifferentiable && without.Contains(o.Name)).ToList();
        TestContext.Out.WriteLine($"{results.Count(r => r.Status == OperatorCheckStatus.Passed)} gradients of {results.Where(r => r.Status == OperatorCheckStatus.Passed).Select(r => r.Operator).Distinct().Count()} operators; nothing to compare: {string.Join(", ", idle.Select(o => o.Name))}");
        Assert.That(idle.Select(o => o.Name), Is.SubsetOf(Idle));
    }

    [Test]
    public void ADifferenceFails()
    {
        var operators = new OperatorRegistry().Register(new WrongOnTheHost());
        var results = new OperatorCheck(Device, operators).Run(operators.Get("wrong_on_the_host")).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(results.Select(r => r.Status), Is.EqualTo(new[] { OperatorCheckStatus.Failed, OperatorCheckStatus.Failed }));
            Assert.That(results[0].Reason, Does.StartWith("1 of 6 elements differ; element 3 is "));
            Assert.That(results[0].MaximumError, Is.EqualTo(1).Within(1e-6));
            Assert.That(results[1].Reason, Does.StartWith("VKN2"), "a shape rule that refuses its own sample");
        });
    }

    [Test]
    public void AnOperatorWithoutSamplesIsReported()
    {
        var operators = new OperatorRegistry().Register(new ViewWithoutSamples());
        var result = new OperatorCheck(Device, operators).Run(operators.Get("view_without_samples")).Single();
        Assert.That((result.Status, result.Reason), Is.EqualTo((OperatorCheckStatus.Unsupported, "no sample")));
    }

    private class ViewWithoutSamples : Operator, ILowering
    {
        public override string Name => "view_without_samples";

        public override string Summary => "Its input.";

        public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "a matrix")];

        public override IReadOnlyList<TensorType> Infer(InferenceContext context)
        {
            context.RequireRank(0, 2);
            return [context.Input(0)];
        }

        public override void Evaluate(HostContext context) => context.Set(0, context.Input(0));

        public void Lower(LoweringContext context) => context.Alias(0, context.Input(0));
    }

    private sealed class WrongOnTheHost : ViewWithoutSamples
    {
        public override string Name => "wrong_on_the_host";

        public override IReadOnlyList<OperatorSample> Samples => [new(SampleInput.Reals(2, 3)), new(SampleInput.Reals(2))];

        public override void Evaluate(HostContext context)
        {
            var values = context.Reals(0);
            values[3] += 1;
            context.SetReals(0, values);
        }
    }
}
