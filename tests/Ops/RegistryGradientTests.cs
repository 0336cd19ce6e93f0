using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops;

/// <remarks>stop_gradient is left out: that its gradient is none is what it is for.</remarks>
/// <summary>Every operator that says it has a gradient is checked against central differences on its own samples; one without a sample to check fails.</summary>
internal sealed class RegistryGradientTests
{
    // Central differences evaluate the operator twice for every element.
    private const long LargestSample = 700;
    private const double Step = 1e-5;

    private static IEnumerable<string> Differentiable() => StandardOperators.Registry.Operators.Where(o => o.IsDifferentiable && o.Name != "stop_gradient").Select(o => o.Name);

    [TestCaseSource(nameof(Differentiable))]
    public void Gradient_of(string name)
    {
        var @operator = StandardOperators.Registry.Get(name);
        var checkedInputs = 0;
        foreach (var sample in @operator.Samples.OrderBy(Elements).Take(4))
            if (Elements(sample) <= LargestSample || checkedInputs == 0) checkedInputs += Check(@operator, sample);
        // Generators have nothing to differentiate by, and what gives whole numbers nothing to differentiate.
        if (!@operator.Samples.Any(GivesRealsFromReals)) return;
        Assert.That(checkedInputs, Is.Positive, $"no sample of {name} has an input whose gradient can be checked");

        bool GivesRealsFromReals(OperatorSample sample)
        {
            var builder = new GraphBuilder(StandardOperators.Registry);
            var outputs = builder.Add(@operator, sample.Attributes, [.. sample.Inputs.Select((s, i) => s is null ? null : s.Type.DataType.IsFloat() ? builder.Input($"x{i}", s.Type) : builder.Constant(s.Create(i)))]);
            return sample.Inputs.Any(i => i?.Type.DataType.IsFloat() == true) && outputs.Any(o => o.DataType == DataType.Float32);
        }
    }

    private static long Elements(OperatorSample sample) => sample.Inputs.Sum(i => i?.Type.DataType.IsFloat() == true ? i.Type.Shape.ElementCount : 0);

