using System.Globalization;
using System.Text;
using VkNet.Compilation;
using VkNet.Graphs;

namespace VkNet.Runner.Pages;

/// <summary>Draws a graph in layers from top to bottom: a node's layer is its longest distance from an input. Nodes fused into one call have a dashed frame.</summary>
internal static class GraphDrawing
{
    private const double BoxWidth = 150, BoxHeight = 34, GapX = 16, GapY = 26;

    internal static string Draw(Graph graph, ExecutionPlan plan)
    {
        var layers = new Dictionary<object, int>();
        foreach (var input in graph.Inputs) layers[input] = 0;
        foreach (var node in graph.Nodes)
            layers[node] = 1 + node.Inputs.OfType<Value>().Select(Source).OfType<object>().Select(s => layers.GetValueOrDefault(s)).DefaultIfEmpty(0).Max();
        var rows = layers.GroupBy(l => l.Value).OrderBy(g => g.Key).Select(g => g.Select(l => l.Key).ToList()).ToList();
        var widest = rows.Max(r => r.Count);
        var (width, height) = (widest * (BoxWidth + GapX) + GapX, rows.Count * (BoxHeight + GapY) + GapY);
        var place = new Dictionary<object, (double X, double Y)>();
        for (var r = 0; r < rows.Count; r++)
            for (var c = 0; c < rows[r].Count; c++)
                place[rows[r][c]] = ((width - rows[r].Count * (BoxWidth + GapX)) / 2 + c * (BoxWidth + GapX) + BoxWidth / 2, GapY + r * (BoxHeight + GapY));
        var fused = plan.Main.Calls.Where(c => c.SourceNodes.Count > 1).SelectMany(c => c.SourceNodes).ToHashSet();
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<div class=\"scroll\"><svg width=\"{width:0}\" height=\"{height:0}\" viewBox=\"0 0 {width:0} {height:0}\" style=\"max-width:none;margin:auto\" role=\"img\" aria-label=\"graph\">");
        foreach (var node in graph.Nodes)
            foreach (var source in node.Inputs.OfType<Value>().Select(Source).OfType<object>().Distinct())
            {
                var ((x1, y1), (x2, y2)) = (place[source], place[node]);
                svg.Append(CultureInfo.InvariantCulture, $"<path class=\"edge\" d=\"M{x1:0.0} {y1 + BoxHeight:0.0} C{x1:0.0} {y1 + BoxHeight + 14:0.0} {x2:0.0} {y2 - 14:0.0} {x2:0.0} {y2:0.0}\"/>");
            }
        foreach (var (item, (x, y)) in place)
        {
            var (name, detail, style) = item is Node n
                ? (n.Name, $"{n.Operator.Name} {n.Outputs[0].Shape}", fused.Contains(n.Name) ? "box fused" : "box")
                : (((Value)item).Name, ((Value)item).Type.ToString(), "box input");
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{x - BoxWidth / 2:0.0}\" y=\"{y:0.0}\" width=\"{BoxWidth}\" height=\"{BoxHeight}\" rx=\"5\"><title>{HtmlPage.Escape(item.ToString() ?? "")}</title></rect>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.0}\" y=\"{y + 14:0.0}\" text-anchor=\"middle\">{HtmlPage.Escape(Shorten(name))}</text><text x=\"{x:0.0}\" y=\"{y + 27:0.0}\" text-anchor=\"middle\" class=\"soft\">{HtmlPage.Escape(Shorten(detail))}</text>");
        }
        return svg.Append("</svg></div>").ToString();

        static object? Source(Value value) => value.Kind == ValueKind.Input ? value : value.Producer;
        static string Shorten(string text) => text.Length <= 24 ? text : text[..11] + "..." + text[^10..];
    }
}
