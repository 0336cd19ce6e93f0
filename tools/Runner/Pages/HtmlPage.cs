using System.Net;
using System.Text;
using VkNet.Formats;

namespace VkNet.Runner.Pages;

/// <summary>A self-contained page: one style for all of the runner's pages, light and dark, no scripts and nothing loaded from elsewhere.</summary>
internal sealed class HtmlPage(string title)
{
    private readonly StringBuilder _body = new();

    /// <summary>Seconds after which a browser reads the page again; null for a page that is finished.</summary>
    internal int? RefreshSeconds { get; init; }

    /// <summary>Escapes text for HTML.</summary>
    internal static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Adds raw HTML.</summary>
    internal HtmlPage Raw(string html)
    {
        _body.Append(html).Append('\n');
        return this;
    }

    /// <summary>Adds a heading.</summary>
    internal HtmlPage Heading(string text) => Raw($"<h2>{Escape(text)}</h2>");

    /// <summary>Adds a paragraph of plain text.</summary>
    internal HtmlPage Paragraph(string text) => Raw($"<p>{Escape(text)}</p>");

    /// <summary>Adds figures in a row.</summary>
    internal HtmlPage Tiles(params ReadOnlySpan<(string Value, string Name)> tiles)
    {
        _body.Append("<div class=\"tiles\">");
        foreach (var (value, name) in tiles) _body.Append($"<div class=\"tile\"><b>{Escape(value)}</b><span>{Escape(name)}</span></div>");
        return Raw("</div>");
    }

    /// <summary>Adds a table; columns whose heading begins with # hold numbers.</summary>
    internal HtmlPage Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        _body.Append("<div class=\"scroll\"><table><thead><tr>");
        foreach (var heading in headings) _body.Append($"<th{Class(heading)}>{Escape(heading.TrimStart('#'))}</th>");
        _body.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            _body.Append("<tr>");
            for (var i = 0; i < row.Count; i++) _body.Append($"<td{Class(headings[i])}>{Escape(row[i])}</td>");
            _body.Append("</tr>\n");
        }
        return Raw("</tbody></table></div>");
    }

    /// <summary>Writes the page.</summary>
    internal void Save(string path) => AtomicFile.WriteAllText(path, $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">{(RefreshSeconds is { } seconds ? $"<meta http-equiv=\"refresh\" content=\"{seconds}\">" : "")}
        <title>{Escape(title)}</title><style>
        {Style()}</style></head><body>
        <h1>{Escape(title)}</h1>
        {_body}<footer>written by vknet; self-contained, nothing is loaded from elsewhere</footer></body></html>

        """);

    private static string Class(string heading) => heading.StartsWith('#') ? " class=\"number\"" : "";

    private static string Style()
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream("page.css") ?? throw new InvalidOperationException("page.css is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
