using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Layout;
using VkNet.Tensors;

namespace VkNet.Operators.Convolution;

/// <summary>Works a factor and a summand per output channel into a weight and a bias.</summary>
internal static class ChannelScaling
{
    /// <summary>Inputs [x, weight, bias] such that the result is scale * y + shift.</summary>
    /// <param name="inputs">x, weight and perhaps bias, [channels].</param>
    /// <param name="axis">The weight's axis that counts output channels.</param>
    /// <param name="scale">[channels].</param>
    /// <param name="shift">[channels].</param>
    /// <param name="emit">Adds nodes.</param>
    internal static IReadOnlyList<Value?> Absorb(IReadOnlyList<Value?> inputs, int axis, Value scale, Value shift, NodeEmitter emit)
    {
        var weight = inputs[1]!;
        var sizes = Enumerable.Repeat(1L, weight.Shape.Rank).ToArray();
        sizes[axis] = scale.Shape[0];
        var factor = emit.Emit("weight_factor", "reshape", AttributeSet.Empty.With(Reshape.Shape, sizes).With(Reshape.AllowZero, true), scale);
        var scaled = emit.Emit("weight", "mul", AttributeSet.Empty, weight, factor);
        var bias = inputs.Count > 2 && inputs[2] is { } given ? emit.Emit("bias", "add", AttributeSet.Empty, emit.Emit("bias_scaled", "mul", AttributeSet.Empty, given, scale), shift) : shift;
        return [inputs[0], scaled, bias];
    }
}
