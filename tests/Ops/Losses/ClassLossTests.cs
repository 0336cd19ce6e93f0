using VkNet.Graphs;
using VkNet.Operators.Losses;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Losses;

/// <summary>Losses of classifiers: numbers and gradients on the host.</summary>
internal sealed class ClassLossTests
{
    // Lecture 3: scores of three pictures (rows) for cat, car, frog; the pictures show a cat, a car and a frog.
    private static readonly Tensor Scores = Tensor.From([3.2f, 5.1f, -1.7f, 1.3f, 4.9f, 2.0f, 2.2f, 2.5f, -3.1f], 3, 3);
    private static readonly Tensor Labels = Tensor.From([0, 1, 2], 3);

    private static AttributeSet Reduced(string reduction) => AttributeSet.Empty.With(ClassLabels.Reduction, reduction);

    [Test]
    public void Numbers_of_the_lecture()
    {
        Assert.Multiple(() =>
        {
            Assert.That(OnHost.Reals("softmax_cross_entropy", Reduced("none"), Scores, Labels), Is.EqualTo(new[] { 2.0403551528f, 0.0791317783f, 6.1564772017f }).Within(1e-5f));
            Assert.That(OnHost.Reals("softmax_cross_entropy", null, Scores, Labels)[0], Is.EqualTo(2.7586547109f).Within(1e-6f));
            Assert.That(OnHost.Reals("hinge_loss", Reduced("none"), Scores, Labels), Is.EqualTo(new[] { 2.9f, 0, 12.9f }).Within(1e-5f));
            Assert.That(OnHost.Reals("hinge_loss", null, Scores, Labels)[0], Is.EqualTo(5.266667f).Within(1e-5f));
            Assert.That(OnHost.Reals("squared_hinge_loss", Reduced("none"), Scores, Labels), Is.EqualTo(new[] { 8.41f, 0, 83.25f }).Within(1e-4f));
            Assert.That(OnHost.Reals("squared_hinge_loss", null, Scores, Labels)[0], Is.EqualTo(30.553333f).Within(1e-4f));
            var one = Tensor.From([1f, 1, 1], 3);
            Assert.That(OnHost.Reals("hinge_loss_gradient", Reduced("none"), one, Scores, Labels), Is.EqualTo(new[] { -1f, 1, 0, 0, 0, 0, 1, 1, -2 }));
            Assert.That(OnHost.Reals("softmax_cross_entropy_gradient", Reduced("none"), one, Scores, Labels)[..3], Is.EqualTo(new[] { -0.8700175f, 0.8690495f, 0.0009679f }).Within(1e-6f));
            Assert.That(OnHost.Reals("accuracy", null, Scores, Labels)[0], Is.EqualTo(1 / 3f).Within(1e-6f));
        });
    }

    [Test]
    public void Softmax_is_never_content_where_the_hinge_is()
    {
        // Lecture 3: three rows of scores whose label 0 is ahead by the margin at least.
        var scores = Tensor.From([10f, -2, 3, 10, 9, 9, 10, -100, -100], 3, 3);
        var zero = Tensor.From([0, 0, 0], 3);
        Assert.That(OnHost.Reals("hinge_loss", Reduced("none"), scores, zero), Is.EqualTo(new[] { 0f, 0, 0 }));
        Assert.That(OnHost.Reals("softmax_cross_entropy", Reduced("none"), scores, zero), Is.EqualTo(new[] { 0.00091761f, 0.55144471f, 0 }).Within(1e-7f));
    }

    [Test]
    public void Equal_scores_lose_the_logarithm_of_the_classes()
    {
        var (scores, labels) = (TestTensors.Repeat([4, 10], 0.001f), Tensor.From([0, 3, 9, 5], 4));
        Assert.That(OnHost.Reals("softmax_cross_entropy", null, scores, labels)[0], Is.EqualTo((float)Math.Log(10)).Within(1e-6f));
        Assert.That(OnHost.Reals("hinge_loss", null, scores, labels)[0], Is.EqualTo(9).Within(1e-6f));
    }

