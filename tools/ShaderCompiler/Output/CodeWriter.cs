using System.Text;

namespace VkNet.ShaderCompiler.Output;

/// <summary>Builds C# text line by line with indentation.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder text = new();
    private int depth;

    /// <summary>Adds a line; an empty one has no indentation.</summary>
    public CodeWriter Line(string line = "")
    {
        if (line.Length > 0) text.Append(' ', 4 * depth).Append(line);
        text.Append('\n');
        return this;
    }

    /// <summary>Adds a documentation summary, with the characters that XML reserves escaped.</summary>
    public CodeWriter Summary(string summary) =>
        Line($"/// <summary>{summary.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)}</summary>");

    /// <summary>Adds a line and a brace, and indents what follows.</summary>
    public CodeWriter Open(string line)
    {
        Line(line).Line("{");
        depth++;
        return this;
    }

    /// <summary>Ends what <see cref="Open"/> began.</summary>
    public CodeWriter Close(string end = "}")
    {
        depth--;
        return Line(end);
    }

    public override string ToString() => text.ToString();
}
