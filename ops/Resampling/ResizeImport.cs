using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;
using VkNet.Tensors;

namespace VkNet.Operators.Resampling;

/// <summary>How ONNX spells resampling: Resize since opset 11, and the simpler Resize and Upsample before.</summary>
internal static class ResizeImport
{
    /// <summary>Resize since opset 11: input, region of interest, scales, sizes.</summary>
    internal static Value Resize(ImportNode node)
    {
        var attributes = Basics(node)
            .With(Resampling.Resize.Coordinates, node.Text("coordinate_transformation_mode", "half_pixel"))
            .With(Resampling.Resize.Nearest, node.Text("nearest_mode", "round_prefer_floor"))
            .With(Resampling.Resize.CubicCoefficient, node.Real("cubic_coeff_a", -0.75))
            .With(Resampling.Resize.ExcludeOutside, node.Integer("exclude_outside", 0) != 0)
            .With(Resampling.Resize.Extrapolation, node.Real("extrapolation_value", 0))
            .With(Resampling.Resize.AntiAlias, node.Integer("antialias", 0) != 0)
            .With(Resampling.Resize.Aspect, node.Text("keep_aspect_ratio_policy", "stretch"))
            .With(Resampling.Resize.Axes, node.Integers("axes"));
        foreach (var definition in new[] { Resampling.Resize.Coordinates, Resampling.Resize.Nearest, Resampling.Resize.Aspect }) Check(node, attributes, definition);
        if (IsGiven(node, 3)) attributes = attributes.With(Resampling.Resize.Sizes, node.ConstantIntegers(3, "the sizes"));
        else if (IsGiven(node, 2)) attributes = attributes.With(Resampling.Resize.Scales, node.ConstantReals(2, "the scales"));
        else node.Fail("VKN3300", "neither scales nor sizes are given");
        if (attributes.Get(Resampling.Resize.Coordinates) == "tf_crop_and_resize") attributes = attributes.With(Resampling.Resize.Region, node.ConstantReals(1, "the region"));
        return Emit(node, attributes);
    }

    /// <summary>Before opset 11: o / scale, and the nearest element is the lower one (the upper one where an axis shrinks).</summary>
    internal static Value Legacy(ImportNode node, double[] scales) => Emit(node, Basics(node)
        .With(Resampling.Resize.Coordinates, "asymmetric")
        .With(Resampling.Resize.Nearest, "simple")
        .With(Resampling.Resize.Scales, scales));

    /// <summary>Writes Resize of opset 19.</summary>
    internal static void Export(ExportNode node)
    {
        var nearest = node.Get(Resampling.Resize.Nearest)!;
        if (nearest == "simple") node.Refuse("'nearest: simple' is a form of opset 10");
        List<(string, object)> attributes =
        [
            ("mode", node.Get(Resampling.Resize.Mode)!), ("coordinate_transformation_mode", node.Get(Resampling.Resize.Coordinates)!), ("nearest_mode", nearest),
            ("cubic_coeff_a", node.Get(Resampling.Resize.CubicCoefficient)), ("exclude_outside", node.Get(Resampling.Resize.ExcludeOutside)),
            ("extrapolation_value", node.Get(Resampling.Resize.Extrapolation)), ("antialias", node.Get(Resampling.Resize.AntiAlias)), ("keep_aspect_ratio_policy", node.Get(Resampling.Resize.Aspect)!),
        ];
        if (node.Get(Resampling.Resize.Axes) is { } axes) attributes.Add(("axes", axes));
        node.Result("Resize",
        [
            node.Inputs[0], Reals(node, node.Get(Resampling.Resize.Region)),
            node.Get(Resampling.Resize.Sizes) is null ? Reals(node, node.Get(Resampling.Resize.Scales)) : "",
            node.Get(Resampling.Resize.Sizes) is { } sizes ? node.Integers(sizes) : "",
        ], [.. attributes]);
    }

    private static string Reals(ExportNode node, double[]? values) => values is null ? "" : node.Constant(Tensor.From([.. values.Select(v => (float)v)], values.Length));

    private static bool IsGiven(ImportNode node, int input) => node.HasInput(input) && node.Input(input).Shape.ElementCount > 0;

    private static AttributeSet Basics(ImportNode node)
    {
        var mode = node.Text("mode", "nearest");
        var attributes = AttributeSet.Empty.With(Resampling.Resize.Mode, mode is "bilinear" ? "linear" : mode);
        Check(node, attributes, Resampling.Resize.Mode);
        return attributes;
    }

    private static void Check(ImportNode node, AttributeSet attributes, AttributeDefinition<string> definition)
    {
        if (!definition.Choices.Contains(attributes.Get(definition)))
            node.Fail("VKN3300", $"'{attributes.Get(definition)}' is not known", $"known are {string.Join(", ", definition.Choices)}");
    }

    // Whole numbers are interpolated as reals and cut.
    private static Value Emit(ImportNode node, AttributeSet attributes)
    {
        var input = node.Input(0);
        if (input.DataType.IsFloat() || attributes.Get(Resampling.Resize.Mode) == "nearest") return node.Emit("resize", attributes, input);
        var reals = node.Emit("cast", AttributeSet.Empty.With(Cast.To, "f32"), input);
        return node.Emit("cast", AttributeSet.Empty.With(Cast.To, input.DataType.Name()), node.Emit("resize", attributes, reals));
    }
}