    [Test]
    public void Weights_and_ignored_labels_count_in_the_mean()
    {
        var (scores, labels, weights) = (TestTensors.Repeat([3, 2], 0), Tensor.From([0, 1, 7], 3), Tensor.From([1f, 3], 2));
        var ignoring = AttributeSet.Empty.With(ClassLabels.IgnoreIndex, 7);
        Assert.That(OnHost.Reals("softmax_cross_entropy", ignoring.With(ClassLabels.Reduction, "sum"), scores, labels, weights)[0], Is.EqualTo(4 * Math.Log(2)).Within(1e-6f));
        Assert.That(OnHost.Reals("softmax_cross_entropy", ignoring, scores, labels, weights)[0], Is.EqualTo(Math.Log(2)).Within(1e-6f));
        Assert.That(OnHost.Reals("accuracy", ignoring, scores, labels)[0], Is.EqualTo(0.5f));
    }

    [Test]
    public void A_label_that_is_no_class_shows()
    {
        var (scores, labels) = (TestTensors.Reals(1, [3, 4]), Tensor.From([0, 4, -1], 3));
        Assert.That(OnHost.Reals("softmax_cross_entropy", Reduced("none"), scores, labels)[1..], Is.All.NaN);
        Assert.That(OnHost.Reals("nll_loss", null, scores, labels)[0], Is.NaN);
        Assert.That(OnHost.Reals("accuracy", AttributeSet.Empty.With(Accuracy.Top, 4), scores, labels)[0], Is.EqualTo(1 / 3f).Within(1e-6f));
    }

    [Test]
    public void A_network_that_has_gone_astray_is_not_right() =>
        Assert.That(OnHost.Reals("accuracy", null, Tensor.From([1f, float.NaN, float.NaN, float.NaN], 2, 2), Tensor.From([0, 1], 2))[0], Is.Zero);

    [Test]
    public void Gradients()
    {
        var (scores, labels) = (TestTensors.Smooth(1, [3, 4, 2]), TestTensors.Integers(2, DataType.Int64, [3, 2], 0, 3));
        var weights = TestTensors.Reals(3, [4], 0.5, 2);
        foreach (var name in new[] { "softmax_cross_entropy", "nll_loss", "hinge_loss", "squared_hinge_loss" })
        {
            foreach (var reduction in new[] { "none", "sum", "mean" })
            {
                GradientTester.Check(name, Reduced(reduction), 1e-6, scores, labels);
                GradientTester.CheckOf(1, name, Reduced(reduction).With(ClassLabels.IgnoreIndex, 2), 1e-6, scores, labels, weights);
            }
        }
        GradientTester.Check("softmax_cross_entropy", AttributeSet.Empty.With(ClassLoss.WithLogProbabilities, true), 1e-6, scores, labels);
        GradientTester.Check("softmax_cross_entropy", AttributeSet.Empty.With(ClassLabels.Axis, -1), 1e-6, scores, TestTensors.Integers(4, DataType.Int32, [3, 4], 0, 1));
        Faults.Expect("VKN5001", () => GradientTester.Check("nll_loss", null, 1e-6, scores, labels, weights));
    }

    [Test]
    public void Shapes_that_do_not_fit()
    {
        var scores = TestTensors.Reals(1, [3, 4, 2]);
        Faults.Expect("VKN2253", () => OnHost.Run("softmax_cross_entropy", null, scores, Labels));
        Faults.Expect("VKN2122", () => OnHost.Run("softmax_cross_entropy", null, scores, TestTensors.Reals(1, [3, 2])));
        Faults.Expect("VKN2254", () => OnHost.Run("nll_loss", null, scores, TestTensors.Integers(1, DataType.Int32, [3, 2], 0, 3), TestTensors.Reals(1, [3])));
        Faults.Expect("VKN2252", () => OnHost.Run("hinge_loss", null, TestTensors.Reals(1, [3, 0]), Labels));
        Faults.Expect("VKN2103", () => OnHost.Run("accuracy", AttributeSet.Empty.With(ClassLabels.Axis, 3), scores, Labels));
    }
}
