using VkNet.Graphs;
using VkNet.Operators.Convolution;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Operators.Pooling;

/// <summary>How ONNX spells poolings.</summary>
internal static class PoolImport
{
    /// <summary>Number of spatial axes of the node's input.</summary>
    public static int Axes(ImportNode node)
    {
        var rank = node.Input(0).Shape.Rank;
        if (rank is < 3 or > 5) node.Fail("VKN3210", $"pooling over {rank - 2} spatial axes is not known", "1, 2 and 3 are");
        return rank - 2;
    }

    /// <summary>Window, padding and rounding.</summary>
    public static AttributeSet Attributes(ImportNode node, int axes) => ConvolutionTexts.FromOnnx(node, axes)
        .With(PoolAttributes.CeilMode, node.Integer("ceil_mode", 0) != 0)
        .With(PoolAttributes.CountIncludePad, node.Integer("count_include_pad", 0) != 0);

    /// <summary>Emits an operator on reals for an input that may hold small whole numbers (the 8-bit forms): every value is exact in a real.</summary>
    public static IReadOnlyList<Value> OnReals(ImportNode node, Func<Value, IReadOnlyList<Value>> emit)
    {
        var input = node.Input(0);
        if (input.DataType.IsFloat()) return emit(input);
        if (input.DataType is not (DataType.Int8 or DataType.UInt8 or DataType.Int16 or DataType.UInt16))
            node.Fail("VKN3213", $"pooling of {input.Type} is not known", "reals and 8-bit whole numbers are");
        var outputs = emit(node.Emit("cast", AttributeSet.Empty.With("to", DataType.Float32.Name()), input)).ToArray();
        outputs[0] = node.Emit("cast", AttributeSet.Empty.With("to", input.DataType.Name()), outputs[0]);
        return outputs;
    }

    /// <summary>The attributes that ONNX's poolings share, out of ours.</summary>
    public static IEnumerable<(string Name, object Value)> ToOnnx(ExportNode node, int axes)
    {
        var kernel = SpatialWindow.PerAxis(WindowAttributes.Kernel!, node.Get(WindowAttributes.Kernel)!, axes, (_, message, _) => node.Refuse(message));
        return [.. ConvolutionTexts.ToOnnx(node, axes, kernel), ("ceil_mode", node.Get(PoolAttributes.CeilMode))];
    }
}
