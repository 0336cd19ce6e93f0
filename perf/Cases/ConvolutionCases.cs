using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Perf.Cases;

/// <summary>Convolutions with constant weights and their gradients; the chain of layout conversions at the borders of the one-node graph is not counted.</summary>
internal static class ConvolutionCases
{
    private sealed record Layer(long Batch, long Channels, long Size, long Filters, long Kernel, long Stride, long Padding, long Groups = 1)
    {
        public long Output => (Size + 2 * Padding - Kernel) / Stride + 1;

        public long Depth => Channels / Groups;

        public string Shape => $"{Batch}x{Channels}x{Size}x{Size} k{Kernel} s{Stride} f{Filters}" + (Groups > 1 ? $" g{Groups}" : "");

        public double Flops => 2.0 * Batch * Filters * Output * Output * Depth * Kernel * Kernel;

        public double Bytes => 4.0 * (Batch * Channels * Size * Size + Filters * Depth * Kernel * Kernel + Batch * Filters * Output * Output);

        public AttributeSet Attributes => AttributeSet.Empty.With("stride", new[] { Stride, Stride }).With("padding", new[] { Padding, Padding }).With("groups", Groups);
    }

    // The layers of well-known networks at batch 1, each shape once: channels, size, filters, kernel, stride, padding, groups.
    private static readonly (string Set, long[][] Layers)[] Networks =
    [
        ("resnet50",
        [
            [3, 224, 64, 7, 2, 3, 1], [64, 56, 64, 1, 1, 0, 1], [64, 56, 64, 3, 1, 1, 1], [64, 56, 256, 1, 1, 0, 1], [256, 56, 64, 1, 1, 0, 1], [256, 56, 128, 1, 1, 0, 1],
            [128, 56, 128, 3, 2, 1, 1], [128, 28, 512, 1, 1, 0, 1], [256, 56, 512, 1, 2, 0, 1], [512, 28, 128, 1, 1, 0, 1], [128, 28, 128, 3, 1, 1, 1], [512, 28, 256, 1, 1, 0, 1],
            [256, 28, 256, 3, 2, 1, 1], [256, 14, 1024, 1, 1, 0, 1], [512, 28, 1024, 1, 2, 0, 1], [1024, 14, 256, 1, 1, 0, 1], [256, 14, 256, 3, 1, 1, 1], [1024, 14, 512, 1, 1, 0, 1],
            [512, 14, 512, 3, 2, 1, 1], [512, 7, 2048, 1, 1, 0, 1], [1024, 14, 2048, 1, 2, 0, 1], [2048, 7, 512, 1, 1, 0, 1], [512, 7, 512, 3, 1, 1, 1],
        ]),
        ("mobilenet_v2",
        [
            [3, 224, 32, 3, 2, 1, 1], [32, 112, 32, 3, 1, 1, 32], [32, 112, 16, 1, 1, 0, 1], [16, 112, 96, 1, 1, 0, 1], [96, 112, 96, 3, 2, 1, 96], [96, 56, 24, 1, 1, 0, 1],
            [24, 56, 144, 1, 1, 0, 1], [144, 56, 144, 3, 1, 1, 144], [144, 56, 144, 3, 2, 1, 144], [144, 28, 32, 1, 1, 0, 1], [32, 28, 192, 1, 1, 0, 1], [192, 28, 192, 3, 1, 1, 192],
            [192, 28, 192, 3, 2, 1, 192], [192, 14, 64, 1, 1, 0, 1], [64, 14, 384, 1, 1, 0, 1], [384, 14, 384, 3, 1, 1, 384], [384, 14, 96, 1, 1, 0, 1], [96, 14, 576, 1, 1, 0, 1],
            [576, 14, 576, 3, 1, 1, 576], [576, 14, 576, 3, 2, 1, 576], [576, 7, 160, 1, 1, 0, 1], [160, 7, 960, 1, 1, 0, 1], [960, 7, 960, 3, 1, 1, 960], [960, 7, 320, 1, 1, 0, 1], [320, 7, 1280, 1, 1, 0, 1],
        ]),
        ("vgg16",
        [
            [3, 224, 64, 3, 1, 1, 1], [64, 224, 64, 3, 1, 1, 1], [64, 112, 128, 3, 1, 1, 1], [128, 112, 128, 3, 1, 1, 1], [128, 56, 256, 3, 1, 1, 1], [256, 56, 256, 3, 1, 1, 1],
            [256, 28, 512, 3, 1, 1, 1], [512, 28, 512, 3, 1, 1, 1], [512, 14, 512, 3, 1, 1, 1],
        ]),
        ("unet",
        [
            [1, 256, 32, 3, 1, 1, 1], [32, 256, 32, 3, 1, 1, 1], [64, 256, 32, 3, 1, 1, 1], [64, 128, 64, 3, 1, 1, 1], [128, 64, 128, 3, 1, 1, 1], [256, 32, 256, 3, 1, 1, 1], [512, 16, 512, 3, 1, 1, 1], [32, 256, 2, 1, 1, 0, 1],
        ]),
        ("alexnet", [[3, 227, 96, 11, 4, 0, 1], [96, 27, 256, 5, 1, 2, 2], [256, 13, 384, 3, 1, 1, 1], [384, 13, 384, 3, 1, 1, 2], [384, 13, 256, 3, 1, 1, 2]]),
        ("resnet18", [[3, 224, 64, 7, 2, 3, 1], [64, 56, 64, 3, 1, 1, 1], [64, 56, 128, 3, 2, 1, 1], [64, 56, 128, 1, 2, 0, 1], [128, 28, 128, 3, 1, 1, 1], [128, 28, 256, 3, 2, 1, 1], [256, 14, 256, 3, 1, 1, 1], [256, 14, 512, 3, 2, 1, 1], [512, 7, 512, 3, 1, 1, 1]]),
        ("squeezenet", [[3, 224, 64, 3, 2, 0, 1], [64, 55, 16, 1, 1, 0, 1], [16, 55, 64, 1, 1, 0, 1], [16, 55, 64, 3, 1, 1, 1], [32, 27, 128, 3, 1, 1, 1], [48, 13, 192, 3, 1, 1, 1], [64, 13, 256, 3, 1, 1, 1], [512, 13, 64, 1, 1, 0, 1], [512, 13, 1000, 1, 1, 0, 1]]),
    ];

