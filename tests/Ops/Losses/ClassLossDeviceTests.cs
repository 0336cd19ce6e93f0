using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Losses;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Losses;

/// <summary>Losses of classifiers and the accuracy on every device against the host.</summary>
internal sealed class ClassLossDeviceTests(string driver) : OnEveryDevice(driver)
{
    private static readonly string[] Names = ["softmax_cross_entropy", "nll_loss", "hinge_loss", "squared_hinge_loss"];

    private static OperatorTester Cases()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (Shape shape in (Shape[])[[1, 1], [0, 3], [5, 2], [64, 10], [65, 10], [3, 65], [300, 21], [2, 1001], [2, 3, 5], [3, 7, 4], [2, 21, 9, 4], [1, 70, 1200]])
        {
            var classes = shape[1];
            var rows = new Shape([shape[0], .. shape.Skip(2)]);
            var (x, labels, weights) = (TestTensors.Reals(++seed, shape, -8, 8), TestTensors.Integers(++seed, DataType.Int64, rows, 0, classes - 1), TestTensors.Reals(++seed, [classes], 0.5, 2));
            foreach (var name in Names)
            {
                foreach (var reduction in new[] { "none", "sum", "mean" })
                {
                    var attributes = AttributeSet.Empty.With(ClassLabels.Reduction, reduction);
                    var upstream = TestTensors.Reals(++seed, reduction == "none" ? rows : Shape.Scalar);
                    tester.Add(name, attributes, x, labels).Add($"{name}_gradient", attributes, upstream, x, labels);
                    attributes = attributes.With(ClassLabels.IgnoreIndex, 1);
                    tester.Add(name, attributes, x, labels, weights).Add($"{name}_gradient", attributes, upstream, x, labels, weights);
                }
            }
            tester.Add("softmax_cross_entropy", AttributeSet.Empty.With(ClassLoss.WithLogProbabilities, true), x, labels, weights);
            foreach (var top in new long[] { 1, 3 }) tester.Add("accuracy", AttributeSet.Empty.With(Accuracy.Top, top), x, labels);
            tester.Add("accuracy", AttributeSet.Empty.With(ClassLabels.IgnoreIndex, 0), x, labels);
        }
        return tester;
    }

    [Test]
    public void Every_loss_equals_the_host() => Cases().Check(Device, 2e-5, 1e-5);

    [Test]
    public void The_baseline_equals_the_host() => Cases().Check(Device, 2e-5, 1e-5, o => o with { Variant = "baseline" });

    [Test]
    public void A_loss_is_one_call_with_its_gradient_and_the_accuracy()
    {
        foreach (var variant in new[] { null, "baseline" })
        {
            var tester = new OperatorTester();
            var (seed, steps) = (0, 0);
            foreach (Shape shape in (Shape[])[[1, 1], [0, 3], [5, 2], [64, 10], [65, 10], [3, 65], [300, 21], [2, 1001], [3, 7, 4], [2, 21, 9, 4]])
            foreach (var name in Names)
            foreach (var accuracy in new[] { false, true })
            {
                var (rows, classes) = (new Shape([shape[0], .. shape.Skip(2)]), shape[1]);
                var (x, labels) = (tester.Input(TestTensors.Reals(++seed, shape, -8, 8)), tester.Input(TestTensors.Integers(++seed, DataType.Int64, rows, 0, classes - 1)));
                var weights = seed % 3 == 0 ? tester.Input(TestTensors.Reals(++seed, [classes], 0.5, 2)) : null;
                var attributes = AttributeSet.Empty.With(ClassLabels.Reduction, seed % 2 == 0 ? "mean" : "sum");
                var ignoring = AttributeSet.Empty;
                if (seed % 5 == 0) (attributes, ignoring) = (attributes.With(ClassLabels.IgnoreIndex, 0), ignoring.With(ClassLabels.IgnoreIndex, 0));
                tester.Output(tester.Builder.Apply(name, attributes, x, labels, weights), $"{name} {shape}");
                if (accuracy) tester.Output(tester.Builder.Apply("accuracy", ignoring.With(Accuracy.Top, 2), x, labels), $"accuracy {shape}");
                tester.Output(tester.Builder.Apply($"{name}_gradient", attributes, tester.Input(TestTensors.Reals(++seed, Shape.Scalar)), x, labels, weights), $"{name}_gradient {shape}");
                if (shape.ElementCount > 0) steps++;
            }
            var kernels = tester.Check(Device, 2e-5, 1e-5, o => o with { Variant = variant }).Main.Calls.OfType<DispatchCall>().ToList();
            Assert.That(kernels.Count(c => c.Kernel == "loss/class_gradient" && c.SourceNodes.Count > 1), Is.EqualTo(steps));
            // Only what the labels of a mean weigh is still measured by itself.
            Assert.That(kernels.Where(c => c.Kernel == "loss/class_measure").All(c => c.SourceNodes.Count > 1));
        }
    }

    [Test]
    public void Other_losses_of_the_scores_stay_apart()
    {
        var tester = new OperatorTester();
        var (x, labels, upstream) = (tester.Input(TestTensors.Reals(1, [5, 7])), tester.Input(TestTensors.Integers(2, DataType.Int64, [5], 0, 6)), tester.Input(TestTensors.Reals(3, Shape.Scalar)));
        var sum = AttributeSet.Empty.With(ClassLabels.Reduction, "sum");
        // Of another reduction, with another margin, of another kind, and one that decides about the gradient itself.
        tester.Output(tester.Builder.Apply("hinge_loss", sum, x, labels), "sum");
        tester.Output(tester.Builder.Apply("hinge_loss", AttributeSet.Empty.With(ClassLoss.Margin, 2), x, labels), "margin");
        tester.Output(tester.Builder.Apply("softmax_cross_entropy", null, x, labels), "kind");
        var own = tester.Builder.Apply("nll_loss", null, x, labels);
        tester.Output(tester.Builder.Apply("hinge_loss_gradient", null, upstream, x, labels), "gradient");
        tester.Output(tester.Builder.Apply("nll_loss_gradient", null, own, x, labels), "gradient of its own loss");
        Assert.That(tester.Check(Device, 2e-5, 1e-5).Main.Calls.Count, Is.EqualTo(6));
    }

    [Test]
    public void Large_scores_and_labels_that_are_no_class()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Repeat([6, 5], 1e4f, -1e4f, 9999, 0, 1e4f, 1e18f, 1, float.NegativeInfinity);
        foreach (var labels in new[] { Tensor.From([0L, 1, 2, 3, 4, 0], 6), Tensor.From([0L, 5, -1, 1000000000, 4, -1000000000], 6) })
        {
            foreach (var name in Names)
            {
                var none = AttributeSet.Empty.With(ClassLabels.Reduction, "none");
                tester.Add(name, none, x, labels).Add($"{name}_gradient", none, TestTensors.Reals(1, [6]), x, labels);
            }
            tester.Add("accuracy", null, x, labels);
        }
        tester.Check(Device, 1e-5, 1e-5);
    }
}
