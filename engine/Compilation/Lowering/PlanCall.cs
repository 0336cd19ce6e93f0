using VkNet.Shaders;

namespace VkNet.Compilation;

/// <summary>One command of a plan.</summary>
public abstract class PlanCall
{
    /// <summary>The kernel's or command's name.</summary>
    public abstract string Kernel { get; }

    /// <summary>The node that it was lowered from.</summary>
    public required string Node { get; init; }

    /// <summary>Names of the original graph nodes that it computes.</summary>
    public IReadOnlyList<string> SourceNodes { get; init; } = [];

    /// <summary>Ranges read.</summary>
    public abstract IReadOnlyList<TensorSlice> Reads { get; }

    /// <summary>Ranges written.</summary>
    public abstract IReadOnlyList<TensorSlice> Writes { get; }

    /// <summary>Nominal floating-point operations.</summary>
    public double Flops { get; init; }

    /// <summary>Nominal bytes read and written.</summary>
    public double Bytes { get; init; }

    /// <summary>Whether a memory barrier stands before the call; set by the hazard pass.</summary>
    public bool BarrierBefore { get; internal set; }
}

/// <summary>Runs a kernel.</summary>
public sealed class DispatchCall : PlanCall
{
    /// <inheritdoc/>
    public override string Kernel => Descriptor.Name;

    /// <summary>The kernel variant.</summary>
    public required KernelDescriptor Descriptor { get; init; }

    /// <summary>Values of specialization constants; others keep their defaults.</summary>
    public required SpecializationValue[] Constants { get; init; }

    /// <summary>Ranges for the kernel's bindings, in their order, the parameter block left out.</summary>
    public required TensorSlice[] Slices { get; init; }

    /// <summary>Contents of the parameter block.</summary>
    public required byte[] Parameters { get; init; }

    /// <summary>First byte of the parameters in the plan's parameter buffer; set when the plan is laid out.</summary>
    public int ParameterOffset { get; internal set; }

    /// <summary>Workgroups along x, y, z.</summary>
    public required (uint X, uint Y, uint Z) Groups { get; init; }

    /// <summary>The kernel's bindings without the parameter block, matching <see cref="Slices"/>.</summary>
    public IEnumerable<KernelBinding> TensorBindings => Descriptor.Bindings.Where(b => b.Kind != BindingKind.UniformBuffer);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorSlice> Reads => new SliceSelection(Descriptor, Slices, writable: false);

    /// <inheritdoc/>
    public override IReadOnlyList<TensorSlice> Writes => new SliceSelection(Descriptor, Slices, writable: true);
}

/// <summary>Copies bytes.</summary>
public sealed class CopyCall : PlanCall
{
    /// <inheritdoc/>
    public override string Kernel => "copy";

    /// <summary>From.</summary>
    public required TensorSlice Source { get; init; }

    /// <summary>To; of the same length.</summary>
    public required TensorSlice Destination { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorSlice> Reads => [Source];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorSlice> Writes => [Destination];
}

/// <summary>Fills with a 32-bit pattern.</summary>
public sealed class FillCall : PlanCall
{
    /// <inheritdoc/>
    public override string Kernel => "fill";

    /// <summary>Where.</summary>
    public required TensorSlice Destination { get; init; }

    /// <summary>The pattern.</summary>
    public uint Pattern { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorSlice> Reads => [];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorSlice> Writes => [Destination];
}
