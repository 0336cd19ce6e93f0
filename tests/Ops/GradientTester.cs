using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops;

/// <summary>
/// Compares gradient rules with central differences. Everything is evaluated on the host in double precision: the loss is the sum of the
/// outputs, each weighted by a random number.
/// </summary>
internal static class GradientTester
{
    private const double Step = 1e-5;

    /// <summary>Checks the gradients of all real inputs of one node.</summary>
    /// <param name="name">The operator.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="tolerance">Allowed error, relative to 1 + |gradient|.</param>
    /// <param name="inputs">Its inputs.</param>
    internal static void Check(string name, AttributeSet? attributes, double tolerance, params ReadOnlySpan<Tensor?> inputs) => CheckOf(int.MaxValue, name, attributes, tolerance, inputs);

    /// <summary>Checks the gradients of the real ones among the first inputs of one node; the others have none.</summary>
    /// <param name="count">How many inputs have gradients.</param>
    /// <param name="name">The operator.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="tolerance">Allowed error, relative to 1 + |gradient|.</param>
    /// <param name="inputs">Its inputs.</param>
    internal static void CheckOf(int count, string name, AttributeSet? attributes, double tolerance, params ReadOnlySpan<Tensor?> inputs)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var feeds = new Dictionary<string, Tensor>();
        var values = new Value?[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } tensor) continue;
            values[i] = builder.Input($"x{i}", tensor.Type);
            feeds[$"x{i}"] = tensor.DataType.IsFloat() ? tensor.Cast(DataType.Float64) : tensor;
        }
        var outputs = builder.Add(StandardOperators.Registry.Get(name), attributes ?? AttributeSet.Empty, values);
        var node = outputs[0].Producer!;
        var upstream = new Value?[outputs.Count];
        for (var i = 0; i < outputs.Count; i++)
        {
            if (!outputs[i].DataType.IsFloat()) continue;
            upstream[i] = builder.Input($"g{i}", outputs[i].Type);
            feeds[$"g{i}"] = TestTensors.Reals(77 + i, outputs[i].Shape, -1, 1).Cast(DataType.Float64);
        }
        Assert.That(node.Operator.IsDifferentiable, $"{name} says that it has no gradient");
        var gradients = node.Operator.Differentiate(new GradientContext(builder, node, upstream, [.. values.Select((v, i) => i < count && (v?.DataType.IsFloat() ?? false))]));
        for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
        for (var i = 0; i < gradients.Count; i++)
            if (gradients[i] is { } gradient) builder.Output($"d{i}", gradient);
        var graph = builder.Build();
        var results = HostEvaluator.Run(graph, feeds, inDouble: true);
        Assert.Multiple(() =>
        {
            for (var i = 0; i < Math.Min(values.Length, count); i++)
            {
                if (values[i] is not { } value || !value.DataType.IsFloat()) continue;
                if (i < gradients.Count && gradients[i] is { } gradient)
                {
                    Assert.That(gradient.Type, Is.EqualTo(value.Type), $"gradient of input {i} of {name}");
                    Compare(name, i, ElementConversion.LoadReals(results[gradient]), Differences(graph, feeds, i, outputs), tolerance);
                }
                else Compare(name, i, new double[value.Shape.ElementCount], Differences(graph, feeds, i, outputs), tolerance);
            }
        });
    }

    private static double[] Differences(Graph graph, Dictionary<string, Tensor> feeds, int input, IReadOnlyList<Value> outputs)
    {
        var original = feeds[$"x{input}"];
        var result = new double[original.Count];
        for (var i = 0; i < result.Length; i++) result[i] = (Loss(i, Step) - Loss(i, -Step)) / (2 * Step);
        return result;

        double Loss(int element, double change)
        {
            var moved = original.Clone();
            moved.Values<double>()[element] += change;
            var values = HostEvaluator.Run(graph, new Dictionary<string, Tensor>(feeds) { [$"x{input}"] = moved }, inDouble: true);
            double sum = 0;
            for (var k = 0; k < outputs.Count; k++)
            {
                if (!outputs[k].DataType.IsFloat()) continue;
                var (y, g) = (ElementConversion.LoadReals(values[outputs[k]]), feeds[$"g{k}"].ToArray<double>());
                for (var j = 0; j < y.Length; j++) sum += y[j] * g[j];
            }
            return sum;
        }
    }

    private static void Compare(string name, int input, double[] rule, double[] differences, double tolerance)
    {
        for (var i = 0; i < rule.Length; i++)
            Assert.That(rule[i], Is.EqualTo(differences[i]).Within(tolerance * (1 + Math.Abs(differences[i]))), $"{name}: gradient of element {i} of input {input}");
    }
}
