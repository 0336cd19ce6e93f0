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
