using System.CommandLine;
using VkNet.Formats;
using VkNet.Operators;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet operators</c>: every operator, how ONNX spells it, and what it runs on.</summary>
internal sealed class OperatorsCommand : RunnerCommand
{
    /// <summary>The lines of a document between which the table is kept.</summary>
    internal const string Begin = "<!-- operators: written by 'vknet operators --update FILE' -->", End = "<!-- operators: end -->";

    private readonly Option<string?> _update = new("--update") { Description = "Replace the table in a Markdown file, between the lines that mark it", HelpName = "FILE" };

    protected override string Name => "operators";

    protected override string Description => "Lists the operators: ONNX names and opsets, gradients, kernels. Needs no device.";

    protected override IReadOnlyList<string> Examples => ["vknet operators --json"];

    protected override IEnumerable<Symbol> Symbols => [_update];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var table = new OperatorTable(StandardOperators.Registry);
        if (arguments.GetValue(_update) is { } path)
        {
            if (!File.Exists(path)) throw new VkNetException("VKN7003", $"there is no file '{path}' (given for --update)");
            var text = Replace(File.ReadAllText(path), table.ToMarkdown())
                ?? throw new VkNetException("VKN7015", $"'{path}' has no place for the table", $"put these two lines where it shall stand:\n  {Begin}\n  {End}");
            AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
            Error.WriteLine($"wrote {path}: {table.Rows.Count} operators");
        }
        else if (arguments.GetValue(CommonOptions.Json)) table.WriteJson(Output);
        else table.WriteText(Output);
        return 0;
    }

    /// <summary>A document with the table in its place; null when it has none.</summary>
    internal static string? Replace(string document, string table)
    {
        var begin = document.IndexOf(Begin, StringComparison.Ordinal);
        var end = document.IndexOf(End, StringComparison.Ordinal);
        return begin < 0 || end < begin ? null : $"{document[..(begin + Begin.Length)]}\n{table}{document[end..]}";
    }
}
