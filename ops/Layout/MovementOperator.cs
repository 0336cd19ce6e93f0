using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout.Lowering;
using VkNet.Tensors;

namespace VkNet.Operators.Layout;

/// <summary>Base of the operators whose output is a strided reading of their input. A page says which one.</summary>
public abstract class MovementOperator : Operator, ILowering, IImportable, IExportable
{
    private protected MovementOperator(string name, string summary, string inputSummary = "any shape")
    {
        Name = name;
        Summary = summary;
        Inputs = [new("input", inputSummary)];
    }

    /// <inheritdoc/>
    public sealed override string Name { get; }

    /// <inheritdoc/>
    public sealed override string Summary { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public sealed override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public abstract IReadOnlyList<ImportRule> ImportRules { get; }

    /// <inheritdoc/>
    public abstract void Export(ExportNode node);

    /// <inheritdoc/>
    public sealed override void Evaluate(HostContext context) =>
        context.Move(0, 0, context.Output(0).Shape.ElementCount == 0 ? [] : Region(context.ShapeOf(0), context.Attributes).SourceElements());

    /// <inheritdoc/>
    public sealed override OperatorCost Cost(Node node) => base.Cost(node) with { Flops = 0 };

    /// <inheritdoc/>
    public virtual LayoutChoice Layouts(Node node, DeviceProfile profile) => LayoutChoice.Dense;

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var (input, output) = (context.Input(0), context.Output(0));
        if (output.Shape.ElementCount == 0) return;
        var region = (output.Layout == Graphs.Layout.ChannelsLast ? ChannelsLastReading(input, context.Node.Attributes) : Region(input.Shape, context.Node.Attributes)).Merge();
        if (region.IsContiguousInSource && region.SourceOffset * DeviceTensor.ElementBytes % context.Profile.BufferAlignment == 0)
            context.Alias(0, input, region.SourceOffset * DeviceTensor.ElementBytes);
        else StridedCopy.Run(context, input, output, region);
    }

    /// <summary>The elements of a (dense) input in the order of the output.</summary>
    private protected abstract StridedRegion Region(Shape input, AttributeSet attributes);

    /// <summary>The elements of a channels-last input in the order of a channels-last output; asked only of operators that allow that layout.</summary>
    private protected virtual StridedRegion ChannelsLastReading(DeviceTensor input, AttributeSet attributes) => throw new NotSupportedException($"{Name} works on dense tensors only");
}
