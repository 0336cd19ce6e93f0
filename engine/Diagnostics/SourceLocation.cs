namespace VkNet;

/// <summary>A place in a text file, shown in diagnostics.</summary>
/// <param name="File">The file's path as the user gave it.</param>
/// <param name="Line">1-based line; 0 when the file as a whole is meant.</param>
/// <param name="Column">1-based column; 0 when the whole line is meant.</param>
/// <param name="LineText">The text of that line, for the caret line; null when it is not at hand.</param>
public sealed record SourceLocation(string File, int Line = 0, int Column = 0, string? LineText = null)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Line == 0 ? File : Column == 0 ? $"{File}:{Line}" : $"{File}:{Line}:{Column}";
}
