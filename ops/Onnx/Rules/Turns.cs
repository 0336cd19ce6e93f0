using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Tensors;

namespace VkNet.Onnx.Rules;

/// <summary>What the rules of Loop and Scan share: elements of sequences, and sequences of elements.</summary>
internal static class Turns
{
    /// <summary>Element <paramref name="index"/> along the first axis.</summary>
    internal static Value Element(ImportNode node, Value sequence, long index)
    {
        var part = node.Emit("slice", AttributeSet.Empty.With(Slice.Starts, [index]).With(Slice.Ends, [index + 1]).With(Slice.Axes, [0]), sequence);
        return node.Emit("reshape", AttributeSet.Empty.With(Reshape.Shape, sequence.Shape.Slice(1, sequence.Shape.Rank - 1).ToArray()).With(Reshape.AllowZero, true), part);
    }

    /// <summary>Elements of one type, side by side along a new first axis.</summary>
    internal static Value Stack(ImportNode node, IReadOnlyList<Value> elements)
    {
        var rows = elements.Select(e => node.Emit("reshape", AttributeSet.Empty.With(Reshape.Shape, [1, .. e.Shape]).With(Reshape.AllowZero, true), e)).ToArray();
        return rows.Length == 1 ? rows[0] : node.Emit("concat", AttributeSet.Empty.With(Concat.Axis, 0), rows);
    }

    /// <summary>No elements of a type, along a first axis of size 0.</summary>
    internal static Value Empty(ImportNode node, TensorType type) => node.Builder.Constant(Tensor.Zeros(type.DataType, new Shape([0, .. type.Shape])));

    /// <summary>The elements along the first axis in the opposite order.</summary>
    internal static Value Flip(ImportNode node, Value sequence) =>
        node.Emit("slice", AttributeSet.Empty.With(Slice.Starts, [-1]).With(Slice.Ends, [long.MinValue + 1]).With(Slice.Axes, [0]).With(Slice.Steps, [-1]), sequence);

    /// <summary>An axis put first (or, backwards, the first one put there).</summary>
    internal static Value Turn(ImportNode node, Value value, long axis, bool back, string code)
    {
        var rank = value.Shape.Rank;
        var place = axis < 0 ? axis + rank : axis;
        if (place < 0 || place >= rank) node.Fail(code, $"axis {axis} is outside {value.Type}");
        if (place == 0) return value;
        var order = Enumerable.Range(0, rank).Select(a => (long)a).Where(a => a != (back ? 0 : place)).ToList();
        order.Insert(back ? (int)place : 0, back ? 0 : place);
        return node.Emit("transpose", AttributeSet.Empty.With(Transpose.Permutation, [.. order]), value);
    }
}
