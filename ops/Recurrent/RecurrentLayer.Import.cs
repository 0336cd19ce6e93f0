using VkNet.Graphs;
using VkNet.Operators.Gemm;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Operators.Pointwise;

namespace VkNet.Operators.Recurrent;

/// <content>How ONNX spells recurrent layers.</content>
public sealed partial class RecurrentLayer : IImportable
{
    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; }

    // X, W, R, B, sequence_lens, initial_h, initial_c, P -> Y [T, D, N, H], Y_h [D, N, H], Y_c. With layout 1 the batch comes first everywhere.
    private IReadOnlyList<Value> Import(ImportNode node)
    {
        var batchFirst = node.Integer("layout", 0) != 0;
        var direction = node.Text("direction", "forward");
        var attributes = AttributeSet.Empty.With(RecurrentAttributes.BatchFirst, batchFirst).With(RecurrentAttributes.Direction, direction).With(RecurrentAttributes.Clip, node.Real("clip", 0));
        if (node.Texts("activations") is { } activations)
            attributes = attributes.With(RecurrentAttributes.Activations, [.. activations.Select(a => GateActivation.FromOnnx(a) ?? throw node.Fault("VKN3420", $"'{a}' is no activation", "the ONNX specification lists those of recurrent operators"))]);
        attributes = attributes.With(RecurrentAttributes.Alphas, node.Reals("activation_alpha")).With(RecurrentAttributes.Betas, node.Reals("activation_beta"));
        if (_kind == RecurrentKind.Lstm) attributes = attributes.With(RecurrentAttributes.InputForget, node.Integer("input_forget", 0) != 0);
        if (_kind == RecurrentKind.Gru) attributes = attributes.With(RecurrentAttributes.ResetAfter, node.Integer("linear_before_reset", 0) != 0);
        if (node.Input(0).Shape.Rank != 3) node.Fail("VKN3421", $"its input X is {node.Input(0).Type}, but three axes are needed");
        if (node.Input(2).Shape.Rank != 3) node.Fail("VKN3421", $"its input R is {node.Input(2).Type}, but three axes are needed");
        var (directions, units) = (direction == "bidirectional" ? 2L : 1L, node.Input(2).Shape[2]);
        if (node.Has("hidden_size") && node.Integer("hidden_size", 0) != units) node.Fail("VKN3422", $"its hidden_size is {node.Integer("hidden_size", 0)}, but R is {node.Input(2).Type}");
        var lengths = node.HasInput(4) ? node.Emit("cast", AttributeSet.Empty.With(Cast.To, "i32"), node.Input(4)) : null;
        Value?[] inputs = [node.Input(0), node.Input(1), node.Input(2), Given(3), lengths, State(5), null, null, null];
        if (_kind == RecurrentKind.Lstm) inputs = [.. inputs, State(6), Given(7)];
        var outputs = node.EmitAll(Name, attributes, inputs);
        var (first, second) = (outputs[0].Shape[0], outputs[0].Shape[1]);
        var result = Views.To(node.Builder, outputs[0], [first, second, directions, units]);
        if (!batchFirst) result = node.Emit("transpose", AttributeSet.Empty.With(Transpose.Permutation, [0, 2, 1, 3]), result);
        return [result, .. outputs.Skip(1).Select(Turned)];

        Value? Given(int index) => node.HasInput(index) ? node.Input(index) : null;
        Value? State(int index) => Given(index) is { } state ? Turned(state) : null;
        // [D, N, H] <-> [N, D, H]
        Value Turned(Value state) => batchFirst ? node.Emit("transpose", AttributeSet.Empty.With(Transpose.Permutation, [1, 0, 2]), state) : state;
    }
}
