using System.CommandLine;
using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Runner.Options;
using VkNet.Runner.Pages;
using VkNet.Runner.Reports;
using VkNet.Runner.Training;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet inspect</c>: what a graph computes, how it is compiled, and what memory it takes.</summary>
internal sealed class InspectCommand : RunnerCommand
{
    private readonly GraphOptions _graph = new();
    private readonly Argument<string?> _file = new("GRAPH") { Description = "A graph file (.yaml) or an ONNX model (.onnx); with --train, in place of the recipe's own", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _train = new("--train") { Description = "Show the training steps of this recipe instead: forward, backward and update", HelpName = "RECIPE" };
    private readonly Option<string[]> _set = new("--set") { Description = "With --train: put a value in place of the recipe's, e.g. batch=8", HelpName = "KEY=VALUE" };
    private readonly Option<string?> _data = new("--data") { Description = "With --train: the folder in which the recipe's data files lie", HelpName = "PATH" };
    private readonly Option<string?> _dot = new("--dot") { Description = "Write the graph for Graphviz", HelpName = "FILE" };

    private readonly Option<string?> _html = new("--html") { Description = "Write a self-contained page: graph, fusion, memory timeline, cost of every call", HelpName = "FILE" };

    protected override string Name => "inspect";

    protected override string Description => "Shows nodes, shapes, parameters, FLOPs, receptive fields, what was fused, the kernel of each node, and the memory plan.";

    protected override IReadOnlyList<string> Examples => ["vknet inspect examples/networks/lenet5.yaml --bind N=8", "vknet inspect examples/networks/resnet18.yaml --html resnet18.html --dot resnet18.dot", "vknet inspect examples/networks/vgg16.yaml --memory-budget 30MB", "vknet inspect --train examples/digits/lenet.train.yaml"];

    protected override IEnumerable<Symbol> Symbols => [_file, .. _graph.All.Where(s => s != _graph.Graph), _graph.ShapeInput, _train, _set, _data, _dot, _html];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var isTraining = arguments.GetValue(_train) is not null;
        if (!isTraining && arguments.GetValue(_file) is null) throw new VkNetException("VKN7021", "neither a graph nor a recipe is given", "vknet inspect GRAPH, or vknet inspect --train RECIPE");
        var graphs = isTraining ? TrainingGraphs(arguments) : [GraphBinding.Build(ModelLoader.Load(arguments.GetValue(_file)!), Assignments.Split("--input", arguments.GetValue(_graph.ShapeInput)), Assignments.Sizes("--bind", arguments.GetValue(_graph.Bind)), Error)];
        if (graphs.Count > 1 && (arguments.GetValue(_dot) ?? arguments.GetValue(_html)) is not null) throw new VkNetException("VKN7022", $"the recipe has {graphs.Count} steps, and a page or drawing shows one", "leave --html and --dot out");
        using var device = OpenDevice(arguments);
        foreach (var graph in graphs) Inspect(arguments, graph, device, isTraining, cancellation);
        return 0;
    }

    private IReadOnlyList<Graph> TrainingGraphs(ParseResult arguments)
    {
        var recipe = RecipeLoader.Load(arguments.GetValue(_train)!, arguments.GetValue(_set), arguments.GetValue(_data));
        if (arguments.GetValue(_file) is { } file) recipe = recipe with { Model = ModelLoader.Load(file) };
        if (Assignments.Sizes("--bind", arguments.GetValue(_graph.Bind)) is { Count: > 0 } sizes) recipe = recipe with { Bind = new Dictionary<string, long>(recipe.Bind.Where(b => !sizes.ContainsKey(b.Key)).Concat(sizes)) };
        return [.. recipe.BuildGraphs().Select(g => g.Graph)];
    }

    private void Inspect(ParseResult arguments, Graph graph, ComputeDevice device, bool isTraining, CancellationToken cancellation)
    {
        using var stages = new Stages(Error, cancellation);
        stages.Begin("compiling");
        var clock = Stopwatch.StartNew();
        var refusals = new List<FusionRefusal>();
        var settings = CompilerSettings.From(arguments, _graph, device.Profile, Error) with { Refused = refusals.Add, Training = isTraining };
        var plan = GraphCompiler.Compile(graph, settings);
        var compileMs = clock.Elapsed.TotalMilliseconds;
        var unfused = settings.Fuse ? GraphCompiler.Compile(graph, settings with { Fuse = false, Observe = null, Refused = null }) : plan;
        CompilerSettings.Describe(arguments, plan, Error);
        stages.Finish();
        var report = new PlanReport(graph, plan, unfused, refusals, compileMs);
        if (arguments.GetValue(_dot) is { } dot) DotFile.Save(dot, graph, plan);
        if (arguments.GetValue(_html) is { } page) InspectPage.Save(page, graph, plan, unfused, compileMs, device.Profile.Name, DeviceSpeed.Measure(device));
        if (arguments.GetValue(CommonOptions.Json)) report.WriteJson(Output, device.Profile);
        else report.WriteText(Output);
    }
}
