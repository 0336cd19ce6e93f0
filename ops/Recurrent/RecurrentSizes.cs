using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Operators.Recurrent;

/// <summary>The sizes of a recurrent sequence and where its elements lie.</summary>
/// <param name="Batch">Sequences.</param>
/// <param name="Steps">Their (greatest) length.</param>
/// <param name="Directions">1 or 2.</param>
/// <param name="Units">Units of each direction.</param>
/// <param name="BatchFirst">Whether the batch is the first axis.</param>
internal readonly record struct RecurrentSizes(long Batch, long Steps, int Directions, long Units, bool BatchFirst)
{
    /// <summary>Rows from one sequence of the batch to the next.</summary>
    public long BatchRows => BatchFirst ? Steps : 1;

    /// <summary>Rows from one step to the next.</summary>
    public long StepRows => BatchFirst ? 1 : Batch;

    /// <summary>The sizes of a sequence whose projected inputs have a shape.</summary>
    /// <param name="projected">[N, T, D G H] or [T, N, D G H].</param>
    /// <param name="kind">The layer.</param>
    /// <param name="attributes">Its attributes.</param>
    public static RecurrentSizes Of(Shape projected, RecurrentKind kind, AttributeSet attributes)
    {
        var (directions, first) = (RecurrentAttributes.DirectionsOf(attributes), attributes.Get(RecurrentAttributes.BatchFirst));
        return new(projected[first ? 0 : 1], projected[first ? 1 : 0], directions, projected[2] / (directions * RecurrentAttributes.GatesOf(kind)), first);
    }

    /// <summary>The shape of a sequence of so many numbers per step.</summary>
    public Shape Sequence(long width) => BatchFirst ? [Batch, Steps, width] : [Steps, Batch, width];

    /// <summary>The shape of the states.</summary>
    public Shape State => [Directions, Batch, Units];

    /// <summary>The element of a sequence that a step handles: from its own end in a reversed direction.</summary>
    public static long TimeOf(long step, long length, bool reversed) => reversed && step < length ? length - 1 - step : step;

    /// <summary>The row of an element of a sequence.</summary>
    public long Row(long sequence, long time) => sequence * BatchRows + time * StepRows;
}
