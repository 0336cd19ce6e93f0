using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Resampling;

/// <summary>
/// The gradient of <c>grid_sample</c> in its input or its grid. That of the input is scattered; one invocation owns a channel, so that sums
/// have a fixed order. Gradient rules emit it.
/// </summary>
public sealed class GridSampleGradient : Operator, ILowering
{
    /// <summary>Which gradient.</summary>
    public static AttributeDefinition<string> Target { get; } = new("target", "Which gradient.", "input") { Choices = ["input", "grid"] };

    /// <inheritdoc/>
    public override string Name => "grid_sample_gradient";

    /// <inheritdoc/>
    public override string Summary => "The gradient of grid_sample in its input or its grid.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } =
        [new("upstream", "the gradient of the result"), new("input", "the sampled tensor"), new("grid", "the grid")];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Target, GridSample.Mode, GridSample.Padding, GridSample.AlignCorners];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 3, 3, 5), Reals(2, 3, 5, 7), RealsWithin(-1.3, 1.3, 2, 3, 5, 2)),
        new OperatorSample(Reals(2, 3, 3, 5), Reals(2, 3, 5, 7), RealsWithin(-1.3, 1.3, 2, 3, 5, 2)).With(Target, "grid"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.Input(context.Get(Target) == "input" ? 1 : 2)];

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var geometry = GridGeometry.Of(context.Attributes, context.ShapeOf(1), context.ShapeOf(2));
        var (upstream, input, grid) = (context.Reals(0), context.Reals(1), context.Reals(2));
        var result = new double[context.Output(0).Shape.ElementCount];
        var ofInput = context.Get(Target) == "input";
        for (var item = 0; item < geometry.Batch; item++)
        for (var point = 0; point < geometry.Points; point++)
            geometry.ForEachTap(grid, item, point, (place, weight, slopes) =>
            {
                for (var c = item * geometry.Channels; c < (item + 1) * geometry.Channels; c++)
                {
                    var gradient = upstream[c * geometry.Points + point];
                    if (ofInput) result[c * geometry.Plane + place] += weight * gradient;
                    else
                        for (var axis = 0; axis < geometry.Axes; axis++)
                            result[(item * geometry.Points + point) * geometry.Axes + axis] += slopes[axis] * gradient * input[c * geometry.Plane + place];
                }
            });
        context.SetReals(0, result);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (upstream, input, grid, output) = (context.Input(0), context.Input(1), context.Input(2), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var geometry = GridGeometry.Of(context.Node.Attributes, input.Shape, grid.Shape);
        var ofInput = context.Get(Target) == "input";
        var items = checked(geometry.Batch * (ofInput ? geometry.Channels : geometry.Points));
        context.Dispatch(context.Choose(ResamplingGridSampleGradient.Family.Variants, upstream, input, grid))
            .Parameters(new ResamplingGridSampleGradient.Parameters
            {
                Items = items, Channels = geometry.Channels, Depth = geometry.Sizes[0], Height = geometry.Sizes[1], Width = geometry.Sizes[2], Points = geometry.Points,
            })
            .Constant(ResamplingGridSampleGradient.Constants.Volume, geometry.Axes == 3 ? 1 : 0)
            .Constant(ResamplingGridSampleGradient.Constants.Mode, GridSample.Code(context.Node.Attributes, GridSample.Mode))
            .Constant(ResamplingGridSampleGradient.Constants.Padding, GridSample.Code(context.Node.Attributes, GridSample.Padding))
            .Constant(ResamplingGridSampleGradient.Constants.AlignCorners, context.Get(GridSample.AlignCorners) ? 1 : 0)
            .Constant(ResamplingGridSampleGradient.Constants.OfGrid, ofInput ? 0 : 1)
            .Bind(ResamplingGridSampleGradient.Bindings.Upstream, upstream)
            .Bind(ResamplingGridSampleGradient.Bindings.Source, input)
            .Bind(ResamplingGridSampleGradient.Bindings.Grid, grid)
            .Bind(ResamplingGridSampleGradient.Bindings.Result, output)
            .Cost(2.0 * geometry.Taps * upstream.Shape.ElementCount, (double)input.Bytes + grid.Bytes + output.Bytes)
            .RunLinear(items, 64);
    }
}
