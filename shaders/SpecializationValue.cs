namespace VkNet.Shaders;

/// <summary>A value for one specialization constant, given when a pipeline is made.</summary>
/// <param name="Id">The constant's id.</param>
/// <param name="Value">The bits of the value.</param>
public readonly record struct SpecializationValue(int Id, uint Value)
{
    /// <summary>Gives a constant a whole number.</summary>
    public SpecializationValue(int id, int value)
        : this(id, unchecked((uint)value))
    {
    }

    /// <summary>Gives a constant a real number.</summary>
    public SpecializationValue(int id, float value)
        : this(id, BitConverter.SingleToUInt32Bits(value))
    {
    }

    /// <summary>Gives a constant a truth value.</summary>
    public SpecializationValue(int id, bool value)
        : this(id, value ? 1u : 0u)
    {
    }
}