    // How many inputs have a rule that was compared.
    private static int Check(Operator @operator, OperatorSample sample)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var values = new Value?[sample.Inputs.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (sample.Inputs[i] is not { } input) continue;
            var tensor = GradientGraph.Regular(input.Create(i));
            // Inputs that decide a shape are constants, as shape rules want them.
            if (!tensor.DataType.IsFloat() && tensor.Shape.Rank <= 1 && tensor.Count <= 16 && !RunsWithInput(@operator, sample, i))
            {
                values[i] = builder.Constant(tensor);
                continue;
            }
            values[i] = builder.Input($"x{i}", tensor.Type);
            feeds[$"x{i}"] = tensor.DataType.IsFloat() ? tensor.Cast(DataType.Float64) : tensor;
        }
        var outputs = builder.Add(@operator, sample.Attributes, values);
        if (outputs.All(o => !o.DataType.IsFloat() || o.Shape.ElementCount == 0)) return 0;
        var upstream = outputs.Select((o, i) => o.DataType.IsFloat() ? builder.Input($"g{i}", o.Type) : null).ToArray();
        for (var i = 0; i < outputs.Count; i++)
            if (upstream[i] is not null) feeds[$"g{i}"] = TestTensors.Reals(77 + i, outputs[i].Shape, -1, 1).Cast(DataType.Float64);
        var compared = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { Kind: ValueKind.Input } value || !value.DataType.IsFloat() || value.Shape.ElementCount == 0) continue;
            var copy = new GraphBuilder(StandardOperators.Registry, builder.Build());
            Value gradient;
            var useful = upstream;
            try
            {
                gradient = Differentiate(copy, outputs, useful, value);
            }
            catch (VkNetException e) when (e.Diagnostic.Code == "VKN5001")
            {
                // Some rules take the gradient of the first output only (statistics beside the result), or have none for one of the inputs.
                useful = [.. upstream.Select((u, k) => k == 0 ? u : null)];
                try
                {
                    gradient = Differentiate(copy, outputs, useful, value);
                }
                catch (VkNetException second) when (second.Diagnostic.Code == "VKN5001")
                {
                    continue;
                }
            }
            for (var k = 0; k < outputs.Count; k++) copy.Output($"y{k}", outputs[k]);
            copy.Output("gradient", gradient);
            var graph = copy.Build();
            var results = HostEvaluator.Run(graph, feeds, inDouble: true);
            var rule = ElementConversion.LoadReals(results[gradient]);
            var defined = outputs.All(o => !o.DataType.IsFloat() || ElementConversion.LoadReals(results[o]).All(double.IsFinite));
            // Where the function itself is not a number (the logarithm of a negative one) neither is its gradient.
            var differences = Differences(builder, outputs, useful, feeds, i, Math.Min((int)LargestSample, rule.Length));
            for (var k = 0; k < differences.Length; k++)
                if (!double.IsNaN(differences[k]) && (defined || differences[k] != 0)) Assert.That(rule[k], Is.EqualTo(differences[k]).Within(2e-4 * (1 + Math.Abs(differences[k]))), $"{@operator.Name} {sample}: element {k} of input {i}");
            if (differences.Any(d => !double.IsNaN(d))) compared++;
        }
        return compared;
    }

    private static Value Differentiate(GraphBuilder builder, IReadOnlyList<Value> outputs, Value?[] upstream, Value input) =>
        Gradients.Of(builder, [.. outputs.Zip(upstream).Where(p => p.Second is not null).Select(p => new KeyValuePair<Value, Value>(p.First, p.Second!))], [input])[0];

    private static bool RunsWithInput(Operator @operator, OperatorSample sample, int index)
    {
        try
        {
            var builder = new GraphBuilder(StandardOperators.Registry);
            builder.Add(@operator, sample.Attributes, [.. sample.Inputs.Select((s, i) => s is null ? null : i == index || s.Type.DataType.IsFloat() ? builder.Input($"x{i}", s.Type) : builder.Constant(s.Create(i)))]);
            return true;
        }
        catch (Exception e) when (e is VkNetException or ValueNeededException)
        {
            return false;
        }
    }

    private static double[] Beginning(Tensor tensor, Shape shape)
    {
        var (all, strides, result) = (tensor.ToArray<double>(), tensor.Shape.Strides(), new double[shape.ElementCount]);
        for (var i = 0L; i < result.Length; i++)
        {
            var (rest, place) = (i, 0L);
            for (var axis = shape.Rank - 1; axis >= 0; axis--)
            {
                place += rest % shape[axis] * strides[axis];
                rest /= shape[axis];
            }
            result[i] = all[place];
        }
        return result;
    }

    private static double[] Differences(GraphBuilder builder, IReadOnlyList<Value> outputs, Value?[] upstream, Dictionary<string, Tensor> feeds, int input, int count)
    {
        var plain = new GraphBuilder(StandardOperators.Registry, builder.Build());
        for (var k = 0; k < outputs.Count; k++) plain.Output($"y{k}", outputs[k]);
        var graph = plain.Build();
        var original = feeds[$"x{input}"];
        var result = new double[count];
        var here = Loss(0, 0);
        for (var i = 0; i < count; i++)
        {
            var step = Step * Math.Max(1, Math.Abs(original.Values<double>()[i]));
            var (forward, backward) = ((Loss(i, step) - here) / step, (here - Loss(i, -step)) / step);
            // At a kink, a jump or a value that is not finite there is nothing to compare with; the rule there is the operator's own.
            var smooth = double.IsFinite(forward) && double.IsFinite(backward) && Math.Abs(forward - backward) < 1e-2 * (1 + Math.Abs(forward));
            result[i] = smooth ? (forward + backward) / 2 : double.NaN;
        }
        return result;

        // Outputs that are not finite do not count: they are the same with and without a change elsewhere.
        double Loss(int element, double change)
        {
            var moved = original.Clone();
            moved.Values<double>()[element] += change;
            var values = HostEvaluator.Run(graph, new Dictionary<string, Tensor>(feeds) { [$"x{input}"] = moved }, inDouble: true);
            double sum = 0;
            for (var k = 0; k < outputs.Count; k++)
            {
                if (upstream[k] is null) continue;
                // Of a result whose size depends on data only what is meant is delivered.
                var (y, g) = (ElementConversion.LoadReals(values[outputs[k]]), Beginning(feeds[$"g{k}"], values[outputs[k]].Shape));
                for (var j = 0; j < y.Length; j++) sum += double.IsFinite(y[j]) ? y[j] * g[j] : 0;
            }
            return sum;
        }
    }
}
