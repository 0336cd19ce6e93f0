using System.Diagnostics;
using System.Text.RegularExpressions;
using VkNet.Tests.Device;
using VkNet.Tests.Runner;

namespace VkNet.Tests.Examples;

/// <summary>What the READMEs say is true: their commands run, their listings are those of the files, their links lead somewhere.</summary>
internal sealed partial class ReadmeTests
{
    // Commands that take minutes, and those that want what such a one has trained (runs/), have tests of their own.
    private static readonly string[] Quick = ["check", "compile", "devices", "inspect", "operators", "run", "schema"];

    // What people read first: its commands run.
    private static IEnumerable<string> Files() => Documents().Where(f => f == "README.md" || f.StartsWith("examples", StringComparison.Ordinal));

    private static IEnumerable<string> Documents() =>
        from file in Directory.EnumerateFiles(TestData.Repository, "*.md", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(TestData.Repository, file).Replace('\\', '/')
        where !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or "node_modules" || part.StartsWith('.'))
        orderby path
        select path;

    [Test]
    public void Every_room_has_a_page()
    {
        var rooms = new[] { "", "engine", "ops", "ops/Onnx", "shaders", "tools", "perf", "tests", "examples" }.Concat(new[] { "Interop", "Device", "Tensors", "Graphs", "Compilation", "Execution", "Formats", "Training", "Hosting" }.Select(r => $"engine/{r}"));
        Assert.That(rooms.Where(r => !File.Exists(Path.Combine(TestData.Repository, r, "README.md"))), Is.Empty);
        Assert.That(File.ReadAllLines(Path.Combine(TestData.Repository, "README.md")), Has.Length.LessThan(70), "the README is one screen and a table of contents");
    }

    private static IEnumerable<TestCaseData> Commands() =>
        from file in Files()
        from line in Lines(file)
        where line.StartsWith("tools/vknet ", StringComparison.Ordinal) && Quick.Contains(line.Split(' ')[1]) && !line.Contains("runs/", StringComparison.Ordinal)
        select new TestCaseData(line).SetArgDisplayNames($"{file}: {line}");

    [TestCaseSource(nameof(Commands))]
    public void Commands_run(string line)
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        using var folder = new ScratchFolder();
        // Files of the repository are read where they are; all others are written.
        var arguments = line.Split('>')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(Place).ToArray();
        RunnerProcess.Expect(arguments);

        string Place(string argument)
        {
            var (name, path) = argument.IndexOf('=', StringComparison.Ordinal) is var split and > 0 ? (argument[..(split + 1)], argument[(split + 1)..]) : ("", argument);
            var own = Path.Combine(TestData.Repository, path);
            return Path.Exists(own) && path.Length > 0 ? name + own : name.Length > 0 && Path.HasExtension(path) ? name + folder[path] : argument;
        }
    }

    [TestCaseSource(nameof(Documents))]
    public void Links_lead_somewhere(string file)
    {
        var folder = Path.GetDirectoryName(Path.Combine(TestData.Repository, file))!;
        var text = File.ReadAllText(Path.Combine(TestData.Repository, file));
        var targets = Link().Matches(text).Select(m => m.Groups[1].Value).Where(t => !t.StartsWith("http", StringComparison.Ordinal));
        Assert.That(targets.Where(t => !Path.Exists(Path.Combine(folder, t))), Is.Empty);
        var named = Named().Matches(text).Select(m => m.Value);
        Assert.That(named.Where(t => !Path.Exists(Path.Combine(TestData.Repository, t))), Is.Empty);
    }

    [TestCase("yaml", "examples/networks/lenet5.yaml")]
    [TestCase("csharp", "examples/embedding-console/Program.cs")]
    public void Listings_are_those_of_the_files(string language, string file)
    {
        var readme = File.ReadAllText(Path.Combine(TestData.Repository, Path.GetDirectoryName(file)!, "README.md"));
        var begin = readme.IndexOf($"```{language}\n", StringComparison.Ordinal) + language.Length + 4;
        var listing = readme[begin..readme.IndexOf("```", begin, StringComparison.Ordinal)];
        Assert.That(File.ReadAllText(Path.Combine(TestData.Repository, file)), Does.EndWith(listing));
    }

    [Test]
    public void The_embedded_network_names_a_class()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "EmbeddingConsole.dll"), ExampleFiles.At("digits", "lenet5.yaml"), ExampleFiles.At("digits", "digit.png") })
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        Assert.That(process.StandardOutput.ReadToEnd(), Does.StartWith("class 7 on "));
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }

    // Lines that end in a backslash go on in the next.
    private static IEnumerable<string> Lines(string file) =>
        Continued().Replace(File.ReadAllText(Path.Combine(TestData.Repository, file)), " ").Split('\n').Select(l => l.Trim());

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"examples/[\w/.-]*\w")]
    private static partial Regex Named();
}
