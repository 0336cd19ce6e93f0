using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>What the convolution and pooling pages share in writing and reading attributes.</summary>
internal static class ConvolutionTexts
{
    /// <summary>Letters of the spatial axes, for documentation.</summary>
    public static string Axes(int axes) => axes switch { 1 => "W", 2 => "H, W", _ => "D, H, W" };

    /// <summary>Letters of the kernel's axes, for documentation.</summary>
    public static string Kernel(int axes) => axes switch { 1 => "kW", 2 => "kH, kW", _ => "kD, kH, kW" };

    /// <summary>Refuses a 'kernel' that says something else than the weight.</summary>
    public static void CheckKernel(InferenceContext context, Shape weight)
    {
        if (context.Get(WindowAttributes.Kernel) is not { } kernel) return;
        var sizes = SpatialWindow.PerAxis(WindowAttributes.Kernel!, kernel, weight.Rank - 2, (code, message, help) => context.Fail(code, message, help));
        if (!sizes.AsSpan().SequenceEqual(weight.AsSpan()[2..]))
            context.Fail("VKN2311", $"'kernel' is [{string.Join(", ", sizes)}], but the weight has shape {weight}");
    }

    /// <summary>A window as attributes, with its padding in numbers.</summary>
    public static AttributeSet Explicit(SpatialWindow window, long groups) => AttributeSet.Empty
        .With(WindowAttributes.Stride, window.Stride)
        .With(WindowAttributes.Dilation, window.Dilation)
        .With(WindowAttributes.Padding, [.. window.PadBegin, .. window.PadEnd])
        .With(Conv.Groups, groups);

    /// <summary>ONNX's strides, dilations, pads and auto_pad as attributes.</summary>
    public static AttributeSet FromOnnx(ImportNode node, int axes)
    {
        var attributes = AttributeSet.Empty;
        if (List("kernel_shape") is { } kernel) attributes = attributes.With(WindowAttributes.Kernel, kernel);
        if (List("strides") is { } strides) attributes = attributes.With(WindowAttributes.Stride, strides);
        if (List("dilations") is { } dilations) attributes = attributes.With(WindowAttributes.Dilation, dilations);
        switch (node.Text("auto_pad", "NOTSET"))
        {
            case "NOTSET" or "":
                if (List("pads", 2) is { } pads) attributes = attributes.With(WindowAttributes.Padding, pads);
                break;
            case "SAME_UPPER": attributes = attributes.With(WindowAttributes.AutoPadding, "same"); break;
            case "SAME_LOWER": attributes = attributes.With(WindowAttributes.AutoPadding, "same_lower"); break;
            case "VALID": attributes = attributes.With(WindowAttributes.AutoPadding, "valid"); break;
            case var other: node.Fail("VKN3211", $"auto_pad '{other}' is not known", "NOTSET, SAME_UPPER, SAME_LOWER and VALID are"); break;
        }
        return attributes;

        long[]? List(string name, int perAxis = 1)
        {
            var values = node.Integers(name);
            if (values is { Length: 0 }) return null;
            if (values is not null && values.Length != perAxis * axes)
                node.Fail("VKN3212", $"'{name}' has {values.Length} numbers, but {perAxis * axes} are needed for {axes} spatial axes");
            return values;
        }
    }

    /// <summary>The attributes that ONNX gives to sliding windows, out of ours.</summary>
    public static IEnumerable<(string Name, object Value)> ToOnnx(ExportNode node, int axes, long[] kernel)
    {
        var window = SpatialWindow.Of(node.Node.Attributes, axes, kernel, node.ShapeOf(0).AsSpan()[2..]);
        List<(string, object)> attributes = [("kernel_shape", window.Kernel), ("strides", window.Stride), ("dilations", window.Dilation)];
        // "same" depends on the input's size, which may be open.
        switch (node.Get(WindowAttributes.AutoPadding))
        {
            case "same": attributes.Add(("auto_pad", "SAME_UPPER")); break;
            case "same_lower": attributes.Add(("auto_pad", "SAME_LOWER")); break;
            default: attributes.Add(("pads", (long[])[.. window.PadBegin, .. window.PadEnd])); break;
        }
        return attributes;
    }

    /// <summary>Sizes for a sample: those given, the last of them once for every spatial axis.</summary>
    internal static long[] Sizes(int axes, params ReadOnlySpan<long> sizes) => [.. sizes[..^1], .. Enumerable.Repeat(sizes[^1], axes)];
}
