using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Resampling;

/// <summary>Resampling, sampling grids, regions of interest and folding on every device.</summary>
internal sealed class ResamplingTests(string driver) : OnEveryDevice(driver)
{
    private static readonly string[] CoordinateModes = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn"];

    [Test]
    public void Nearest_elements()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Reals(1, [2, 3, 5, 7]);
        foreach (var coordinates in CoordinateModes)
        foreach (var nearest in new[] { "round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple" })
            tester.Add("resize", TestAttributes.Of("sizes", 2, 3, 11, 4).With("coordinates", coordinates).With("nearest", nearest), x);
        tester.Add("resize", Scales(1, 1, 2, 2), x).Add("resize", Scales(1, 1, 2, 2), TestTensors.Reals(2, [1, 2, 3, 8])).Add("resize", Scales(2, 0.5, 1, 1), TestTensors.Reals(3, [3, 4, 5, 4]));
        tester.Add("resize", Scales(3), TestTensors.Integers(4, DataType.Int32, [5], -99, 99)).Add("resize", Scales(1.5, 1), TestTensors.Integers(5, DataType.UInt8, [5, 3], 0, 255)).Add("resize", Scales(2, 1), TestTensors.Truths(6, [3, 4]));
        tester.Add("resize", TestAttributes.Of("sizes", 7, 2).And("axes", -1, 0), TestTensors.Reals(7, [4, 3, 3])).Add("resize", TestAttributes.Of("sizes", 0), TestTensors.Reals(8, [4])).Add("resize", TestAttributes.Of("sizes", 1, 1), TestTensors.Reals(8, [1, 1]));
        foreach (var aspect in new[] { "not_larger", "not_smaller" }) tester.Add("resize", TestAttributes.Of("sizes", 7, 8).And("axes", 2, 3).With("aspect", aspect), x);
        tester.Add("resize", Region("nearest", 0.4, 0.6, 0.7, 1.4), x);
        tester.Check(Device, 0, 0);
    }

    [Test]
    public void Interpolation()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Reals(1, [2, 3, 5, 7]);
        foreach (var mode in new[] { "linear", "cubic" })
        {
            foreach (var coordinates in CoordinateModes)
            foreach (var sizes in new long[][] { [2, 3, 11, 4], [2, 3, 5, 13], [2, 3, 1, 1] })
                tester.Add("resize", TestAttributes.Of("sizes", sizes).With("coordinates", coordinates).With("mode", mode), x);
            tester.Add("resize", Scales(1, 1, 0.6, 0.6).With("mode", mode).With("antialias", true), x).Add("resize", Scales(1, 1, 0.3, 2.5).With("mode", mode).With("antialias", true), x);
            tester.Add("resize", Scales(1, 1, 0.6, 1.7).With("mode", mode).With("exclude_outside", true), x).Add("resize", Scales(1, 1, 0.45, 0.3).With("mode", mode).With("antialias", true).With("exclude_outside", true), x);
            tester.Add("resize", Scales(2, 1.5, 2).With("mode", mode), TestTensors.Reals(2, [3, 2, 4])).Add("resize", Scales(2, 2, 1).With("mode", mode), TestTensors.Reals(3, [3, 5, 8]));
            tester.Add("resize", Region(mode, 0.4, -0.2, 0.7, 1.4), x).Add("resize", Scales(1, 2).With("mode", mode), TestTensors.Reals(4, [0, 4])).Add("resize", Scales(2.5).With("mode", mode), TestTensors.Reals(5, [1]));
            tester.Add("resize", Scales(1, 1, 2, 2, 2).With("mode", mode), TestTensors.Reals(6, [1, 2, 3, 2, 5]));
        }
        tester.Add("resize", Scales(1, 1, 0.8, 0.8).With("mode", "cubic").With("cubic_coefficient", -0.5), x);
        tester.Check(Device, 3e-6, 1e-6);
    }

    [Test]
    public void Resizing_follows_convolutions_channels_last()
    {
        var tester = new OperatorTester();
        foreach (var (mode, channels) in new[] { ("nearest", 5L), ("linear", 8L), ("cubic", 3L) })
        {
            var x = tester.Builder.Add(new PreferringChannelsLast(), AttributeSet.Empty, [tester.Input(TestTensors.Reals(1, [2, channels, 5, 6]))])[0];
            var y = tester.Builder.Apply("resize", Scales(1, 1, 2, 1.5).With("mode", mode), x);
            tester.Output(tester.Builder.Add(new PreferringChannelsLast(), AttributeSet.Empty, [y])[0], mode);
        }
        tester.Check(Device, 3e-6, 1e-6);
    }

    [Test]
    public void Grids()
    {
        var tester = new OperatorTester();
        foreach (var mode in new[] { "linear", "nearest", "cubic" })
        foreach (var padding in new[] { "zeros", "border", "reflection" })
        foreach (var aligned in new[] { false, true })
        {
            var attributes = AttributeSet.Empty.With("mode", mode).With("padding", padding).With("align_corners", aligned);
            tester.Add("grid_sample", attributes, TestTensors.Reals(1, [2, 3, 5, 7]), TestTensors.Reals(2, [2, 3, 11, 2], -1.7, 1.7));
            tester.Add("grid_sample", attributes, TestTensors.Reals(3, [1, 2, 3, 4, 5]), TestTensors.Reals(4, [1, 2, 3, 5, 3], -1.7, 1.7));
            tester.Add("grid_sample", attributes, TestTensors.Reals(5, [1, 1, 1, 1]), TestTensors.Reals(6, [1, 2, 2, 2], -3, 3));
        }
        tester.Add("grid_sample", null, TestTensors.Reals(7, [1, 37, 9, 9]), TestTensors.Reals(8, [1, 40, 50, 2], -1, 1)).Add("grid_sample", null, TestTensors.Reals(7, [1, 2, 3, 3]), TestTensors.Reals(8, [1, 0, 5, 2]));
        tester.Add("grid_sample", null, TestTensors.Reals(9, [1, 1, 4, 4]), TestTensors.Repeat([1, 1, 4, 2], float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f, 0.5f));
        tester.Check(Device, 5e-5, 5e-5);
    }

    [Test]
    public void Gradients_of_grids_and_resizing()
    {
        var tester = new OperatorTester();
        foreach (var mode in new[] { "linear", "nearest", "cubic" })
        foreach (var target in new[] { "input", "grid" })
        foreach (var padding in new[] { "zeros", "border", "reflection" })
        {
            var attributes = AttributeSet.Empty.With("mode", mode).With("padding", padding).With("target", target);
            tester.Add("grid_sample_gradient", attributes, TestTensors.Reals(1, [2, 3, 3, 4]), TestTensors.Reals(2, [2, 3, 5, 7]), TestTensors.Reals(3, [2, 3, 4, 2], -1.5, 1.5));
            tester.Add("grid_sample_gradient", attributes, TestTensors.Reals(4, [1, 2, 2, 3, 2]), TestTensors.Reals(5, [1, 2, 3, 4, 5]), TestTensors.Reals(6, [1, 2, 3, 2, 3], -1.5, 1.5));
        }
        foreach (var mode in new[] { "nearest", "linear", "cubic" })
            tester.Add("resize_gradient", TestAttributes.Of("sizes", 2, 3, 9, 4).And("input_shape", 2, 3, 5, 7).With("mode", mode), TestTensors.Reals(7, [2, 3, 9, 4]));
        tester.Check(Device, 2e-4, 2e-4);
    }

    [Test]
    public void Regions_of_interest()
    {
        var tester = new OperatorTester();
        var x = TestTensors.Reals(1, [2, 3, 9, 11]);
        var regions = Tensor.From([0.3f, 0.4f, 7.2f, 6.6f, 2, 1, 2.5f, 1.2f, -3, -2, 14, 12, 5, 5, 4, 4, 0, 0, 10, 8], 5, 4);
        var items = Tensor.From([0L, 1, 1, 0, 7], 5);
        foreach (var mode in new[] { "avg", "max" })
        foreach (var half in new[] { false, true })
        foreach (var ratio in new long[] { 0, 2 })
            tester.Add("roi_align", TestAttributes.Of("output_size", 3, 2).With("mode", mode).With("half_pixel", half).With("sampling_ratio", ratio).With("spatial_scale", 0.9), x, regions, items);
        var boxes = Tensor.From([0f, 0.3f, 0.4f, 7.2f, 6.6f, 1, 2, 1, 2.4f, 1.2f, 5, -3, -2, 14, 12, 0, 5, 5, 4, 4], 4, 5);
        tester.Add("roi_pool", TestAttributes.Of("output_size", 3, 2), x, boxes).Add("roi_pool", TestAttributes.Of("output_size", 1).With("spatial_scale", 0.5), x, boxes);
        tester.Add("roi_pool", TestAttributes.Of("output_size", 2, 2), x, TestTensors.Reals(2, [0, 5]));
        tester.Check(Device, 1e-5, 1e-5);
    }

    [Test]
    public void Folding()
    {
        var tester = new OperatorTester();
        var window = TestAttributes.Of("kernel", 3, 2).And("stride", 2, 1).And("dilation", 1, 2).And("padding", 1, 0, 0, 1);
        tester.Add("im2col2d", window, TestTensors.Reals(1, [2, 3, 7, 6])).Add("im2col2d", TestAttributes.Of("kernel", 2), TestTensors.Integers(2, DataType.UInt8, [1, 2, 5, 5], 0, 255)).Add("im2col1d", TestAttributes.Of("kernel", 3), TestTensors.Reals(3, [2, 2, 9]));
        tester.Add("col2im2d", window.And("size", 7, 6), TestTensors.Reals(4, [2, 18, 3 * 5])).Add("col2im1d", TestAttributes.Of("kernel", 3).And("size", 9), TestTensors.Reals(5, [2, 6, 7]));
        tester.Add("col2im3d", TestAttributes.Of("kernel", 2).And("size", 3, 4, 5), TestTensors.Reals(6, [1, 16, 2 * 3 * 4]));
        tester.Check(Device, 1e-6, 1e-6);
    }

    [Test]
    public void Affine_grids_and_sums_of_products()
    {
        var tester = new OperatorTester();
        foreach (var aligned in new[] { false, true })
            tester.Add("affine_grid", TestAttributes.Of("size", 3, 5).With("align_corners", aligned), TestTensors.Reals(1, [2, 2, 3])).Add("affine_grid", TestAttributes.Of("size", 2, 1, 4).With("align_corners", aligned), TestTensors.Reals(2, [1, 3, 4]));
        foreach (var (equation, shapes) in EinsumTests.Cases)
            tester.Add("einsum", AttributeSet.Empty.With("equation", equation), [.. shapes.Select((s, i) => TestTensors.Reals(i + 3, new Shape(s)))]);
        tester.Check(Device, 1e-5, 1e-5);
    }

    private static AttributeSet Scales(params double[] scales) => AttributeSet.Empty.With("scales", scales);

    private static AttributeSet Region(string mode, params double[] region) =>
        TestAttributes.Of("sizes", 4, 6).And("axes", 2, 3).With("mode", mode).With("coordinates", "tf_crop_and_resize").With("region", region).With("extrapolation", 10.0);
}
