using System.CommandLine;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet convert</c>: ONNX models to graph files with safetensors, and back. Needs no device.</summary>
internal sealed class ConvertCommand : RunnerCommand
{
    private readonly GraphOptions _graph = new();
    private readonly Argument<string> _in = new("IN") { Description = "An ONNX model (.onnx) or a graph file (.yaml)" };
    private readonly Argument<string> _out = new("OUT") { Description = "The file to write: .onnx, or .yaml with its weights beside it" };

    protected override string Name => "convert";

    protected override string Description => "Converts ONNX models to graph files and back. Sizes stay open where nothing but sizes depends on them.";

    protected override IReadOnlyList<string> Examples => ["vknet convert model.onnx model.yaml", "vknet convert examples/digits/lenet5.yaml lenet5.onnx"];

    protected override IEnumerable<Symbol> Symbols => [_in, _out, _graph.Bind, _graph.ShapeInput, _graph.Weights, _graph.Init];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var (from, to) = (arguments.GetValue(_in)!, arguments.GetValue(_out)!);
        var ending = Path.GetExtension(to).ToLowerInvariant();
        if (ending is not (".onnx" or ".yaml" or ".yml")) throw new VkNetException("VKN7016", $"it cannot be told from '{to}' what to write", "name it .onnx or .yaml");
        if (Path.GetFullPath(from) == Path.GetFullPath(to)) throw new VkNetException("VKN7016", $"'{to}' would be written over itself", "give another name");
        var model = ModelLoader.Load(from);
        var symbols = Assignments.Sizes("--bind", arguments.GetValue(_graph.Bind));
        var inputs = InputLoader.LoadGiven(model.Inputs, Assignments.Split("--input", arguments.GetValue(_graph.ShapeInput)), symbols, null);
        var graph = OpenGraph.Build(model, inputs, symbols);
        var open = graph.Symbols.ToList();
        var closed = model.Symbols.Where(s => !open.Contains(s) && !symbols.ContainsKey(s) && inputs.Count == 0).ToList();
        if (closed.Count > 0) Error.WriteLine($"note: {string.Join(", ", closed)} taken as 1, for the graph depends on the size; choose with --bind {closed[0]}=8");
        var weights = ModelLoader.Weights(model.WeightsFile, arguments.GetValue(_graph.Weights), arguments.GetValue(_graph.Init));
        using var stages = new Stages(Error, cancellation);
        stages.Begin("writing");
        IReadOnlyList<string> files = [to];
        if (ending == ".onnx") OnnxModel.Save(to, graph, weights.Find);
        else files = GraphFileWriter.Save(to, graph, weights.Find);
        stages.Finish();
        if (arguments.GetValue(CommonOptions.Json)) WriteJson(graph, open, files);
        else foreach (var file in files) Output.WriteLine($"{file}: {ByteCount.Format(new FileInfo(file).Length)}");
        Error.WriteLine($"{graph.Graph.Nodes.Count} nodes; open sizes: {(open.Count == 0 ? "none" : string.Join(", ", open))}; look at it: vknet inspect {to}");
        return 0;
    }

    private void WriteJson(OpenGraph graph, List<string> open, IReadOnlyList<string> files) => JsonReport.Write(Output, json =>
    {
        json.WriteStartObject();
        json.WriteString("graph", graph.Graph.Name);
        json.WriteNumber("nodes", graph.Graph.Nodes.Count);
        json.WriteStartArray("open");
        foreach (var symbol in open) json.WriteStringValue(symbol);
        json.WriteEndArray();
        json.WriteStartArray("files");
        foreach (var file in files) json.WriteStringValue(file);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
