using System.Globalization;
using System.Text;
using VkNet.Compilation;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Pages;

/// <summary>Draws an arena over time: a rectangle for every tensor, from its first to its last call and from its first to its last byte.</summary>
internal static class MemoryTimeline
{
    private const double Width = 1000, Height = 360, Left = 80, Bottom = 24;

    internal static string Draw(ExecutionPlan plan)
    {
        var sizes = plan.Arenas[MemoryBlock.Activations];
        var total = sizes.Sum();
        if (total == 0) return "<p>No activations: every result is an output.</p>";
        var starts = sizes.Select((_, i) => sizes.Take(i).Sum()).ToArray();
        var calls = Math.Max(1, plan.Main.Calls.Count);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<div class=\"chart\"><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"memory over time\">");
        for (var i = 0; i <= 4; i++)
        {
            var y = Y(total * i / 4.0);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{Left}\" y1=\"{y:0.0}\" x2=\"{Width}\" y2=\"{y:0.0}\"/><text x=\"{Left - 6}\" y=\"{y + 4:0.0}\" text-anchor=\"end\" class=\"soft\">{ByteCount.Format(total * i / 4.0)}</text>");
        }
        foreach (var (buffer, place) in plan.Placements.Where(p => p.Value.Block == MemoryBlock.Activations).OrderBy(p => p.Value.First))
        {
            var low = starts[place.Arena] + place.Offset;
            // Neighbours get different hues; equal names get equal ones in every run.
            var hue = buffer.Name.Aggregate(7u, (h, c) => unchecked(h * 31 + c)) % 360;
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{X(place.First):0.00}\" y=\"{Y(low + place.Bytes):0.00}\" width=\"{X(place.Last + 1) - X(place.First):0.00}\" height=\"{Math.Max(0.5, Y(low) - Y(low + place.Bytes)):0.00}\" fill=\"hsl({hue} 55% 60% / .8)\" stroke=\"var(--paper)\" stroke-width=\".5\"><title>{HtmlPage.Escape(buffer.Name)}: {ByteCount.Format(place.Bytes)}, calls {place.First} to {place.Last}</title></rect>");
        }
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 6}\" class=\"soft\">call 0</text><text x=\"{Width}\" y=\"{Height - 6}\" text-anchor=\"end\" class=\"soft\">call {calls - 1}</text></svg></div>");
        return svg.ToString();

        double X(double call) => Left + (Width - Left) * call / calls;
        double Y(double bytes) => (Height - Bottom) * (1 - bytes / total) + 4;
    }
}
