using VkNet.Graphs;
using VkNet.Operators.Reduction;
using VkNet.Operators.Selection;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Selection;

/// <summary>Places of extreme elements, on the host and on every device.</summary>
internal sealed class ArgExtremeTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void NaN_is_the_extreme_and_the_first_counts()
    {
        var x = Tensor.From([1f, 3, 3, float.NaN, 0, float.NaN, 0, -0f, 0], 3, 3);
        Assert.That(OnHost.Run("argmax", null, x)[0].ToArray<long>(), Is.EqualTo(new long[] { 1, 0, 0 }));
        Assert.That(OnHost.Run("argmin", null, x)[0].ToArray<long>(), Is.EqualTo(new long[] { 0, 0, 0 }));
        Assert.That(OnHost.Run("argmax", AttributeSet.Empty.With(ArgExtreme.SelectLast, true), x)[0].ToArray<long>(), Is.EqualTo(new long[] { 2, 2, 2 }));
        Faults.Expect("VKN2260", () => OnHost.Run("argmax", null, TestTensors.Reals(1, [3, 0])));
    }

    [Test]
    public void Every_search_equals_the_host()
    {
        var tester = new OperatorTester();
        var seed = 0;
        foreach (Shape shape in (Shape[])[[1], [7], [0, 3], [5, 2], [64, 10], [3, 65], [2, 1025], [2, 3, 5], [2, 17, 8], [1, 70, 1100]])
        {
            foreach (var x in new[] { TestTensors.Reals(++seed, shape), TestTensors.Integers(++seed, DataType.Int32, shape, -3, 3), TestTensors.Repeat(shape, 1, float.NaN, 2, 0, -0f, float.NegativeInfinity, 2, 0, float.PositiveInfinity), TestTensors.Integers(++seed, DataType.Int32, shape, int.MinValue, int.MinValue + 1) })
                for (var axis = 0; axis < shape.Rank; axis++)
                    foreach (var name in new[] { "argmax", "argmin" })
                        foreach (var last in new[] { false, true })
                            if (shape[axis] > 0) tester.Add(name, AttributeSet.Empty.With(ArgExtreme.Axis, axis).With(ArgExtreme.SelectLast, last).With(ReductionOperator.KeepDimensions, last), x);
        }
        tester.Check(Device);
    }
}
