using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;
using TensorLayout = VkNet.Graphs.Layout;

namespace VkNet.Tests.Ops;

/// <summary>Shows a channels-last tensor of C channels as the dense tensor of its memory, [N, spatial..., C padded to fours]: padding can be looked at.</summary>
internal sealed class ViewOfMemory : Operator, ILowering
{
    public override string Name => "view_of_memory";

    public override string Summary => "The elements of a channels-last tensor as they lie.";

    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[N, C, spatial...]")];

    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var shape = context.ShapeOf(0);
        return [context.Input(0) with { Shape = new Shape([shape[0], .. shape.Skip(2), (shape[1] + 3) / 4 * 4]) }];
    }

    public override void Evaluate(HostContext context)
    {
        var (from, to) = (context.ShapeOf(0), context.Output(0).Shape);
        var strides = from.Strides();
        var source = new long[to.ElementCount];
        for (var i = 0L; i < source.Length; i++)
        {
            var channel = i % to[^1];
            var (rest, place) = (i / to[^1], channel * strides[1]);
            for (var axis = from.Rank - 1; axis >= 2; rest /= from[axis--]) place += rest % from[axis] * strides[axis];
            source[i] = channel < from[1] ? place + rest * strides[0] : -1;
        }
        context.Move(0, 0, source);
    }

    public TensorLayout InputLayout(Node node, int input, TensorLayout layout) => TensorLayout.ChannelsLast;

    public void Lower(LoweringContext context) => context.Alias(0, context.Input(0));
}