    // Convolutions of Baidu's DeepBench with square inputs, at batches that a small machine can hold.
    private static readonly Layer[] DeepBench =
    [
        new(8, 64, 112, 64, 3, 1, 1), new(8, 128, 56, 128, 3, 1, 1), new(8, 256, 28, 256, 3, 1, 1), new(8, 512, 14, 512, 3, 1, 1), new(8, 512, 7, 512, 3, 1, 1),
        new(8, 64, 56, 256, 1, 1, 0), new(8, 192, 28, 32, 5, 1, 2), new(8, 192, 28, 64, 1, 1, 0), new(8, 512, 14, 48, 5, 1, 2), new(8, 832, 7, 256, 1, 1, 0), new(8, 3, 224, 64, 7, 2, 3),
        new(1, 112, 112, 112, 3, 1, 1),
    ];

    public static IEnumerable<PerfCase> All()
    {
        Layer[] core =
        [
            new(1, 64, 56, 64, 3, 1, 1), new(1, 128, 28, 128, 3, 1, 1), new(1, 256, 14, 256, 3, 1, 1), new(1, 512, 7, 512, 3, 1, 1),
            new(1, 64, 56, 256, 1, 1, 0), new(1, 256, 14, 1024, 1, 1, 0), new(1, 3, 224, 64, 7, 2, 3), new(1, 3, 227, 96, 11, 4, 0), new(1, 144, 56, 144, 3, 1, 1, 144), new(1, 384, 14, 384, 3, 1, 1, 384),
        ];
        foreach (var layer in core) yield return Forward(PerfCase.Core, layer, quick: layer == core[0], onnxRuntime: layer.Kernel == 3 && layer.Groups == 1);
        foreach (var layer in new[] { core[0], new Layer(8, 64, 56, 64, 3, 1, 1), new Layer(8, 128, 28, 128, 3, 1, 1), new Layer(8, 256, 14, 256, 3, 2, 1) })
        {
            if (layer != core[0]) yield return Forward(PerfCase.Core, layer);
            yield return WeightGradient(PerfCase.Core, layer);
            yield return DataGradient(PerfCase.Core, layer);
        }
        foreach (var (set, layers) in Networks)
            foreach (var l in layers) yield return Forward(set, new Layer(1, l[0], l[1], l[2], l[3], l[4], l[5], l[6]));
        foreach (var layer in DeepBench)
        {
            yield return Forward("deepbench", layer);
            yield return WeightGradient("deepbench", layer);
            yield return DataGradient("deepbench", layer);
        }
        Layer[] lenet = [new(64, 1, 28, 6, 5, 1, 2), new(64, 6, 14, 16, 5, 1, 0)];
        foreach (var layer in lenet)
        {
            yield return Forward("lenet", layer);
            yield return WeightGradient("lenet", layer);
            yield return DataGradient("lenet", layer);
        }
        foreach (var size in new long[] { 7, 8, 13, 14, 17, 28, 31, 56, 112 }) yield return Forward("sweep", new Layer(1, 128, size, 128, 3, 1, 1));
        foreach (var channels in new long[] { 3, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256 }) yield return Forward("sweep", new Layer(1, channels, 28, channels, 3, 1, 1));
    }

