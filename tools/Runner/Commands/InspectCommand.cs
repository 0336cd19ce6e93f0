using System.CommandLine;
using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Runner.Options;
using VkNet.Runner.Pages;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet inspect</c>: what a graph computes, how it is compiled, and what memory it takes.</summary>
internal sealed class InspectCommand : RunnerCommand
{
    private readonly GraphOptions _graph = new();
    private readonly Option<string?> _dot = new("--dot") { Description = "Write the graph for Graphviz", HelpName = "FILE" };

    private readonly Option<string?> _html = new("--html") { Description = "Write a self-contained page: graph, fusion, memory timeline, cost of every call", HelpName = "FILE" };

    protected override string Name => "inspect";

    protected override string Description => "Shows nodes, shapes, parameters, FLOPs, what was fused, the kernel of each node, and the memory plan.";

    protected override IReadOnlyList<string> Examples => ["vknet inspect examples/networks/lenet5.yaml --bind N=8", "vknet inspect examples/networks/resnet18.yaml --html resnet18.html --dot resnet18.dot", "vknet inspect examples/networks/vgg16.yaml --memory-budget 30MB"];

    protected override IEnumerable<Symbol> Symbols => [.. _graph.All, _graph.ShapeInput, _dot, _html];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var model = ModelLoader.Load(arguments.GetValue(_graph.Graph)!);
        var symbols = Assignments.Sizes("--bind", arguments.GetValue(_graph.Bind));
        var clock = Stopwatch.StartNew();
        var graph = GraphBinding.Build(model, Assignments.Split("--input", arguments.GetValue(_graph.ShapeInput)), symbols, Error);
        using var device = OpenDevice(arguments);
        using var stages = new Stages(Error);
        stages.Begin("compiling");
        clock.Restart();
        var refusals = new List<FusionRefusal>();
        var settings = CompilerSettings.From(arguments, _graph, device.Profile, Error) with { Refused = refusals.Add };
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
        return 0;
    }
}
