using System.CommandLine;
using System.CommandLine.Invocation;

namespace VkNet.Runner;

/// <summary>The parser's help, with examples and exit codes below it.</summary>
/// <param name="standard">Writes the parser's own part.</param>
/// <param name="examples">Command lines for each command.</param>
internal sealed class HelpWithExamples(SynchronousCommandLineAction standard, IReadOnlyDictionary<Command, IReadOnlyList<string>> examples) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = standard.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        if (examples.TryGetValue(command, out var lines))
        {
            output.WriteLine("Examples:");
            foreach (var line in lines) output.WriteLine($"  {line}");
            output.WriteLine();
        }
        if (command is RootCommand) output.WriteLine("Exit codes:\n  0 success, 1 the input was wrong, 2 the device could not, 3 internal fault, 4 a check or comparison failed, 130 cancelled");
        return code;
    }
}
