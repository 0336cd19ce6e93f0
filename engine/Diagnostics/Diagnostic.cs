using System.Text;

namespace VkNet;

/// <summary>
/// One coded message for the user: what is wrong, where, and what to do about it.
/// Codes are grouped by area: VKN1 text of graph files and recipes, VKN2 shapes and types, VKN3 ONNX import,
/// VKN4 device and memory, VKN5 training, VKN6 weights, tensor, picture and plan files, VKN7 command line.
/// </summary>
/// <param name="Code">The stable code, <c>VKN1203</c>.</param>
/// <param name="Message">What is wrong, in one sentence that names the values involved.</param>
/// <param name="Help">What to do about it; null when the message says it all.</param>
/// <param name="Location">Where; null when there is no file.</param>
public sealed record Diagnostic(string Code, string Message, string? Help = null, SourceLocation? Location = null)
{
    /// <summary>Formats as <c>FILE:LINE:COL: error CODE: message</c>, then the caret line, then the help.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Location is not null) text.Append(Location).Append(": ");
        text.Append("error ").Append(Code).Append(": ").Append(Message);
        if (Location is { LineText: { } line, Column: > 0 })
        {
            // A tab stays a tab in the padding, so that the caret stands under its character in any terminal.
            var padding = new string([.. line.Take(Math.Min(Location.Column - 1, line.Length)).Select(c => c == '\t' ? '\t' : ' ')]);
            text.Append('\n').Append("  ").Append(line.TrimEnd()).Append('\n').Append("  ").Append(padding).Append('^');
        }
        if (Help is not null) text.Append('\n').Append("  ").Append(Help);
        return text.ToString();
    }
}
