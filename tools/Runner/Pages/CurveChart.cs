using System.Globalization;
using System.Text;

namespace VkNet.Runner.Pages;

/// <summary>Draws curves over a common axis as SVG, with round numbers at the grid and a legend.</summary>
internal static class CurveChart
{
    private const double Width = 1000, Height = 300, Left = 64, Right = 12, Top = 28, Bottom = 30;

    /// <summary>One curve; the colour is one of the page's names.</summary>
    internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points, string Colour);

    internal static string Draw(string xName, string yName, params ReadOnlySpan<Curve> curves)
    {
        var shown = curves.ToArray().Select(c => c with { Points = [.. c.Points.Where(p => double.IsFinite(p.Y))] }).Where(c => c.Points.Count > 0).ToList();
        if (shown.Count == 0) return "<p>Nothing to show yet.</p>";
        var points = shown.SelectMany(c => c.Points).ToList();
        var (x0, x1) = (Math.Min(0, points.Min(p => p.X)), points.Max(p => p.X));
        var (y0, y1, step) = Grid(points.Min(p => p.Y), points.Max(p => p.Y));
        if (x1 <= x0) x1 = x0 + 1;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<div class=\"chart\"><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{HtmlPage.Escape(yName)} over {HtmlPage.Escape(xName)}\">");
        for (var y = y0; y <= y1 + step / 2; y += step)
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{Left}\" y1=\"{Y(y):0.0}\" x2=\"{Width - Right}\" y2=\"{Y(y):0.0}\"/><text class=\"soft\" x=\"{Left - 8}\" y=\"{Y(y) + 4:0.0}\" text-anchor=\"end\">{Math.Round(y / step) * step:G4}</text>");
        for (var i = 0; i <= 5; i++)
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"soft\" x=\"{X(x0 + (x1 - x0) * i / 5):0.0}\" y=\"{Height - 10}\" text-anchor=\"{(i == 0 ? "start" : i == 5 ? "end" : "middle")}\">{x0 + (x1 - x0) * i / 5:N0}</text>");
        var legend = Left;
        foreach (var curve in shown)
        {
            var colour = $"var(--{curve.Colour})";
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"{(curve.Colour == "soft" ? 1 : 2)}\"{(curve.Colour == "soft" ? " opacity=\".5\"" : "")} points=\"{string.Join(' ', curve.Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.0},{Y(p.Y):0.0}")))}\"/>");
            if (curve.Points.Count <= 60)
                foreach (var (x, y) in curve.Points) svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(x):0.0}\" cy=\"{Y(y):0.0}\" r=\"3\" fill=\"{colour}\"><title>{x:N0}: {y:G5}</title></circle>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{legend:0}\" y=\"8\" width=\"14\" height=\"4\" fill=\"{colour}\"/><text x=\"{legend + 20:0}\" y=\"14\">{HtmlPage.Escape(curve.Name)}</text>");
            legend += 40 + 7 * curve.Name.Length;
        }
        return svg.Append("</svg></div>").ToString();

        double X(double x) => Left + (Width - Left - Right) * (x - x0) / (x1 - x0);
        double Y(double y) => Top + (Height - Top - Bottom) * (1 - (y - y0) / (y1 - y0));
    }

    // Ends and distance of grid lines at 1, 2 or 5 times a power of ten.
    private static (double Low, double High, double Step) Grid(double low, double high)
    {
        if (high - low < 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)) || high == low) (low, high) = (low - Math.Max(1e-9, Math.Abs(low) / 2), high + Math.Max(1e-9, Math.Abs(high) / 2));
        var rough = (high - low) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        return (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step);
    }
}
