using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>Runs the samples of operators on a device and compares the results with the host evaluator's: a driver's passport.</summary>
/// <param name="device">The device; when it was opened with validation, a message of the layer fails the sample during which it came.</param>
/// <param name="registry">The operators.</param>
/// <param name="configure">Changes to the compiler's options.</param>
public sealed class OperatorCheck(ComputeDevice device, OperatorRegistry registry, Func<CompilerOptions, CompilerOptions>? configure = null)
{
    /// <summary>Checks all samples of one operator; an operator without any gives one result that says so.</summary>
    public IEnumerable<OperatorCheckResult> Run(Operator @operator)
    {
        var samples = @operator.Samples;
        return samples.Count == 0
            ? [new OperatorCheckResult(@operator.Name, @operator.Name, OperatorCheckStatus.Unsupported, "no sample", double.NaN, 0)]
            : samples.Select(sample => Run(@operator, sample));
    }

    /// <summary>
    /// Checks the gradients of all samples of one operator, with random gradients arriving at its results, in place of the results
    /// themselves; an operator without gradient, or whose samples have nothing to differentiate by, gives one result that says so.
    /// </summary>
    public IEnumerable<OperatorCheckResult> RunGradients(Operator @operator)
    {
        if (!@operator.IsDifferentiable) return [Nothing("it has no gradient")];
        var results = @operator.Samples.Select(sample => Guarded(@operator, sample, result => GradientGraph.Build(registry, @operator, sample) is { } built
            ? Compare(built.Graph, built.Inputs, sample, result)
            : result with { Status = OperatorCheckStatus.Unsupported })).Where(r => r.Status != OperatorCheckStatus.Unsupported).ToList();
        return results.Count > 0 ? results : [Nothing("nothing that it is given has a gradient")];

        OperatorCheckResult Nothing(string reason) => new(@operator.Name, @operator.Name, OperatorCheckStatus.Unsupported, reason, double.NaN, 0);
    }

    /// <summary>Checks one sample. Whatever goes wrong is part of the result.</summary>
    public OperatorCheckResult Run(Operator @operator, OperatorSample sample) => Guarded(@operator, sample, result =>
    {
        var builder = new GraphBuilder(registry, @operator.Name);
        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var values = new Value?[sample.Inputs.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (sample.Inputs[i] is not { } input) continue;
            var name = $"x{i}";
            inputs[name] = input.Create(i);
            values[i] = builder.Input(name, input.Type);
        }
        var outputs = builder.Add(@operator, sample.Attributes, values);
        for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
        return Compare(builder.Build(), inputs, sample, result);
    });

    private OperatorCheckResult Guarded(Operator @operator, OperatorSample sample, Func<OperatorCheckResult, OperatorCheckResult> compare)
    {
        var result = new OperatorCheckResult($"{@operator.Name} {sample}", @operator.Name, OperatorCheckStatus.Passed, null, double.NaN, 0);
        var messages = device.ValidationMessages.Count;
        try
        {
            result = compare(result);
        }
        catch (VkNetException e)
        {
            result = result with { Status = OperatorCheckStatus.Failed, Reason = $"{e.Diagnostic.Code}: {e.Diagnostic.Message}" };
        }
        catch (Exception e) when (e is not (OutOfMemoryException or DeviceLostException))
        {
            // One operator's fault must not hide what the others do.
            result = result with { Status = OperatorCheckStatus.Failed, Reason = $"internal fault: {e.GetType().Name}: {e.Message}" };
        }
        return device.ValidationMessages.Count == messages ? result
            : result with { Status = OperatorCheckStatus.Failed, Reason = device.ValidationMessages[messages].ToString() };
    }

    private OperatorCheckResult Compare(Graph graph, Dictionary<string, Tensor> inputs, OperatorSample sample, OperatorCheckResult result)
    {
        var expected = HostEvaluator.Run(graph, inputs);

        var options = new CompilerOptions { Profile = device.Profile };
        var plan = GraphCompiler.Compile(graph, configure?.Invoke(options) ?? options);
        result = result with { Dispatches = plan.Setup.Dispatches + plan.Main.Dispatches, MaximumError = 0 };
        using var model = CompiledModel.Load(device, plan);
        using var session = model.CreateSession(slots: 1);
        var computed = session.Run(graph.Inputs.ToDictionary(i => i.Name, i => inputs[i.Name], StringComparer.Ordinal));
        foreach (var (name, value) in graph.Outputs)
        {
            var (fault, error) = Compare(computed[name], expected[value], sample);
            result = result with { MaximumError = Math.Max(result.MaximumError, error) };
            if (fault is not null && result.Reason is null)
                result = result with { Status = OperatorCheckStatus.Failed, Reason = graph.Outputs.Count == 1 ? fault : $"output {name[1..]}: {fault}" };
        }
        return result;
    }

    // Not-a-number agrees with itself, infinities by sign; whole numbers must be equal.
    private static (string? Fault, double Error) Compare(Tensor computed, Tensor expected, OperatorSample sample)
    {
        if (computed.Type != expected.Type) return ($"the result is {computed.Type}, expected {expected.Type}", double.NaN);
        var (found, wanted) = (ElementConversion.LoadReals(computed), ElementConversion.LoadReals(expected));
        var exact = !expected.DataType.IsFloat();
        var absolute = exact ? 0 : sample.Absolute * wanted.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        var (wrong, first, largest) = (0, 0, 0.0);
        for (var i = 0; i < wanted.Length; i++)
        {
            if (found[i] == wanted[i] || (double.IsNaN(found[i]) && double.IsNaN(wanted[i]))) continue;
            var error = Math.Abs(found[i] - wanted[i]);
            if (double.IsNaN(error)) error = double.PositiveInfinity;
            largest = Math.Max(largest, error);
            if (double.IsFinite(wanted[i]) && error <= absolute + (exact ? 0 : sample.Relative * Math.Abs(wanted[i]))) continue;
            if (wrong++ == 0) first = i;
        }
        return wrong == 0 ? (null, largest)
            : (FormattableString.Invariant($"{wrong} of {wanted.Length} elements differ; element {first} is {found[first]:R}, expected {wanted[first]:R}"), largest);
    }
}
