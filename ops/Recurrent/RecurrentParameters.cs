using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Recurrent;

/// <summary>The numbers that the kernels of recurrent layers take alike.</summary>
internal readonly record struct RecurrentParameters
{
    internal required int Batch { get; init; }

    internal required int Steps { get; init; }

    internal required int Units { get; init; }

    internal required int Directions { get; init; }

    internal required int Reversed { get; init; }

    internal required int BatchRows { get; init; }

    internal required int StepRows { get; init; }

    /// <summary>Where the input, output, forget and cell gate of an lstm stand.</summary>
    internal required int[] Gates { get; init; }

    internal required GateActivation[] Activations { get; init; }

    internal static RecurrentParameters Of(AttributeSet attributes, RecurrentKind kind, RecurrentSizes sizes) => checked(new()
    {
        Batch = (int)sizes.Batch,
        Steps = (int)sizes.Steps,
        Units = (int)sizes.Units,
        Directions = sizes.Directions,
        Reversed = RecurrentAttributes.ReversedOf(attributes),
        BatchRows = (int)sizes.BatchRows,
        StepRows = (int)sizes.StepRows,
        Gates = kind == RecurrentKind.Lstm ? RecurrentAttributes.GatesInOrder(attributes) : [0, 1, 2, 3],
        Activations = RecurrentAttributes.ActivationsOf(kind, attributes),
    });

    /// <summary>The function of an activation; any where there is none.</summary>
    internal RecurrentActivation Code(int index) => index < Activations.Length ? Activations[index].Code : RecurrentActivation.Sigmoid;
}
