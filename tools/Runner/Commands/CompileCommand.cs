using System.CommandLine;
using VkNet.Compilation;
using VkNet.Formats.Plans;
using VkNet.Graphs;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet compile</c>: writes a plan that <c>run</c> and the library load without compiling.</summary>
internal sealed class CompileCommand : RunnerCommand
{
    private readonly GraphOptions _graph = new();
    private readonly Option<string> _out = new("--out", "-o") { Description = "The plan file to write", HelpName = "FILE.vkplan", Required = true };

    protected override string Name => "compile";

    protected override string Description => "Compiles a graph ahead of time for this device. Parameters stay in their weights file.";

    protected override IReadOnlyList<string> Examples => ["vknet compile examples/digits/lenet5.yaml --bind N=1 -o lenet5.vkplan", "vknet run lenet5.vkplan --weights examples/digits/lenet5.safetensors --input image=examples/digits/digit.png"];

    protected override IEnumerable<Symbol> Symbols => [_graph.Graph, _graph.Bind, _graph.ShapeInput, _graph.Variant, _graph.Exact, _graph.Precision, _graph.NoFuse, _graph.FullBarriers, _graph.MemoryBudget, _out];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(_out)!;
        if (!PlanFile.IsPlan(path)) throw new VkNetException("VKN7030", $"'{path}' does not end in .vkplan", "plan files are known by their ending");
        var model = ModelLoader.Load(arguments.GetValue(_graph.Graph)!);
        var symbols = Assignments.Sizes("--bind", arguments.GetValue(_graph.Bind));
        var graph = GraphBinding.Build(model, Assignments.Split("--input", arguments.GetValue(_graph.ShapeInput)), symbols, Error);
        using var device = OpenDevice(arguments);
        using var stages = new Stages(Error, cancellation);
        stages.Begin("compiling");
        var plan = GraphCompiler.Compile(graph, CompilerSettings.From(arguments, _graph, device.Profile, Error));
        stages.Begin("writing the plan");
        PlanFile.Save(path, plan, device.Profile);
        stages.Finish();
        var bytes = new FileInfo(path).Length;
        if (arguments.GetValue(CommonOptions.Json))
            JsonReport.Write(Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("graph", plan.Name);
                json.WriteString("plan", path);
                json.WriteNumber("bytes", bytes);
                json.WriteNumber("dispatches", plan.Main.Dispatches);
                json.WriteString("device", device.Profile.Name);
                json.WriteBoolean("software", device.Profile.IsSoftware);
                json.WriteEndObject();
            });
        else Output.WriteLine($"{path}: {plan.Main.Dispatches} dispatches, {ByteCount.Format(bytes)}; run it with: vknet run {path}");
        return 0;
    }
}