    private static PerfCase Forward(string set, Layer l, bool quick = false, bool onnxRuntime = false) => new()
    {
        Set = set,
        Kernel = l.Groups == 1 ? "conv" : l.Groups == l.Channels ? "conv_depthwise" : "conv_grouped",
        Shape = l.Shape,
        Quick = quick,
        Flops = l.Flops,
        Bytes = l.Bytes,
        // Winograd's transforms amplify rounding; its error is reported beside the time.
        Tolerance = 1e-4,
        OnnxRuntimeThreads = onnxRuntime ? [1, 2] : [],
        Build = builder =>
        {
            var x = builder.Input("x", TensorType.Float(l.Batch, l.Channels, l.Size, l.Size));
            var w = builder.Constant(PerfCase.Random("w", l.Filters, l.Depth, l.Kernel, l.Kernel), "w");
            builder.Output("y", builder.Apply("conv2d", l.Attributes, x, w));
        },
        Reference = (values, index) =>
        {
            var (column, row) = (index % l.Output, index / l.Output % l.Output);
            var (filter, item) = (index / l.Output / l.Output % l.Filters, index / l.Output / l.Output / l.Filters);
            var first = filter / (l.Filters / l.Groups) * l.Depth;
            double sum = 0;
            for (var c = 0L; c < l.Depth; c++)
                for (var i = 0L; i < l.Kernel; i++)
                    for (var j = 0L; j < l.Kernel; j++)
                    {
                        var (y, x) = (row * l.Stride + i - l.Padding, column * l.Stride + j - l.Padding);
                        if (y < 0 || y >= l.Size || x < 0 || x >= l.Size) continue;
                        sum += (double)values["x"][((item * l.Channels + first + c) * l.Size + y) * l.Size + x] * values["w"][((filter * l.Depth + c) * l.Kernel + i) * l.Kernel + j];
                    }
            return sum;
        },
    };

    private static PerfCase WeightGradient(string set, Layer l) => new()
    {
        Set = set,
        Kernel = "conv_weights_grad",
        Shape = l.Shape,
        Flops = l.Flops,
        Bytes = l.Bytes,
        Tolerance = 1e-4,
        Build = builder =>
        {
            var x = builder.Input("x", TensorType.Float(l.Batch, l.Channels, l.Size, l.Size));
            var u = builder.Input("u", TensorType.Float(l.Batch, l.Filters, l.Output, l.Output));
            builder.Output("y", builder.Apply("conv2d_weight_gradient", l.Attributes.With("kernel", new[] { l.Kernel, l.Kernel }), x, u));
        },
        Reference = (values, index) =>
        {
            var (j, i) = (index % l.Kernel, index / l.Kernel % l.Kernel);
            var (channel, filter) = (index / l.Kernel / l.Kernel % l.Depth, index / l.Kernel / l.Kernel / l.Depth);
            channel += filter / (l.Filters / l.Groups) * l.Depth;
            double sum = 0;
            for (var n = 0L; n < l.Batch; n++)
                for (var row = 0L; row < l.Output; row++)
                    for (var column = 0L; column < l.Output; column++)
                    {
                        var (y, x) = (row * l.Stride + i - l.Padding, column * l.Stride + j - l.Padding);
                        if (y < 0 || y >= l.Size || x < 0 || x >= l.Size) continue;
                        sum += (double)values["x"][((n * l.Channels + channel) * l.Size + y) * l.Size + x] * values["u"][((n * l.Filters + filter) * l.Output + row) * l.Output + column];
                    }
            return sum;
        },
    };

    private static PerfCase DataGradient(string set, Layer l) => new()
    {
        Set = set,
        Kernel = "conv_data_grad",
        Shape = l.Shape,
        Flops = l.Flops,
        Bytes = l.Bytes,
        Tolerance = 1e-4,
        Build = builder =>
        {
            var u = builder.Input("u", TensorType.Float(l.Batch, l.Filters, l.Output, l.Output));
            var w = builder.Constant(PerfCase.Random("w", l.Filters, l.Depth, l.Kernel, l.Kernel), "w");
            var rest = l.Size + 2 * l.Padding - l.Kernel - (l.Output - 1) * l.Stride;
            builder.Output("y", builder.Apply("conv_transpose2d", l.Attributes.With("output_padding", new[] { rest, rest }), u, w));
        },
        Reference = (values, index) =>
        {
            var (x, y) = (index % l.Size, index / l.Size % l.Size);
            var (channel, item) = (index / l.Size / l.Size % l.Channels, index / l.Size / l.Size / l.Channels);
            var (group, within) = (channel / l.Depth, channel % l.Depth);
            var perGroup = l.Filters / l.Groups;
            double sum = 0;
            for (var i = 0L; i < l.Kernel; i++)
                for (var j = 0L; j < l.Kernel; j++)
                {
                    var (row, column) = (y + l.Padding - i, x + l.Padding - j);
                    if (row < 0 || column < 0 || row % l.Stride != 0 || column % l.Stride != 0 || row / l.Stride >= l.Output || column / l.Stride >= l.Output) continue;
                    for (var f = group * perGroup; f < (group + 1) * perGroup; f++)
                        sum += (double)values["u"][((item * l.Filters + f) * l.Output + row / l.Stride) * l.Output + column / l.Stride] * values["w"][((f * l.Depth + within) * l.Kernel + i) * l.Kernel + j];
                }
            return sum;
        },
    };
}
