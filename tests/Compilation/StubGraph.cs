using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Tests.Compilation;

/// <summary>Builds and compiles small graphs of stand-in operators for a device that exists on paper only.</summary>
internal sealed class StubGraph
{
    private static readonly OperatorRegistry Registry = new OperatorRegistry()
        // Reads neighbours, so it can neither run in place nor take an epilogue.
        .Register(new StubOperator("opaque", 1))
        .Register(new StubOperator("opaque2", 2))
        .Register(new StubOperator("twice", 1) { OutputCount = 2 })
        .Register(new StubOperator("random", 1) { Random = true })
        .Register(new StubOperator("nothing", 1) { Nothing = true })
        .Register(new StubOperator("view", 1) { View = true })
        // A heavy kernel that takes an epilogue: a stand-in for a convolution.
        .Register(new StubOperator("root", 1) { Epilogue = true })
        .Register(new StubPointwise("unary", 1, 3) { Epilogue = true, InPlace = true })
        .Register(new StubPointwise("binary", 2, 4) { Epilogue = true, InPlace = true })
        .Register(new StubPointwise("rare", 1, EpilogueSteps.CommonOpcodes + 1) { Epilogue = true })
        .Register(new StubPointwise("to_integer", 1, 5) { Epilogue = true, ResultType = DataType.Int32 })
        .Register(new StubPointwise("compare", 2, 6) { Epilogue = true, ResultType = DataType.Bool })
        .Register(new StubPointwise("halved", 1, 7) { Epilogue = true, Reshape = s => s.With(0, s[0] / 2) })
        .Register(new StubOperator("prefers", 1) { Choice = LayoutChoice.PrefersChannelsLast })
        .Register(new StubOperator("either", 1) { Choice = LayoutChoice.Either })
        .Register(new StubOperator("either2", 2) { Choice = LayoutChoice.Either })
        .Register(new StubOperator("stores_dense", 1) { Choice = LayoutChoice.Either, StoreDense = true })
        .Register(new StubOperator("reads_dense", 2) { Choice = LayoutChoice.Either, ReadDense = true })
        .Register(new StubPairing("half"))
        .Register(new StubOperator("pair", 2) { OutputCount = 2 })
        .Register(new StubOperator("to_channels_last", 1))
        .Register(new StubOperator("from_channels_last", 1));

    private readonly GraphBuilder _builder = new(Registry, "stub");

    /// <summary>A device on paper.</summary>
    public static DeviceProfile Profile { get; } = new() { Name = "paper", MaxWorkgroupInvocations = 256, BufferAlignment = 64 };

    /// <summary>The shape that inputs have unless told otherwise.</summary>
    public Shape Shape { get; init; } = [4, 8];

    public Value Input(string name, DataType type = DataType.Float32, Shape? shape = null) => _builder.Input(name, new TensorType(type, shape ?? Shape));

    public Value Parameter(string name, Shape? shape = null) => _builder.Parameter(name, new TensorType(DataType.Float32, shape ?? Shape));

    public Value State(string name) => _builder.State(name, Tensor.Zeros(new TensorType(DataType.Float32, Shape)));

    public void Next(Value state, Value next) => _builder.SetState(state, next);

    public Value Node(string name, string op, params Value[] inputs) => Nodes(name, op, inputs)[0];

    public IReadOnlyList<Value> Nodes(string name, string op, params Value[] inputs) => _builder.Add(Registry.Get(op), AttributeSet.Empty.With(StubOperator.Tag, name), inputs, name);

    /// <summary>A node that is told apart by its operator and inputs alone.</summary>
    public Value Untagged(string name, string op, params Value[] inputs) => _builder.Add(Registry.Get(op), AttributeSet.Empty, inputs, name)[0];

    public StubGraph Output(Value value)
    {
        _builder.Output(value.Name, value);
        return this;
    }

    public Graph Build() => _builder.Build();

    /// <summary>Compiles; the hazard checker must have nothing to say.</summary>
    public ExecutionPlan Compile(Func<CompilerOptions, CompilerOptions>? configure = null)
    {
        var options = new CompilerOptions { Profile = Profile };
        var plan = GraphCompiler.Compile(Build(), configure?.Invoke(options) ?? options);
        Assert.That(HazardChecker.Check(plan), Is.Empty);
        return plan;
    }

    /// <summary>Compiles and returns the graph as it stood after the last pass.</summary>
    public Graph AfterPasses(Func<CompilerOptions, CompilerOptions>? configure = null)
    {
        Graph? last = null;
        Compile(options => (configure?.Invoke(options) ?? options) with { Observe = (_, graph) => last = graph });
        return last!;
    }
}
