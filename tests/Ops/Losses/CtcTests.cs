using VkNet.Graphs;
using VkNet.Operators.Losses;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Losses;

/// <summary>Connectionist temporal classification: numbers and gradients on the host.</summary>
internal sealed class CtcTests
{
    private static AttributeSet Reduced(string reduction) => AttributeSet.Empty.With(CtcLoss.Reduction, reduction);

    [Test]
    public void All_ways_are_counted()
    {
        // Every sequence of classes is written out, and those that read as the labels are added up.
        var (logits, labels) = (TestTensors.Reals(1, [5, 1, 3]), new[] { 1, 2, 2 });
        var softmax = OnHost.Reals("softmax", null, logits);
        var probability = 0.0;
        for (var code = 0; code < 243; code++)
        {
            var classes = new int[5];
            for (int t = 0, rest = code; t < 5; t++, rest /= 3) classes[t] = rest % 3;
            var read = classes.Where((c, t) => c != 0 && (t == 0 || classes[t - 1] != c));
            if (read.SequenceEqual(labels)) probability += classes.Select((c, t) => (double)softmax[t * 3 + c]).Aggregate((a, b) => a * b);
        }
        Assert.That(OnHost.Reals("ctc_loss", Reduced("sum"), logits, Tensor.From(labels, 1, 3))[0], Is.EqualTo(-Math.Log(probability)).Within(1e-5));
        Assert.That(OnHost.Reals("ctc_loss", null, logits, Tensor.From(labels, 1, 3))[0], Is.EqualTo(-Math.Log(probability) / 3).Within(1e-5));
    }

    [Test]
    public void Labels_that_do_not_fit_cost_infinity()
    {
        // 1 1 needs three steps, since a blank must stand between.
        var (logits, labels) = (TestTensors.Reals(1, [3, 2, 3]), Tensor.From([1, 1, 1, 1], 2, 2));
        var steps = Tensor.From([2, 3], 2);
        var losses = OnHost.Reals("ctc_loss", Reduced("none"), logits, labels, steps);
        Assert.That(losses[0], Is.EqualTo(float.PositiveInfinity));
        Assert.That(float.IsFinite(losses[1]));
        var gradient = OnHost.Reals("ctc_loss_gradient", Reduced("none"), Tensor.From([1f, 1], 2), logits, labels, steps);
        for (var t = 0; t < 3; t++) Assert.That(gradient[(t * 6)..(t * 6 + 3)], Is.All.Zero);
        Assert.That(gradient[3], Is.Not.Zero);
    }

    [Test]
    public void Without_labels_blanks_are_wanted()
    {
        var logits = Tensor.From([1f, 3, 0, 2], 2, 1, 2);
        Assert.That(OnHost.Reals("ctc_loss", null, logits, Tensor.Zeros(DataType.Int32, [1, 0]))[0], Is.EqualTo(Math.Log(1 + Math.Exp(2)) * 2).Within(1e-6));
    }

    [Test]
    public void Gradients()
    {
        var (logits, labels) = (TestTensors.Reals(1, [7, 3, 4]), Tensor.From([1, 2, 2, 3, 3, 3, 1, 0, 2], 3, 3));
        foreach (var reduction in new[] { "none", "sum", "mean" })
        {
            GradientTester.Check("ctc_loss", Reduced(reduction), 1e-6, logits, labels);
            GradientTester.Check("ctc_loss", Reduced(reduction).With(CtcLoss.Blank, 3), 1e-6, logits, Tensor.From([1, 2, 2, 0, 0, 1, 1, 0, 2], 3, 3), Tensor.From([7, 5, 6], 3), Tensor.From([3, 0, 2], 3));
        }
    }

    [Test]
    public void Shapes_that_do_not_fit()
    {
        var (logits, labels) = (TestTensors.Reals(1, [5, 2, 3]), Tensor.From([1, 1], 2, 1));
        Faults.Expect("VKN2101", () => OnHost.Run("ctc_loss", null, TestTensors.Reals(1, [5, 3]), labels));
        Faults.Expect("VKN2257", () => OnHost.Run("ctc_loss", AttributeSet.Empty.With(CtcLoss.Blank, 3), logits, labels));
        Faults.Expect("VKN2253", () => OnHost.Run("ctc_loss", null, logits, Tensor.From([1, 1, 1], 3, 1)));
        Faults.Expect("VKN2122", () => OnHost.Run("ctc_loss", null, logits, TestTensors.Reals(1, [2, 1])));
    }
}

/// <summary>Connectionist temporal classification on every device against the host.</summary>
internal sealed class CtcDeviceTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Loss_and_gradient_equal_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (var (steps, batch, classes, labels) in new[] { (1, 1, 2, 1), (0, 2, 3, 1), (5, 0, 3, 2), (5, 2, 3, 0), (7, 3, 4, 3), (50, 5, 29, 12), (120, 2, 70, 45), (3, 2, 4, 3) })
        {
            var logits = TestTensors.Reals(++seed, [steps, batch, classes], -4, 4);
            var target = TestTensors.Integers(++seed, DataType.Int64, [batch, labels], 1, classes);
            var (stepCounts, labelCounts) = (TestTensors.Integers(++seed, DataType.Int32, [batch], steps / 2, steps + 1), TestTensors.Integers(++seed, DataType.Int32, [batch], -1, labels + 1));
            foreach (var reduction in new[] { "none", "sum", "mean" })
            {
                var attributes = AttributeSet.Empty.With(CtcLoss.Reduction, reduction);
                var upstream = TestTensors.Reals(++seed, reduction == "none" ? new Shape(batch) : Shape.Scalar);
                tester.Add("ctc_loss", attributes, logits, target).Add("ctc_loss", attributes, logits, target, stepCounts, labelCounts);
                tester.Add("ctc_loss_gradient", attributes, upstream, logits, target).Add("ctc_loss_gradient", attributes, upstream, logits, target, stepCounts, labelCounts);
            }
        }
        tester.Check(Device, 1e-4, 1e-4);
    }
}
