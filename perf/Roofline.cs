using System.Globalization;
using System.Text;
using VkNet.Formats;

namespace VkNet.Perf;

/// <summary>Draws the roofline: achieved GFLOP/s over arithmetic intensity, under the device's copy bandwidth and multiply-add peak (Williams et al. 2009).</summary>
internal static class Roofline
{
    private const double Width = 900, Height = 560, Left = 80, Right = 30, Top = 30, Bottom = 60;

    public static void Save(string path, Report.Document document)
    {
        var points = document.Results.Where(r => r.Correct && r.Gflops > 0).Select(r => (r.Kernel, r.Shape, Intensity: r.Gflops / r.Gbps, r.Gflops)).ToList();
        var (minX, maxX) = (0.1, Math.Max(1000, points.Select(p => p.Intensity).DefaultIfEmpty(1).Max() * 2));
        var (minY, maxY) = (1.0, document.PeakGflops * 2);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (var decade = -1; decade <= 4; decade++)
        {
            var value = Math.Pow(10, decade);
            if (value >= minX && value <= maxX) svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{X(value):0.0}\" y1=\"{Top}\" x2=\"{X(value):0.0}\" y2=\"{Height - Bottom}\" stroke=\"#ddd\"/><text x=\"{X(value):0.0}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{value}</text>\n");
            if (value >= minY && value <= maxY) svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" y1=\"{Y(value):0.0}\" x2=\"{Width - Right}\" y2=\"{Y(value):0.0}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{Y(value) + 4:0.0}\" text-anchor=\"end\">{value}</text>\n");
        }
        var ridge = document.PeakGflops / document.CopyGbps;
        svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"#c33\" stroke-width=\"2\" points=\"{X(minY / document.CopyGbps):0.0},{Y(minY):0.0} {X(ridge):0.0},{Y(document.PeakGflops):0.0} {X(maxX):0.0},{Y(document.PeakGflops):0.0}\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - Right - 4}\" y=\"{Y(document.PeakGflops) - 6:0.0}\" text-anchor=\"end\" fill=\"#c33\">{document.PeakGflops:0} GFLOP/s, copy {document.CopyGbps:0.0} GB/s</text>\n");
        foreach (var (kernel, shape, intensity, gflops) in points)
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(intensity):0.0}\" cy=\"{Y(gflops):0.0}\" r=\"4\" fill=\"#2563ab\"><title>{kernel} {shape}: {gflops:0.0} GFLOP/s</title></circle><text x=\"{X(intensity) + 7:0.0}\" y=\"{Y(gflops) + 4:0.0}\" font-size=\"10\">{kernel} {shape}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width / 2}\" y=\"{Height - 16}\" text-anchor=\"middle\">arithmetic intensity, FLOP per byte</text><text transform=\"translate(20,{Height / 2}) rotate(-90)\" text-anchor=\"middle\">GFLOP/s</text></svg>\n");
        AtomicFile.WriteAllText(path, svg.ToString());

        double X(double value) => Left + (Width - Left - Right) * (Math.Log(value / minX) / Math.Log(maxX / minX));
        double Y(double value) => Height - Bottom - (Height - Top - Bottom) * (Math.Log(value / minY) / Math.Log(maxY / minY));
    }
}
