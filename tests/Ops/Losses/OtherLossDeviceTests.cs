using VkNet.Graphs;
using VkNet.Operators.Losses;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Losses;

/// <summary>Losses of elements, of distributions and of distances on every device against the host.</summary>
internal sealed class OtherLossDeviceTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Every_loss_equals_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (Shape shape in (Shape[])[[1], [0, 3], [5, 3], [64, 10], [3, 65], [3, 7, 4], [101, 67], [3, 1100]])
        {
            Tensor Next(double low, double high) => TestTensors.Reals(++seed, shape, low, high);
            var rows = shape.Slice(0, shape.Rank - 1);
            foreach (var reduction in new[] { "none", "sum", "mean", "batch_mean" })
            {
                var attributes = AttributeSet.Empty.With("reduction", reduction);
                foreach (var name in new[] { "mse_loss", "l1_loss", "huber_loss", "kl_divergence" }) tester.Add(name, attributes, Next(-3, 3), Next(0, 1));
                tester.Add("sigmoid_cross_entropy", attributes.With(ElementLoss.PositiveWeight, 2), Next(-30, 30), Next(0, 1));
                tester.Add("kl_divergence", attributes.With(ElementLoss.LogarithmicTarget, true), Next(-3, 0), Next(-3, 0));
                if (reduction == "batch_mean") continue;
                tester.Add("contrastive_loss", attributes.With(ContrastiveLoss.Margin, 9), Next(-2, 2), Next(-2, 2), TestTensors.Integers(++seed, seed % 2 == 0 ? DataType.Bool : DataType.Int64, rows, 0, 1));
                tester.Add("triplet_loss", attributes, Next(-2, 2), Next(-2, 2), Next(-2, 2));
                if (shape.Rank < 2) continue;
                tester.Add("soft_cross_entropy", attributes, Next(-8, 8), Next(0, 2.0 / shape[1]));
                tester.Add("soft_cross_entropy_gradient", attributes, TestTensors.Reals(++seed, reduction == "none" ? new Shape([shape[0], .. shape.Skip(2)]) : Shape.Scalar), Next(-8, 8), Next(0, 2.0 / shape[1]));
            }
        }
        var extremes = TestTensors.Repeat([11], 1e4f, -1e4f, float.NaN, float.PositiveInfinity, 0);
        foreach (var name in new[] { "mse_loss", "l1_loss", "huber_loss", "sigmoid_cross_entropy", "kl_divergence" })
            tester.Add(name, AttributeSet.Empty.With("reduction", "none"), extremes, TestTensors.Repeat([11], 1, 0));
        tester.Check(Device, 2e-5, 1e-5);
    }
}
