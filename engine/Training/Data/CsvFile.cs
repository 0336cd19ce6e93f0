using System.Globalization;
using System.Text;
using VkNet.Formats;

namespace VkNet.Training;

/// <summary>
/// Reads tables of numbers and words: comma-separated values with optional quotes (RFC 4180), a header line or none. Every mistake is
/// reported with its line and column.
/// </summary>
public sealed class CsvFile
{
    private readonly string _file;
    private readonly List<(string Text, int Line, int Column)[]> _rows;

    private CsvFile(string file, IReadOnlyList<string> header, List<(string Text, int Line, int Column)[]> rows) => (_file, Header, _rows) = (file, header, rows);

    /// <summary>The columns' names: those of the header line, or 0, 1, 2, ...</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>Number of rows below the header.</summary>
    public int Count => _rows.Count;

    /// <summary>Loads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hasHeader">Whether its first line names the columns.</param>
    /// <param name="delimiter">What stands between cells.</param>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN5102: no rows; VKN5105: a row of another length, or an open quote.</exception>
    public static CsvFile Load(string path, bool hasHeader = true, char delimiter = ',') =>
        Parse(Encoding.UTF8.GetString(InputFile.Read(path, s => InputFile.ReadAll(s, path, Limits.MaximumTensorBytes))), path, hasHeader, delimiter);

    /// <summary>Parses a text.</summary>
    /// <param name="text">The table.</param>
    /// <param name="name">The name that diagnostics give to it.</param>
    /// <param name="hasHeader">Whether its first line names the columns.</param>
    /// <param name="delimiter">What stands between cells.</param>
    /// <exception cref="VkNetException">VKN5102: no rows; VKN5105: a row of another length, or an open quote.</exception>
    public static CsvFile Parse(string text, string name, bool hasHeader = true, char delimiter = ',')
    {
        var rows = Rows(text.TrimStart('\uFEFF'), name, delimiter);
        if (rows.Count <= (hasHeader ? 1 : 0)) throw FileFault.Of("VKN5102", name, "the table has no rows", "one example stands in each line");
        string[] header = hasHeader ? [.. rows[0].Select(c => c.Text.Trim())] : [.. Enumerable.Range(0, rows[0].Length).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        if (hasHeader) rows.RemoveAt(0);
        foreach (var row in rows)
            if (row.Length != header.Length)
                throw Fault(name, "VKN5105", row[^1], $"this row has {row.Length} cells, but {(hasHeader ? "the header" : "the first row")} has {header.Length}");
        return new CsvFile(name, header, rows);
    }

    /// <summary>Index of a column.</summary>
    /// <exception cref="VkNetException">VKN5107: there is none of that name.</exception>
    public int Find(string column)
    {
        for (var i = 0; i < Header.Count; i++)
            if (Header[i] == column) return i;
        throw FileFault.Of("VKN5107", _file, $"the table has no column '{column}'", Suggestion.For(column, Header));
    }

    /// <summary>Whether every cell of a column is a number.</summary>
    public bool IsNumeric(int column) => _rows.TrueForAll(r => TryReal(r[column].Text, out _));

    /// <summary>The cells of a column as text.</summary>
    public IEnumerable<string> Words(int column) => _rows.Select(r => r[column].Text.Trim());

    /// <summary>One cell as a number.</summary>
    /// <exception cref="VkNetException">VKN5106: it is none.</exception>
    public double Real(int row, int column) =>
        TryReal(_rows[row][column].Text, out var value) ? value : throw Fault(_file, "VKN5106", _rows[row][column], $"'{_rows[row][column].Text}' in column '{Header[column]}' is no number");

    private static bool TryReal(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static VkNetException Fault(string file, string code, (string Text, int Line, int Column) cell, string message) => new(code, message, null, new SourceLocation(file, cell.Line, cell.Column));

    private static List<(string Text, int Line, int Column)[]> Rows(string text, string file, char delimiter)
    {
        var rows = new List<(string, int, int)[]>();
        var cells = new List<(string, int, int)>();
        var cell = new StringBuilder();
        var (line, column, position) = (1, 1, 0);
        while (position < text.Length)
        {
            var (startLine, startColumn) = (line, column);
            cell.Clear();
            var quoted = text[position] == '"';
            if (quoted)
            {
                Advance();
                while (position < text.Length && (text[position] != '"' || (position + 1 < text.Length && text[position + 1] == '"')))
                {
                    if (text[position] == '"') Advance();
                    cell.Append(text[position]);
                    Advance();
                }
                if (position >= text.Length) throw Fault(file, "VKN5105", ("", startLine, startColumn), "the quote that begins here is never closed");
                Advance();
            }
            while (position < text.Length && text[position] != delimiter && text[position] is not ('\n' or '\r'))
            {
                cell.Append(text[position]);
                Advance();
            }
            cells.Add((cell.ToString(), startLine, startColumn));
            var ends = position >= text.Length || text[position] != delimiter;
            if (!ends)
            {
                Advance();
                if (position < text.Length && text[position] is not ('\n' or '\r')) continue;
                cells.Add(("", line, column));
            }
            // An empty line is no row.
            if (cells.Count > 1 || cells[0].Item1.Length > 0) rows.Add([.. cells]);
            cells.Clear();
            if (position < text.Length && text[position] == '\r') Advance();
            if (position < text.Length && text[position] == '\n') Advance();
        }
        return rows;

        void Advance()
        {
            if (text[position] == '\n') (line, column) = (line + 1, 1);
            else column++;
            position++;
        }
    }
}
