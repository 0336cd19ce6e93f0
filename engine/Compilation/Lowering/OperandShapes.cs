using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>How an operand's shape relates to the output it is broadcast to.</summary>
public enum OperandShape
{
    /// <summary>The same shape.</summary>
    Full,

    /// <summary>One element.</summary>
    Single,

    /// <summary>Axis 1 as the output, all others 1: one element per channel.</summary>
    Channel,

    /// <summary>The last axis as the output, all others 1.</summary>
    Last,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Classifies operand shapes under NumPy's broadcasting rule.</summary>
public static class OperandShapes
{
    /// <summary>Finds the relation. In rank 2 the channel is the last axis: <see cref="OperandShape.Channel"/> is returned.</summary>
    public static OperandShape Classify(Shape output, Shape operand)
    {
        if (operand == output) return OperandShape.Full;
        if (operand.ElementCount == 1 && operand.Rank <= output.Rank) return OperandShape.Single;
        if (IsOnly(output, operand, 1)) return OperandShape.Channel;
        return IsOnly(output, operand, output.Rank - 1) ? OperandShape.Last : OperandShape.Other;
    }

    private static bool IsOnly(Shape output, Shape operand, int axis)
    {
        if (operand.Rank > output.Rank || axis >= output.Rank || axis < 0) return false;
        for (var i = 0; i < operand.Rank; i++)
        {
            var outputAxis = output.Rank - operand.Rank + i;
            if (operand[i] != (outputAxis == axis ? output[axis] : 1)) return false;
        }
        return output.Rank - operand.Rank <= axis;
    }
}
