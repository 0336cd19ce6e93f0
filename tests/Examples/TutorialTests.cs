using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using VkNet.Tests.Device;

namespace VkNet.Tests.Examples;

/// <summary>The tutorial, followed to the letter: its files are written, its commands run in their order, their output compared with what it shows.</summary>
internal sealed partial class TutorialTests
{
    private const string Mark = "@@tutorial";

    /// <summary>A line after a dollar sign, and the lines shown below it.</summary>
    private sealed record Step(string Command, IReadOnlyList<string> Shown);

    [Test]
    public void Every_command_prints_what_is_shown()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        if (!File.Exists("/bin/bash")) Assert.Ignore("there is no bash on this machine");
        using var folder = new ScratchFolder();
        var script = new StringBuilder($"vknet() {{ dotnet '{typeof(VkNet.Runner.CommandLine).Assembly.Location}' \"$@\"; }}\n");
        var steps = new List<Step>();
        foreach (Match block in Block().Matches(File.ReadAllText(ExampleFiles.At("tutorial", "README.md"))))
        {
            if (block.Groups["file"] is { Success: true } file)
            {
                // Written when the commands above it have run: they may make its folder.
                script.Append($"cat > '{file.Value}' <<'END OF FILE'\n{block.Groups["text"].Value}END OF FILE\n");
                continue;
            }
            if (block.Groups["kind"].Value != "console") continue;
            foreach (var step in Steps(block.Groups["text"].Value))
            {
                script.Append($"{{ {step.Command}\n}} 2>&1; echo \"{Mark} $?\"\n");
                steps.Add(step);
            }
        }
        Assert.That(steps, Has.Count.GreaterThan(10));
        File.WriteAllText(folder["all.bash"], script.ToString());
        var start = new ProcessStartInfo("/bin/bash", ["all.bash"]) { WorkingDirectory = folder[""], RedirectStandardOutput = true };
        start.Environment["VKNET"] = TestData.Repository;
        // Packages of an earlier build under the same version must not be taken, and build servers would keep the stream open.
        start.Environment["NUGET_PACKAGES"] = folder["nuget"];
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using var process = Process.Start(start)!;
        var outputs = process.StandardOutput.ReadToEnd().Split(Mark);
        Assert.Multiple(() =>
        {
            for (var i = 0; i < steps.Count; i++)
            {
                // The exit code stands before the next output.
                var printed = i == 0 ? outputs[0] : outputs[i][(outputs[i].IndexOf('\n', StringComparison.Ordinal) + 1)..];
                var code = outputs[i + 1].Split('\n')[0].Trim();
                Assert.That(code == "0", Is.EqualTo(!steps[i].Shown.Any(l => l.Contains("error VKN", StringComparison.Ordinal))), $"{steps[i].Command}: exit code {code}\n{printed}");
                Assert.That(Fits(steps[i].Shown, printed), $"{steps[i].Command} prints\n{printed}");
            }
        });
    }

    [TestCase("a\n...\nb", "a\nx\ny\nb\n", true)]
    [TestCase("a\n...\nb", "a\nb\n", true)]
    [TestCase("a\n...\nb", "a\nx\n", false)]
    [TestCase("loss 0.0... of ...", "note: something\nloss  0.0123 of 7\n", true)]
    [TestCase("loss 0.0...", "loss 0.1\n", false)]
    [TestCase("a ... b ...", "a b\n", true)]
    [TestCase("a ... b ...", "ac b\n", false)]
    [TestCase("a\nb", "a\nx\nb\n", false)]
    [TestCase("", "anything\n", true)]
    public void What_fits(string shown, string printed, bool fits) => Assert.That(Fits(shown.Split('\n', StringSplitOptions.RemoveEmptyEntries), printed), Is.EqualTo(fits));

    private static IEnumerable<Step> Steps(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("$ ", StringComparison.Ordinal)) continue;
            yield return new Step(lines[i][2..], [.. lines.Skip(i + 1).TakeWhile(l => !l.StartsWith("$ ", StringComparison.Ordinal))]);
        }
    }

    // Notes that a machine without a graphics processor adds are no part of it; spaces may be more than shown.
    private static bool Fits(IReadOnlyList<string> shown, string printed)
    {
        var text = string.Join('\n', printed.Split('\n').Where(l => !l.StartsWith("note: ", StringComparison.Ordinal)).Select(l => Spaces().Replace(l.Trim(), " "))).Trim('\n');
        var pattern = new StringBuilder();
        for (var i = 0; i < shown.Count; i++)
        {
            var line = Spaces().Replace(shown[i].Trim(), " ");
            pattern.Append(line == "..." ? "(.*\n)*?" : Pattern(line) + "\n");
        }
        return shown.Count == 0 || Regex.IsMatch(text + "\n", $"^{pattern}$");
    }

    // Dots between spaces may stand for nothing.
    private static string Pattern(string line) => Regex.Escape(line).Replace(@"\ \.\.\.\ ", "( .*)? ", StringComparison.Ordinal).Replace(@"\ \.\.\.", "( .*)?", StringComparison.Ordinal).Replace(@"\.\.\.", ".*", StringComparison.Ordinal);

    [GeneratedRegex(@"(<!-- file: (?<file>\S+) -->\n)?```(?<kind>\w+)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
