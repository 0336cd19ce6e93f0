using VkNet.Graphs;
using VkNet.Operators.Losses;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Losses;

/// <summary>Losses of elements, of distributions and of distances: numbers and gradients on the host.</summary>
internal sealed class OtherLossTests
{
    private static AttributeSet Reduced(string reduction) => AttributeSet.Empty.With("reduction", reduction);

    [Test]
    public void Elements()
    {
        var (x, t) = (Tensor.From([1f, -2, 3, 0], 2, 2), Tensor.From([0f, 1, 1, 0], 2, 2));
        Assert.Multiple(() =>
        {
            Assert.That(OnHost.Reals("mse_loss", Reduced("none"), x, t), Is.EqualTo(new[] { 1f, 9, 4, 0 }));
            Assert.That(OnHost.Reals("mse_loss", null, x, t)[0], Is.EqualTo(3.5f));
            Assert.That(OnHost.Reals("mse_loss", Reduced("batch_mean"), x, t)[0], Is.EqualTo(7f));
            Assert.That(OnHost.Reals("l1_loss", Reduced("sum"), x, t)[0], Is.EqualTo(6f));
            Assert.That(OnHost.Reals("huber_loss", Reduced("none").With(ElementLoss.Delta, 2), x, t), Is.EqualTo(new[] { 0.5f, 4, 2, 0 }));
            Assert.That(OnHost.Reals("sigmoid_cross_entropy", Reduced("none"), x, t), Is.EqualTo(new[] { 1.3132617f, 2.126928f, 0.0485874f, 0.6931472f }).Within(1e-6f));
            // p = (1/4, 3/4) against q = (1/2, 1/2): log 2 - entropy of p.
            var (q, p) = (Tensor.From([MathF.Log(0.5f), MathF.Log(0.5f)], 1, 2), Tensor.From([0.25f, 0.75f], 1, 2));
            Assert.That(OnHost.Reals("kl_divergence", Reduced("sum"), q, p)[0], Is.EqualTo(0.1308120f).Within(1e-6f));
        });
    }

    [Test]
    public void Logits_of_any_size_are_finite() =>
        Assert.That(OnHost.Reals("sigmoid_cross_entropy", Reduced("none"), Tensor.From([1e4f, -1e4f, 1e4f, -1e4f], 4), Tensor.From([1f, 0, 0, 1], 4)), Is.EqualTo(new[] { 0f, 0, 1e4f, 1e4f }));

    [Test]
    public void Soft_targets_that_are_certain_are_labels()
    {
        var (scores, labels) = (TestTensors.Reals(1, [4, 3]), Tensor.From([2, 0, 1, 1], 4));
        var certain = OnHost.Run("one_hot", AttributeSet.Empty.With("depth", 3L), labels)[0];
        Assert.That(OnHost.Reals("soft_cross_entropy", null, scores, certain)[0], Is.EqualTo(OnHost.Reals("softmax_cross_entropy", null, scores, labels)[0]).Within(1e-6f));
    }

    [Test]
    public void Distances()
    {
        var (a, b, c) = (Tensor.From([0f, 0, 0, 0], 2, 2), Tensor.From([3f, 4, 0.3f, 0.4f], 2, 2), Tensor.From([1f, 0, 2, 0], 2, 2));
        Assert.That(OnHost.Reals("contrastive_loss", Reduced("none"), a, b, Tensor.From([1, 0], 2)), Is.EqualTo(new[] { 12.5f, 0.125f }).Within(1e-6f));
        Assert.That(OnHost.Reals("triplet_loss", Reduced("none"), a, b, c), Is.EqualTo(new[] { 24.2f, 0 }).Within(1e-5f));
    }

    [Test]
    public void Gradients()
    {
        var (x, t) = (TestTensors.Smooth(1, [3, 4]), TestTensors.Reals(2, [3, 4], 0.1, 0.9));
        foreach (var reduction in new[] { "none", "sum", "mean", "batch_mean" })
        {
            foreach (var name in new[] { "mse_loss", "huber_loss", "sigmoid_cross_entropy", "kl_divergence" }) GradientTester.Check(name, Reduced(reduction), 1e-6, x, t);
            GradientTester.Check("l1_loss", Reduced(reduction), 1e-6, x, TestTensors.Repeat([3, 4], 0, 0.5f, -1));
        }
        GradientTester.Check("sigmoid_cross_entropy", AttributeSet.Empty.With(ElementLoss.PositiveWeight, 2.5), 1e-6, x, t);
        GradientTester.Check("kl_divergence", AttributeSet.Empty.With(ElementLoss.LogarithmicTarget, true), 1e-6, x, t);
        foreach (var reduction in new[] { "none", "sum", "mean" })
        {
            GradientTester.Check("soft_cross_entropy", Reduced(reduction), 1e-6, x, t);
            GradientTester.Check("soft_cross_entropy", Reduced(reduction).With(ClassLabels.Axis, 0), 1e-6, x, t);
            GradientTester.Check("contrastive_loss", Reduced(reduction).With(ContrastiveLoss.Margin, 5), 1e-6, x, t, Tensor.From([0, 1, 0], 3));
            GradientTester.Check("triplet_loss", Reduced(reduction), 1e-6, x, t, TestTensors.Smooth(4, [3, 4]));
        }
    }

    [Test]
    public void Shapes_that_do_not_fit()
    {
        var x = TestTensors.Reals(1, [3, 4]);
        Faults.Expect("VKN2255", () => OnHost.Run("mse_loss", null, x, TestTensors.Reals(1, [4])));
        Faults.Expect("VKN2256", () => OnHost.Run("huber_loss", AttributeSet.Empty.With(ElementLoss.Delta, 0), x, x));
        Faults.Expect("VKN2250", () => OnHost.Run("mse_loss", Reduced("batch_mean"), Tensor.Scalar(1f), Tensor.Scalar(1f)));
        Faults.Expect("VKN2255", () => OnHost.Run("soft_cross_entropy", null, x, TestTensors.Reals(1, [4, 3])));
        Faults.Expect("VKN2253", () => OnHost.Run("contrastive_loss", null, x, x, Tensor.From([1, 0], 2)));
        Faults.Expect("VKN2255", () => OnHost.Run("triplet_loss", null, x, x, TestTensors.Reals(1, [3, 5])));
    }
}
