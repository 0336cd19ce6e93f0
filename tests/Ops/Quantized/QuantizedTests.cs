using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Quantized;

/// <summary>Quantised arithmetic on every device: whole numbers must be equal.</summary>
internal sealed class QuantizedTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void There_and_back()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Reals(1, [3, 5, 7], -40, 40);
        foreach (var type in new[] { DataType.UInt8, DataType.Int8, DataType.UInt16, DataType.Int16 })
        {
            tester.Add("quantize_linear", null, x, Tensor.Scalar(0.25f), TestTensors.Integers(2, type, [], 3, 99));
            tester.Add("quantize_linear", null, x, TestTensors.Reals(3, [5], 0.01, 0.5), TestTensors.Integers(4, type, [5], 0, 99));
            tester.Add("quantize_linear", AttributeSet.Empty.With("axis", -1L).With("block_size", 3L), x, TestTensors.Reals(5, [3, 5, 3], 0.01, 0.5), TestTensors.Integers(6, type, [3, 5, 3], 0, 99));
            tester.Add("quantize_linear", AttributeSet.Empty.With("axis", 0L).With("type", type.Name()), x, TestTensors.Reals(7, [3], 0.001, 0.002));
            tester.Add("dequantize_linear", null, TestTensors.Integers(8, type, [3, 5, 7], 0, 127), TestTensors.Reals(9, [5], 0.01, 0.5), TestTensors.Integers(10, type, [5], 0, 99));
            tester.Add("dequantize_linear", AttributeSet.Empty.With("axis", 0L).With("block_size", 2L), TestTensors.Integers(11, type, [3, 5], 0, 127), TestTensors.Reals(12, [2, 5], 0.01, 0.5));
        }
        tester.Add("quantize_linear", null, TestTensors.Repeat([9], 0.5f, 1.5f, 2.5f, -0.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f, 254.5f), Tensor.Scalar(1f));
        tester.Add("quantize_linear", null, TestTensors.Reals(13, [0, 5]), Tensor.Scalar(1f)).Add("dequantize_linear", null, TestTensors.Integers(14, DataType.Int32, [131], -99999, 99999), Tensor.Scalar(0.5f));
        tester.Check(Device);
    }

    [Test]
    public void Products()
    {
        var tester = new OperatorTester();
        foreach (var (a, b) in new[] { (DataType.UInt8, DataType.Int8), (DataType.Int8, DataType.Int8), (DataType.UInt8, DataType.UInt8) })
        foreach (var (rows, depth, columns) in new[] { (5L, 7L, 3L), (1, 64, 33), (17, 129, 1), (3, 0, 2) })
        {
            var (left, right) = (TestTensors.Integers(1, a, [2, rows, depth], 0, 127), TestTensors.Integers(2, b, [depth, columns], 0, 127));
            tester.Add("matmul_integer", null, left, right).Add("matmul_integer", null, left, right, TestTensors.Integers(3, a, [], 9, 9), TestTensors.Integers(4, b, [columns], 0, 99)).Add("matmul_integer", null, left, right, TestTensors.Integers(5, a, [rows], 0, 99));
            tester.Add("qlinear_matmul", null, left, Tensor.Scalar(0.0625f), TestTensors.Integers(6, a, [], 3, 9), right, TestTensors.Reals(7, [columns], 0.01, 0.02), TestTensors.Integers(8, b, [columns], 3, 9), Tensor.Scalar(0.5f), TestTensors.Integers(9, a, [], 3, 9));
        }
        var (picture, filters) = (TestTensors.Integers(10, DataType.UInt8, [2, 4, 7, 6], 0, 255), TestTensors.Integers(11, DataType.Int8, [6, 2, 3, 2], -128, 127));
        var window = TestAttributes.Of("stride", 2, 1).And("dilation", 1, 2).And("padding", 1, 0, 0, 1).With("groups", 2L);
        tester.Add("conv_integer", window, picture, filters).Add("conv_integer", window.With("auto_padding", "same"), picture, filters, TestTensors.Integers(12, DataType.UInt8, [], 128, 128), TestTensors.Integers(13, DataType.Int8, [6], -9, 9));
        tester.Add("conv_integer", null, TestTensors.Integers(14, DataType.UInt8, [1, 2, 3, 4, 5], 0, 255), TestTensors.Integers(15, DataType.UInt8, [3, 2, 2, 2, 2], 0, 255)).Add("conv_integer", null, TestTensors.Integers(16, DataType.Int8, [1, 3, 9], -128, 127), TestTensors.Integers(17, DataType.Int8, [1, 3, 1], -128, 127));
        tester.Add("qlinear_conv", window, picture, Tensor.Scalar(0.03125f), TestTensors.Integers(18, DataType.UInt8, [], 128, 128), filters, TestTensors.Reals(19, [6], 0.01, 0.02), TestTensors.Integers(20, DataType.Int8, [6], -9, 9),
            Tensor.Scalar(0.5f), TestTensors.Integers(21, DataType.UInt8, [1], 100, 100), TestTensors.Integers(22, DataType.Int32, [6], -999, 999));
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Ranges_found_on_the_way()
    {
        var tester = new OperatorTester();
        foreach (var (low, high) in new[] { (-1.0, 3.0), (1, 3), (-3, -1) }) tester.Add("dynamic_quantize_linear", null, TestTensors.Reals(1, [3, 50], low, high));
        tester.Add("dynamic_quantize_linear", null, Tensor.Zeros(DataType.Float32, [7]));
        tester.Check(Device);
    }

    [Test]
    public void Known_answers()
    {
        var scale = Tensor.Scalar(2f);
        var zero = Bytes([128], 1).Reshape(Shape.Scalar);
        var quantised = OnHost.Run("quantize_linear", null, Tensor.From([0f, 2, 3, 1000, -254, -1000], 6), scale, zero)[0];
        Assert.That(quantised.ToArray<byte>(), Is.EqualTo(new byte[] { 128, 129, 130, 255, 1, 0 }));
        Assert.That(OnHost.Reals("dequantize_linear", null, Bytes([0, 3, 128, 255], 4), scale, zero), Is.EqualTo(new float[] { -256, -250, 0, 254 }));
        var product = OnHost.Run("matmul_integer", null, Bytes([11, 7, 3], 1, 3), Bytes([1, 4, 2], 3, 1), Bytes([12], 1), Bytes([0], 1))[0];
        Assert.That(product.ToArray<int>(), Is.EqualTo(new[] { -1 * 1 + -5 * 4 + -9 * 2 }));
        var results = OnHost.Run("dynamic_quantize_linear", null, Tensor.From([0f, 2, -3, -2.5f, 1.34f, 0.5f], 6));
        Assert.That(results[0].ToArray<byte>(), Is.EqualTo(new byte[] { 153, 255, 0, 26, 221, 179 }));
        Assert.That(results[2].ToArray<byte>(), Is.EqualTo(new byte[] { 153 }));
    }

    [TestCase("VKN2470"), TestCase("VKN2471"), TestCase("VKN2472"), TestCase("VKN2473"), TestCase("VKN2474")]
    public void What_does_not_fit_is_refused(string code)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var (x, narrow, filters) = (builder.Input("x", TensorType.Float(3, 5)), builder.Input("n", new TensorType(DataType.UInt8, [3, 5])), builder.Input("w", new TensorType(DataType.Int8, [2, 3, 3])));
        Action act = code switch
        {
            "VKN2470" => () => builder.Apply("quantize_linear", null, x, builder.Input("s", TensorType.Float(4))),
            "VKN2471" => () => builder.Apply("quantize_linear", null, x, builder.Constant(1), builder.Constant(Tensor.Scalar(1L))),
            "VKN2472" => () => builder.Apply("matmul_integer", null, x, narrow),
            "VKN2473" => () => builder.Apply("conv_integer", null, narrow, filters),
            _ => () => builder.Apply("matmul_integer", null, narrow, builder.Input("m", new TensorType(DataType.UInt8, [5, 4])), builder.Input("z", new TensorType(DataType.UInt8, [2]))),
        };
        Assert.That(() => act(), Throws.TypeOf<VkNetException>().With.Message.Contains(code));
    }

    private static Tensor Bytes(byte[] values, params long[] shape) => Tensor.From(values, shape);
}
