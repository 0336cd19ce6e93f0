using System.Diagnostics;
using System.Text;
using VkNet.Formats;
using VkNet.Runner.Commands;
using VkNet.Tensors;
using VkNet.Tests.Training;

namespace VkNet.Tests.Runner;

/// <summary>A machine without a driver, staged by VK_DRIVER_FILES: every command that needs a device says what to install and exits with 2; the others work.</summary>
internal sealed class NoDriverCommandTests
{
    private const string Dense = "version: 1\ninputs: {x: {shape: [1, 4]}}\nnodes: {y: {op: dense, input: x, units: 2}}\noutputs: [y]\n";

    // {0} is a folder with files that are right in themselves.
    private static readonly string[] Needing =
    [
        "devices", "devices --json", "inspect {0}/dense.yaml", "run {0}/dense.yaml --init 1 --input x={0}/x.npy --output y={0}/y.npy",
        "compile {0}/dense.yaml -o {0}/dense.vkplan", "bench {0}/dense.yaml", "check", "check --json", "check --filter add --validate", "check --onnx-tests {0}/tests",
        "train {0}/xor.train.yaml --out {0}/out", "train {0}/xor.train.yaml --sanity", "search {0}/xor.train.yaml --space {0}/space.yaml",
        "generate {0}/xor.train.yaml --weights {0}/w.safetensors", "tune", "tune --for {0}/dense.yaml",
    ];

    private static readonly string[] Independent = ["convert {0}/dense.yaml {0}/dense.onnx --init 1", "operators", "schema", "schema --recipe", "completion bash", "check --fuzz 5 --filter npy", "--help", "--version"];

    [TestCaseSource(nameof(Needing))]
    public void Commands_that_need_a_device_exit_with_2_and_report_nothing(string line)
    {
        using var folder = Prepare();
        var before = folder.Files.ToList();
        var (exitCode, output, error) = Start(folder, line);
        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.EqualTo(2), error);
            Assert.That(error, Does.Contain("error VKN4002: no Vulkan device").And.Contain("apt-get install libvulkan1 mesa-vulkan-drivers").And.Contain("VK_DRIVER_FILES is set to '/nowhere/driver.json'"));
            Assert.That(error, Does.Not.Contain("   at "), "no stack trace");
            Assert.That(output, Is.Empty, "nothing is reported, as passed least of all");
            Assert.That(folder.Files, Is.EquivalentTo(before), "nothing is left behind");
        });
    }

    [TestCaseSource(nameof(Independent))]
    public void Commands_that_need_none_work(string line)
    {
        using var folder = Prepare();
        var (exitCode, output, error) = Start(folder, line);
        Assert.That(exitCode, Is.Zero, error + output);
    }

    [Test]
    public void Every_command_is_tried()
    {
        var tried = Needing.Concat(Independent).Select(l => l.Split(' ')[0]).ToHashSet();
        Assert.That(AllCommands.Create().Select(c => c.Build(TextWriter.Null, TextWriter.Null).Command.Name).Where(n => !tried.Contains(n)), Is.Empty);
    }

    private static ScratchFolder Prepare()
    {
        var folder = new ScratchFolder();
        folder.Write("dense.yaml", Encoding.UTF8.GetBytes(Dense));
        folder.Write("xor.yaml", Encoding.UTF8.GetBytes(RecipeFolder.Graph));
        folder.Write("xor.train.yaml", Encoding.UTF8.GetBytes(RecipeFolder.Recipe));
        folder.Write("space.yaml", "batch: [2, 4]\n"u8.ToArray());
        NpyFile.Save(folder["x.npy"], Tensor.From([1f, 2f, 3f, 4f], 1, 4));
        SafetensorsFile.Save(folder["w.safetensors"], [new("y.weight", Tensor.From(new float[8], 2, 4))]);
        Directory.CreateDirectory(folder["tests"]);
        return folder;
    }

    // A process of its own: the loader reads the environment once.
    private static (int ExitCode, string Output, string Error) Start(ScratchFolder folder, string line)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("the loader's variable is Linux's");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "vknet.dll"));
        foreach (var argument in line.Split(' ')) start.ArgumentList.Add(argument.Replace("{0}", folder["."].TrimEnd('.').TrimEnd('/'), StringComparison.Ordinal));
        start.Environment.Remove("VK_ADD_DRIVER_FILES");
        start.Environment["VK_DRIVER_FILES"] = "/nowhere/driver.json";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        Assert.That(process.WaitForExit(120_000), "vknet takes more than two minutes");
        return (process.ExitCode, output.Result, error);
    }
}
