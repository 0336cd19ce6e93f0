using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;
using TensorLayout = VkNet.Graphs.Layout;

namespace VkNet.Tests.Ops;

/// <summary>The identity, which asks for channels-last as a convolution does: makes the compiler lay its neighbours so.</summary>
internal sealed class PreferringChannelsLast : Operator, ILowering
{
    public override string Name => "prefers_channels_last";

    public override string Summary => "The input itself, channels-last.";

    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "[N, C, spatial...]")];

    public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.Input(0)];

    public override void Evaluate(HostContext context) => context.Set(0, context.Input(0));

    public LayoutChoice Layouts(Node node, DeviceProfile profile) => LayoutChoice.PrefersChannelsLast;

    public void Lower(LoweringContext context)
    {
        Assert.That(context.Input(0).Layout, Is.EqualTo(TensorLayout.ChannelsLast));
        context.Alias(0, context.Input(0));
    }
}
