using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// Compares an operator's gradient rule with central differences. Everything is evaluated on the host in double precision; the loss is the sum
/// of the real outputs, each element weighted by a random number.
/// </summary>
public static class GradientCheck
{
    private const double Step = 1e-5;

    /// <summary>Checks the gradients of all real inputs of one application of an operator.</summary>
    /// <param name="registry">The operators that the rule is written with.</param>
    /// <param name="operator">The operator; it must be differentiable.</param>
    /// <param name="sample">Inputs and attributes. Keep them small: the operator is evaluated twice for every element of every input.</param>
    /// <returns>For each real input, the element whose gradient is furthest from the difference.</returns>
    /// <exception cref="VkNetException">VKN5001: the operator has no gradient rule.</exception>
    public static IReadOnlyList<GradientError> Run(OperatorRegistry registry, Operator @operator, OperatorSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return Run(registry, @operator, sample.Attributes, [.. sample.Inputs.Select((input, i) => input?.Create(i))]);
    }

    /// <summary>Checks the gradients of the real ones among the first inputs of one application of an operator; the others must have none.</summary>
    /// <param name="registry">The operators that the rule is written with.</param>
    /// <param name="operator">The operator; it must be differentiable.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="inputs">Its inputs; null for one that is not given.</param>
    /// <param name="count">How many inputs may have gradients.</param>
    /// <returns>For each of these inputs, the element whose gradient is furthest from the difference.</returns>
    /// <exception cref="VkNetException">VKN5001: the operator has no gradient rule.</exception>
    public static IReadOnlyList<GradientError> Run(OperatorRegistry registry, Operator @operator, AttributeSet attributes, IReadOnlyList<Tensor?> inputs, int count = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(@operator);
        ArgumentNullException.ThrowIfNull(inputs);
        var builder = new GraphBuilder(registry);
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var values = new Value?[inputs.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (inputs[i] is not { } tensor) continue;
            values[i] = builder.Input($"x{i}", tensor.Type);
            feeds[$"x{i}"] = tensor.DataType.IsFloat() ? tensor.Cast(DataType.Float64) : tensor;
        }
        var outputs = builder.Add(@operator, attributes, values);
        var random = new Random(1);
        var upstream = new Value?[outputs.Count];
        for (var i = 0; i < outputs.Count; i++)
        {
            if (!outputs[i].DataType.IsFloat()) continue;
            upstream[i] = builder.Input($"g{i}", outputs[i].Type);
            feeds[$"g{i}"] = Tensor.From(Enumerable.Range(0, checked((int)outputs[i].Shape.ElementCount)).Select(_ => 2 * random.NextDouble() - 1).ToArray(), [.. outputs[i].Shape]);
        }
        var differentiated = values.Select((v, i) => i < count && (v?.DataType.IsFloat() ?? false)).ToArray();
        var node = outputs[0].Producer!;
        var gradients = node.Operator.Differentiate(new GradientContext(builder, node, upstream, differentiated));
        for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
        for (var i = 0; i < gradients.Count; i++)
            if (gradients[i] is { } gradient) builder.Output($"d{i}", gradient);
        var graph = builder.Build();
        var results = HostEvaluator.Run(graph, feeds, inDouble: true);
        var errors = new List<GradientError>();
        for (var i = 0; i < values.Length; i++)
        {
            if (!differentiated[i]) continue;
            var rule = new double[values[i]!.Shape.ElementCount];
            if (i < gradients.Count && gradients[i] is { } gradient)
            {
                if (gradient.Type != values[i]!.Type) throw new InvalidOperationException($"the gradient rule of {@operator.Name} gives {gradient.Type} for input {i} of type {values[i]!.Type}");
                rule = ElementConversion.LoadReals(results[gradient]);
            }
            errors.Add(Furthest(@operator.InputName(i), rule, Differences(graph, feeds, $"x{i}", outputs)));
        }
        return errors;
    }

    private static GradientError Furthest(string input, double[] rule, double[] differences)
    {
        var worst = new GradientError(input, -1, 0, 0);
        for (var i = 0; i < rule.Length; i++)
        {
            var error = new GradientError(input, i, rule[i], differences[i]);
            // Written so that not-a-number is the worst of all.
            if (!(error.Error <= worst.Error) || worst.Element < 0) worst = error;
            if (double.IsNaN(worst.Error)) break;
        }
        return worst;
    }

    private static double[] Differences(Graph graph, Dictionary<string, Tensor> feeds, string input, IReadOnlyList<Value> outputs)
    {
        var result = new double[feeds[input].Count];
        for (var i = 0; i < result.Length; i++) result[i] = (Loss(i, Step) - Loss(i, -Step)) / (2 * Step);
        return result;

        double Loss(int element, double change)
        {
            var moved = feeds[input].Clone();
            moved.Values<double>()[element] += change;
            var values = HostEvaluator.Run(graph, new Dictionary<string, Tensor>(feeds) { [input] = moved }, inDouble: true);
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
}
