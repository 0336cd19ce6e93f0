using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise;

namespace VkNet.Onnx.Rules;

/// <summary>
/// The optimizer steps of ai.onnx.preview.training, written with pointwise operators after the formulas of the ONNX specification:
/// inputs are the rate R, the number T of updates so far, and for each of n tensors its value X, gradient G and moments.
/// </summary>
internal static class OptimizerRules
{
    private const string Domain = "ai.onnx.preview.training";

    /// <summary>The rules.</summary>
    public static IReadOnlyList<ImportRule> Rules { get; } =
    [
        new("Adagrad", 1, node => Each(node, moments: 1, Adagrad)) { Domain = Domain },
        new("Adam", 1, node => Each(node, moments: 2, Adam)) { Domain = Domain },
        new("Momentum", 1, node => Each(node, moments: 1, Momentum)) { Domain = Domain },
    ];

    private delegate Formula[] Step(ImportNode node, Formula rate, Formula count, Formula x, Formula gradient, Formula[] moments);

    private static Formula[] Adagrad(ImportNode node, Formula rate, Formula count, Formula x, Formula gradient, Formula[] moments)
    {
        var squares = moments[0] + gradient * gradient;
        var decayed = rate / (count * node.Real("decay_factor", 0) + 1);
        return [x - decayed * gradient / (squares.Apply("sqrt") + node.Real("epsilon", 0)), squares];
    }

    private static Formula[] Adam(ImportNode node, Formula rate, Formula count, Formula x, Formula gradient, Formula[] moments)
    {
        var (alpha, beta) = (node.Real("alpha", 0.9), node.Real("beta", 0.999));
        var mean = moments[0] * alpha + gradient * (1 - alpha);
        var square = moments[1] * beta + gradient * gradient * (1 - beta);
        // The moments start from zero; before the first update there is no bias to correct.
        var correction = (1 - count.Constant(beta).Apply("pow", count)).Apply("sqrt") / (1 - count.Constant(alpha).Apply("pow", count));
        var corrected = count.IsAbove(0).Choose(rate * correction, rate);
        var updated = x - corrected * mean / (square.Apply("sqrt") + node.Real("epsilon", 0));
        return [updated * (1 - node.Real("norm_coefficient_post", 0)), mean, square];
    }

    private static Formula[] Momentum(ImportNode node, Formula rate, Formula count, Formula x, Formula gradient, Formula[] moments)
    {
        var (alpha, mode) = (node.Real("alpha", 0), node.Text("mode", ""));
        if (mode is not ("standard" or "nesterov")) throw node.Fault("VKN3113", $"its mode is '{mode}'", "the specification knows standard and nesterov");
        // The first update has no earlier momentum to damp.
        var damping = count.IsAbove(0).Choose(count.Constant(node.Real("beta", 1)), count.Constant(1));
        var velocity = moments[0] * alpha + damping * gradient;
        return [x - rate * (mode == "standard" ? velocity : gradient + velocity * alpha), velocity];
    }

    // Inputs and outputs come by kind: all X, then all G, then each moment of all.
    private static IReadOnlyList<Value> Each(ImportNode node, int moments, Step step)
    {
        var kinds = 2 + moments;
        var tensors = (node.Inputs.Count - 2) / kinds;
        if (tensors < 1 || node.Inputs.Count != 2 + tensors * kinds) throw node.Fault("VKN3113", $"it has {node.Inputs.Count} inputs; after R and T they come in groups of {kinds}");
        var rate = Input(0);
        var count = Formula.Of(node.Builder, node.Emit("cast", AttributeSet.Empty.With(Cast.To, Tensors.DataTypes.Name(rate.Value.DataType)), node.Input(1)));
        var outputs = new Value[tensors * (1 + moments)];
        for (var i = 0; i < tensors; i++)
        {
            var x = Input(2 + i);
            var gradient = x * node.Real("norm_coefficient", 0) + Input(2 + tensors + i);
            var results = step(node, rate, count, x, gradient, [.. Enumerable.Range(2, moments).Select(kind => Input(2 + kind * tensors + i))]);
            for (var kind = 0; kind < results.Length; kind++) outputs[kind * tensors + i] = results[kind];
        }
        return outputs;

        Formula Input(int index) => Formula.Of(node.Builder, node.Input(index));
    }
}
