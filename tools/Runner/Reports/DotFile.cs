using System.Text;
using VkNet.Compilation;
using VkNet.Formats;
using VkNet.Graphs;

namespace VkNet.Runner.Reports;

/// <summary>Writes a graph for Graphviz; nodes fused into one call share a frame.</summary>
internal static class DotFile
{
    internal static void Save(string path, Graph graph, ExecutionPlan plan)
    {
        var text = new StringBuilder("digraph {\n  rankdir=TB; node [shape=box, fontname=\"sans-serif\"];\n");
        foreach (var input in graph.Inputs) text.Append($"  {Quote(input.Name)} [shape=ellipse, label={Quote(input.Name + "\\n" + input.Type)}];\n");
        foreach (var node in graph.Nodes)
        {
            text.Append($"  {Quote(node.Name)} [label={Quote($"{node.Name}\\n{node.Operator.Name} {node.Outputs[0].Type}")}];\n");
            foreach (var input in node.Inputs.OfType<Value>().Where(i => i.Kind is ValueKind.Result or ValueKind.Input))
                text.Append($"  {Quote(input.Producer?.Name ?? input.Name)} -> {Quote(node.Name)};\n");
        }
        var number = 0;
        foreach (var call in plan.Main.Calls.Where(c => c.SourceNodes.Count > 1))
            text.Append($"  subgraph cluster_{number++} {{ style=dashed; {string.Join(" ", call.SourceNodes.Select(n => Quote(n) + ";"))} }}\n");
        text.Append("}\n");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Quote(string text) => "\"" + text.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
