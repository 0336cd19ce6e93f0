using System.Diagnostics;
using System.Text.RegularExpressions;
using VkNet.Runner;
using VkNet.Runner.Reports;

namespace VkNet.Tests.Runner;

/// <summary>Help with examples that are true, completion, and progress.</summary>
internal sealed partial class HelpTests
{
    private static IEnumerable<string> Commands() => CommandLine.Root(TextWriter.Null, TextWriter.Null).Subcommands.Select(c => c.Name);

    [TestCaseSource(nameof(Commands))]
    public void Every_command_has_examples_that_parse_and_name_files_that_exist(string command)
    {
        var help = RunnerProcess.Expect(command, "--help").Output;
        var lines = help[help.IndexOf("Examples:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(l => l.Trim()).Where(l => l.Length > 0).ToList();
        Assert.That(lines, Is.Not.Empty);
        var root = CommandLine.Root(TextWriter.Null, TextWriter.Null);
        foreach (var line in lines)
        {
            var words = Inner().Match(line) is { Success: true } inner ? inner.Groups[1].Value : line;
            Assert.That(words, Does.StartWith($"vknet {command}").Or.StartWith("vknet run"), line);
            var parsed = root.Parse(words.Split(" > ")[0].Split(" | ")[0]["vknet ".Length..]);
            Assert.That(parsed.Errors, Is.Empty, line);
        }
        foreach (var name in Named().Matches(help).Select(m => m.Value)) Assert.That(Path.Exists(Path.Combine(TestData.Repository, name)), name);
    }

    [Test]
    public void The_help_lists_every_command_and_the_exit_codes()
    {
        var help = RunnerProcess.Expect("--help").Output;
        foreach (var command in Commands()) Assert.That(help, Does.Match($@"\n  {command}\b"));
        Assert.That(help, Does.Contain("130 cancelled").And.Contain("vknet devices"));
    }

    [TestCase("ru", "run")]
    [TestCase("run --pre", "--preprocess")]
    [TestCase("bench x.yaml --htm", "--html")]
    [TestCase("run x.yaml --debug ", "7")]
    [TestCase("completion ", "bash", "zsh", "fish", "pwsh")]
    public void Suggestions(string line, params string[] wanted)
    {
        var suggested = RunnerProcess.Expect($"[suggest:{line.Length}]", line).Output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.That(wanted, Is.SubsetOf(suggested));
    }

    // The script runs in a real bash, with a function in place of the program.
    [TestCase("vknet be", "bench")]
    [TestCase("vknet run --comp", "--compare-cpu")]
    public void Bash_completes(string line, string expected)
    {
        if (!File.Exists("/bin/bash")) Assert.Ignore("there is no bash on this machine");
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["vknet.bash"], RunnerProcess.Expect("completion", "bash").Output);
        File.WriteAllText(folder["try.bash"], $$"""
            set -eu
            . "{{folder["vknet.bash"]}}"
            vknet() { dotnet "{{typeof(CommandLine).Assembly.Location}}" "$@"; }
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}}) COMP_CWORD={{line.Split(' ').Length - 1}}
            _vknet vknet
            printf '%s\n' "${COMPREPLY[@]}"
            """);
        var start = new ProcessStartInfo("/bin/bash", [folder["try.bash"]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        Assert.That(process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[] { expected }), error.Result);
    }

    [Test]
    public void Other_shells_get_scripts_and_unknown_ones_are_refused()
    {
        Assert.That(RunnerProcess.Expect("completion", "zsh").Output, Does.Contain("compdef _vknet vknet"));
        Assert.That(RunnerProcess.Expect("completion", "fish").Output, Does.Contain("complete -c vknet"));
        Assert.That(RunnerProcess.Expect("completion", "pwsh").Output, Does.Contain("Register-ArgumentCompleter"));
        RunnerProcess.Expect(1, "VKN7001", "completion", "tcsh");
    }

    [Test]
    public void What_takes_long_shows_how_far_it_is_and_what_is_short_shows_nothing()
    {
        using var text = new StringWriter();
        using (var line = new ProgressLine(TextWriter.Synchronized(text), 4, isTerminal: true)) line.Next("first");
        Assert.That(text.ToString(), Is.Empty);
        using (var line = new ProgressLine(TextWriter.Synchronized(text), 4, isTerminal: true))
        {
            line.Next("first");
            line.Next("second");
            line.Next("third");
            Assert.That(line.Text, Does.StartWith("[============            ] 3/4  third  0:0"));
            Assert.That(() => text.ToString(), Does.Contain("third").After(5000, 50));
        }
        // It leaves an empty line behind.
        Assert.That(text.ToString().Split('\r')[^1], Is.Empty);
        Assert.That(text.ToString().Split('\r')[^2].Trim(), Is.Empty);
    }

    [GeneratedRegex(@"\$\((.*)\)")]
    private static partial Regex Inner();

    [GeneratedRegex(@"examples/[\w/.-]*\w")]
    private static partial Regex Named();
}
