using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops;

/// <summary>
/// Collects applications of operators to given tensors, puts all of them into one graph, and compares a device's results with the host
/// evaluator's. Many small cases cost one compilation and one run.
/// </summary>
internal sealed class OperatorTester
{
    private static readonly OperatorRegistry Operators = StandardOperators.Registry.Clone().Register(new PreferringChannelsLast()).Register(new ViewOfMemory());

    private readonly GraphBuilder _builder = new(Operators, "operators");
    private readonly Dictionary<string, Tensor> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _descriptions = new(StringComparer.Ordinal);

    /// <summary>Builds larger graphs than single nodes: feed inputs with <see cref="Input"/> and name results with <see cref="Output"/>.</summary>
    internal GraphBuilder Builder => _builder;

    /// <summary>Adds a case of one node.</summary>
    internal OperatorTester Add(string name, AttributeSet? attributes, params ReadOnlySpan<Tensor?> inputs)
    {
        var values = new Value?[inputs.Length];
        for (var i = 0; i < values.Length; i++) values[i] = inputs[i] is { } tensor ? Input(tensor) : null;
        var description = $"{name}({string.Join(", ", values.Select(v => v?.Type.ToString() ?? "-"))}) {{{attributes}}}";
        foreach (var output in _builder.Add(Operators.Get(name), attributes ?? AttributeSet.Empty, values)) Output(output, description);
        return this;
    }

    /// <summary>A graph input that will be fed with a tensor.</summary>
    internal Value Input(Tensor tensor)
    {
        var name = $"x{_inputs.Count}";
        _inputs[name] = tensor;
        return _builder.Input(name, tensor.Type);
    }

    /// <summary>A result to be compared.</summary>
    internal void Output(Value value, string description)
    {
        var name = $"y{_descriptions.Count}";
        _descriptions[name] = description;
        _builder.Output(name, value);
    }

    /// <summary>Compiles for a device, runs and compares.</summary>
    /// <param name="device">The device.</param>
    /// <param name="relative">Allowed error relative to the host's value; whole numbers must be equal.</param>
    /// <param name="absolute">Allowed error in addition.</param>
    /// <param name="configure">Changes to the compiler's options.</param>
    /// <returns>The plan, for further questions.</returns>
    internal ExecutionPlan Check(ComputeDevice device, double relative = 2e-6, double absolute = 1e-7, Func<CompilerOptions, CompilerOptions>? configure = null)
    {
        var graph = _builder.Build();
        var values = HostEvaluator.Run(graph, _inputs);
        var options = new CompilerOptions { Profile = device.Profile };
        var plan = GraphCompiler.Compile(graph, configure?.Invoke(options) ?? options);
        Assert.That(HazardChecker.Check(plan), Is.Empty, "hazards");
        using var model = CompiledModel.Load(device, plan);
        using var session = model.CreateSession(slots: 1);
        var results = session.Run(_inputs.Where(i => graph.Inputs.Any(g => g.Name == i.Key)).ToDictionary());
        Assert.Multiple(() =>
        {
            foreach (var (name, value) in graph.Outputs) Compare(results[name], values[value], relative, absolute, _descriptions.GetValueOrDefault(name, name));
        });
        return plan;
    }

    /// <summary>Fails unless two tensors agree; NaN agrees with NaN.</summary>
    internal static void Compare(Tensor actual, Tensor expected, double relative, double absolute, string description)
    {
        Assert.That(actual.Type, Is.EqualTo(expected.Type), description);
        var (found, wanted) = (ElementConversion.LoadReals(actual), ElementConversion.LoadReals(expected));
        var wrong = 0;
        var first = "";
        for (var i = 0; i < wanted.Length; i++)
        {
            if (Agrees(found[i], wanted[i], expected.DataType.IsFloat() ? relative : 0, expected.DataType.IsFloat() ? absolute : 0)) continue;
            if (wrong++ == 0) first = $"element {i} is {found[i]:R}, expected {wanted[i]:R}";
        }
        Assert.That(wrong, Is.Zero, $"{description}: {wrong} of {wanted.Length} elements differ; {first}");
    }

    private static bool Agrees(double found, double wanted, double relative, double absolute) =>
        double.IsNaN(wanted) ? double.IsNaN(found) : found.Equals(wanted) || (found == 0 && wanted == 0) || Math.Abs(found - wanted) <= absolute + relative * Math.Abs(wanted);
}
