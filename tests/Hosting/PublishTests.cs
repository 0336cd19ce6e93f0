using System.Diagnostics;
using System.Text.Json;
using VkNet.Tests.Device;
using VkNet.Tests.Examples;
using VkNet.Tests.Runner;

namespace VkNet.Tests.Hosting;

/// <summary>Programs published to machines without .NET: the archive of the runner, and a trimmed program with the library in it.</summary>
[Category("Full")]
internal sealed class PublishTests
{
    private ScratchFolder _folder = null!;

    [OneTimeSetUp]
    public void Prepare()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("the archive is for Linux");
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _folder = new ScratchFolder();
    }

    [OneTimeTearDown]
    public void Free() => _folder?.Dispose();

    [Test]
    public void The_archive_runs_where_there_is_no_dotnet()
    {
        Command.Run(TestData.Repository, Path.Combine(TestData.Repository, "tools", "pack"), "--out", _folder["packages"]);
        var archive = Directory.GetFiles(_folder["packages"], "vknet-*-linux-x64.tar.gz").Single();
        Command.Run(_folder[""], "tar", "-xzf", archive);
        var program = Path.Combine(_folder[Path.GetFileName(archive)[..^".tar.gz".Length]], "bin", "vknet");
        var examples = Path.Combine(_folder[Path.GetFileName(archive)[..^".tar.gz".Length]], "examples");
        // An environment in which nothing of .NET is to be found.
        var start = new ProcessStartInfo("/usr/bin/env", ["-i", "PATH=/nowhere", $"HOME={_folder["home"]}", "DOTNET_ROOT=/nowhere", .. Drivers(), program, "run", Path.Combine(examples, "digits", "lenet5.yaml"), "--input", $"image={Path.Combine(examples, "digits", "digit.png")}", "--top", "3", "--json"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var report = JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement;
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, error.Result);
        TestContext.Out.WriteLine(FormattableString.Invariant($"archive {new FileInfo(archive).Length / 1e6:F1} MB; first run {clock.Elapsed.TotalSeconds:F1} s"));
        Assert.That(report.GetProperty("top")[0].GetProperty("index").GetInt32(), Is.EqualTo(7));
    }

    [Test]
    public void A_trimmed_program_runs_and_trimming_has_nothing_to_warn_of()
    {
        // TreatWarningsAsErrors makes an error of every trim warning. The trimmer looks at the whole of VkNet, not only at what this program uses.
        var root = "<Project><ItemGroup><TrimmerRootAssembly Include=\"VkNet.Engine;VkNet.Ops;VkNet.Shaders\" /></ItemGroup></Project>";
        File.WriteAllText(_folder["roots.targets"], root);
        Command.Run(TestData.Repository, "dotnet", "publish", "examples/embedding-console/EmbeddingConsole.csproj", "-c", "Release", "-r", "linux-x64", "--self-contained", "-p:PublishTrimmed=true", "-p:TrimmerSingleWarn=false", $"-p:CustomAfterMicrosoftCommonTargets={_folder["roots.targets"]}", "-nologo", "-v", "q", "-o", _folder["trimmed"]);
        var arguments = new[] { ExampleFiles.At("digits", "lenet5.yaml"), ExampleFiles.At("digits", "digit.png") };
        var trimmed = Command.Run(_folder[""], Path.Combine(_folder["trimmed"], "EmbeddingConsole"), arguments);
        var whole = Command.Run(_folder[""], Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "EmbeddingConsole.dll"), .. arguments]);
        Assert.That(trimmed, Is.EqualTo(whole).And.StartWith("class 7 on "));
        TestContext.Out.WriteLine(FormattableString.Invariant($"trimmed: {Directory.GetFiles(_folder["trimmed"]).Sum(f => new FileInfo(f).Length) / 1e6:F1} MB"));
    }

    private static IEnumerable<string> Drivers() =>
        new[] { "VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES" }.Where(n => Environment.GetEnvironmentVariable(n) is not null).Select(n => $"{n}={Environment.GetEnvironmentVariable(n)}");
}
