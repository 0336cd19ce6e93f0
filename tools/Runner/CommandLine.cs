using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using VkNet.Runner.Commands;
using VkNet.Runner.Options;

namespace VkNet.Runner;

/// <summary>Parses a command line and runs its command; every failure becomes a coded message and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Exit code of a run that the user interrupted.</summary>
    internal const int Cancelled = 130;

    private static readonly string[] FirstSteps =
    [
        "vknet devices",
        "vknet run examples/digits/lenet5.yaml --input image=examples/digits/digit.png --top 3",
        "vknet inspect examples/digits/lenet5.yaml",
        "vknet COMMAND --help",
    ];

    /// <summary>Runs; results go to <paramref name="output"/>, progress and diagnostics to <paramref name="error"/>.</summary>
    internal static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        var root = Root(output, error);
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0) return ReportMisuse(parsed, error);
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = output, Error = error };
        using var interruption = new Interruption();
        try
        {
            return parsed.InvokeAsync(configuration, interruption.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("cancelled");
            return Cancelled;
        }
        catch (VkNetException e)
        {
            error.WriteLine(e.Diagnostic);
            return (int)e.Kind;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            error.WriteLine(new Diagnostic("VKN6001", e.Message, "check the path and its permissions"));
            return (int)ErrorKind.Input;
        }
        catch (OutOfMemoryException e)
        {
            error.WriteLine(new Diagnostic("VKN4015", $"host memory exhausted: {e.Message}", "close other programs, or use a smaller batch or model"));
            return (int)ErrorKind.Device;
        }
        catch (Exception e)
        {
            error.WriteLine(new Diagnostic("VKN9000", $"internal fault: {e.GetType().Name}: {e.Message}", "this is a defect of VkNet; run again with --debug 1 for the place, and please report it"));
            if (parsed.GetValue(CommonOptions.Debug) > 0) error.WriteLine(e);
            return (int)ErrorKind.Internal;
        }
    }

    /// <summary>All commands and options, with help that shows examples.</summary>
    internal static RootCommand Root(TextWriter output, TextWriter error)
    {
        var root = new RootCommand("VkNet compiles a neural-network graph once and replays it on any Vulkan device.");
        foreach (var option in CommonOptions.All) root.Add(option);
        var examples = new Dictionary<Command, IReadOnlyList<string>> { [root] = FirstSteps };
        foreach (var command in AllCommands.Create())
        {
            var (built, lines) = command.Build(output, error);
            root.Add(built);
            examples[built] = lines;
        }
        foreach (var help in root.Options.OfType<HelpOption>()) help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, examples);
        return root;
    }

    private static int ReportMisuse(ParseResult parsed, TextWriter error)
    {
        foreach (var fault in parsed.Errors) error.WriteLine(new Diagnostic("VKN7001", fault.Message));
        var command = parsed.CommandResult.Command;
        var names = command.Options.Concat(CommonOptions.All).Select(o => o.Name).ToList();
        // A misspelt option is taken for an argument where one is still wanted.
        var unknown = parsed.Tokens.Select(t => t.Value).FirstOrDefault(t => t.StartsWith("--", StringComparison.Ordinal) && !names.Contains(t)) ?? parsed.UnmatchedTokens.FirstOrDefault(t => t.StartsWith('-'));
        if (unknown is not null) error.WriteLine($"  '{unknown}': {Suggestion.For(unknown, names)}");
        else if (command is RootCommand && parsed.UnmatchedTokens.Count > 0) error.WriteLine($"  '{parsed.UnmatchedTokens[0]}': {Suggestion.For(parsed.UnmatchedTokens[0], command.Subcommands.Select(c => c.Name))}");
        error.WriteLine($"  see: {Path(parsed.CommandResult)} --help");
        return (int)ErrorKind.Input;
    }

    private static string Path(CommandResult result) => result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "vknet";
}
