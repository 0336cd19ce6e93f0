using System.Diagnostics;
using System.Globalization;
using System.Text;
using VkNet.Devices;
using VkNet.Formats;
using VkNet.Formats.Plans;
using VkNet.Tests.Device;
using VkNet.Tests.Examples;

namespace VkNet.Tests.Runner;

/// <summary>
/// Ctrl-C at any moment of any command: exit code 130 soon afterwards, no file that is half a file, no temporary one left, and a terminal as
/// it was before.
/// </summary>
[Category("Faults")]
internal sealed class InterruptionTests
{
    private const int Cancelled = 130, Finished = 0;

    // Orderly ends take what the step under way takes, others two seconds; the rest is for a machine that does other work as well.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(30);

    private ScratchFolder _folder = null!;

    [SetUp]
    public void Prepare()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("signals are sent by libc's calls");
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _folder = new ScratchFolder();
        Directory.CreateDirectory(_folder["caches"]);
        // Deep enough to be compiled for seconds.
        var deep = new StringBuilder("version: 1\ninputs: {x: {shape: [5]}}\nnodes:\n");
        for (var i = 0; i < 20_000; i++) deep.Append(CultureInfo.InvariantCulture, $"  n{i}: {{op: softmax, input: {(i == 0 ? "x" : $"n{i - 1}")}}}\n");
        File.WriteAllText(_folder["deep.yaml"], deep.Append("outputs: [n19999]\n").ToString());
        // One run of it is a submission of minutes, which nothing can call back.
        var heavy = new StringBuilder("version: 1\ninputs: {x: {shape: [2048, 2048]}}\nparameters: {w: {shape: [2048, 2048], init: xavier}}\nnodes:\n");
        for (var i = 0; i < 2_000; i++) heavy.Append(CultureInfo.InvariantCulture, $"  n{i}: {{op: matmul, inputs: [{(i == 0 ? "x" : $"n{i - 1}")}, w]}}\n");
        File.WriteAllText(_folder["heavy.yaml"], heavy.Append("outputs: [n1999]\n").ToString());
    }

    [TearDown]
    public void Clean() => _folder?.Dispose();

    private static readonly string[] Endless =
    [
        "run {digits}/lenet5.yaml --input image={digits}/digit.png --repeat 1000000000 --output logits={out}/logits.npy --trace {out}/trace.json",
        "bench {digits}/lenet5.yaml --iterations 1000000000 --html {out}/bench.html",
        "bench {scratch}/heavy.yaml --html {out}/bench.html",
        "compile {scratch}/deep.yaml -o {out}/deep.vkplan",
        "inspect {scratch}/deep.yaml --html {out}/inspect.html --dot {out}/graph.dot",
        "convert {scratch}/deep.yaml {out}/deep.onnx",
        "tune",
        "check",
        "check --fuzz 1000000000",
        "search {digits}/lenet.train.yaml --space {scratch}/space.yaml --trials 1000000",
        "train {digits}/lenet.train.yaml --out {out}/run --html {out}/train.html",
        "train {digits}/lenet.train.yaml --sanity",
    ];

    [TestCaseSource(nameof(Endless))]
    public void Every_command_ends_soon_and_leaves_whole_files(string line) => Interrupt(line, 2);

    [TestCaseSource(nameof(Endless))]
    [Category("Full")]
    public void Every_command_ends_soon_at_twenty_moments(string line) => Interrupt(line, 20);

    private void Interrupt(string line, int times)
    {
        File.WriteAllText(_folder["space.yaml"], "optimizer.lr: {log_uniform: [0.0001, 0.01]}\n");
        var random = new Random(line.Length);
        var (lost, finished) = (0, 0);
        for (var i = 0; i < times; i++)
        {
            var output = _folder[$"out{i}"];
            Directory.CreateDirectory(output);
            string[] arguments = [.. line.Split(' ').Select(a => a.Replace("{digits}", ExampleFiles.At("digits"), StringComparison.Ordinal).Replace("{scratch}", _folder["."], StringComparison.Ordinal).Replace("{out}", output, StringComparison.Ordinal))];
            var temporary = _folder[$"tmp{i}"];
            Directory.CreateDirectory(temporary);
            using var process = VkNetProcess.Start(arguments, _folder["caches"], temporary);
            // From the first instruction on, to the middle of the work.
            process.WaitForExit(random.Next(6_000));
            if (!process.HasExited) VkNetProcess.Send(process, VkNetProcess.Interrupt);
            if (!process.WaitForExit((int)LongestEnd.TotalMilliseconds)) Fault("goes on");
            else if (process.ExitCode == Finished) finished++;
            else if (process.ExitCode != Cancelled) Fault($"exit code {process.ExitCode}: {process.ErrorText}");
            foreach (var file in Directory.EnumerateFileSystemEntries(_folder["."], "*", SearchOption.AllDirectories))
            {
                // The runtime has files of its own in the temporary folder, which it leaves when it is ended before it has begun.
                var mark = file.StartsWith(temporary, StringComparison.Ordinal) ? "vknet" : ".";
                if (Path.GetFileName(file).StartsWith(mark, StringComparison.Ordinal)) Fault($"left {file}");
                else if (File.Exists(file) && !IsWhole(file)) Fault($"{file} is no whole file");
            }

            void Fault(string what)
            {
                lost++;
                TestContext.Out.WriteLine($"vknet {line}, {i}: {what}");
            }
        }
        // Commands that end by themselves may be faster than the signal.
        if (line.Contains("000000", StringComparison.Ordinal)) lost += finished;
        FaultCount.Note("Ctrl-C during a command", times, lost);
    }

    [Test]
    public void A_run_of_the_device_that_takes_minutes_does_not_hold_up_the_end()
    {
        NpyFile.Save(_folder["x.npy"], Tensors.Tensor.Zeros(Tensors.DataType.Float32, [2048, 2048]));
        using var process = VkNetProcess.Start(["run", _folder["heavy.yaml"], "--init", "1", "--input", $"x={_folder["x.npy"]}", "--output", $"n1999={_folder["y.npy"]}"]);
        if (process.WaitForExit(8_000)) Assert.Ignore("this device computes 34 TFLOP in a few seconds");
        VkNetProcess.Send(process, VkNetProcess.Interrupt);
        Assert.That(process.WaitForExit((int)LongestEnd.TotalMilliseconds), "the process waits for the device");
        Assert.That(process.ExitCode, Is.EqualTo(Cancelled), process.ErrorText);
        Assert.That(process.ErrorText, Does.Contain("cancelled"));
        Assert.That(_folder.Files.Where(f => f.StartsWith('.') || f == "y.npy"), Is.Empty);
    }

    [Test]
    public void The_terminal_is_as_it_was_and_the_progress_line_is_gone()
    {
        if (!File.Exists("/usr/bin/script")) Assert.Ignore("there is no 'script' on this machine, which makes a terminal for a program");
        // The key reaches the program through the terminal, as it does from a user; the shell around it goes on.
        var line = string.Join(' ', VkNetProcess.CommandLine(["bench", ExampleFiles.At("digits", "lenet5.yaml"), "--iterations", "1000000000"]).Select(a => $"'{a}'"));
        File.WriteAllText(_folder["session.sh"], $"trap : INT\nstty -g > before\n{line}\necho $? > code\nstty -g > after\n");
        var script = VkNetProcess.Interruptible(["/usr/bin/script", "-qec", "sh session.sh", "/dev/null"]);
        var start = new ProcessStartInfo(script[0], script[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = _folder["."] };
        using var terminal = Process.Start(start)!;
        var seen = new StringBuilder();
        var pressed = false;
        var buffer = new char[1024];
        for (int read; (read = terminal.StandardOutput.Read(buffer)) > 0;)
        {
            seen.Append(buffer, 0, read);
            if (pressed || !seen.ToString().Contains("timing", StringComparison.Ordinal)) continue;
            pressed = true;
            terminal.StandardInput.Write('\x03');
            terminal.StandardInput.Flush();
        }
        Assert.That(terminal.WaitForExit(60_000));
        Assert.That(pressed, seen.ToString());
        Assert.That(File.ReadAllText(_folder["code"]).Trim(), Is.EqualTo("130"));
        Assert.That(File.ReadAllText(_folder["after"]), Is.EqualTo(File.ReadAllText(_folder["before"])));
        // The bar is wiped out before the last word, which stands at the beginning of its line.
        Assert.That(seen.ToString(), Does.Match("\r +\rcancelled\r?\n"));
    }

    /// <summary>Whether a file is complete, as far as its kind can be checked.</summary>
    internal static bool IsWhole(string file)
    {
        try
        {
            switch (Path.GetExtension(file))
            {
                case ".safetensors": return SafetensorsFile.Load(file).Count > 0;
                case ".npy": return NpyFile.Load(file).Count > 0;
                case ".vkplan": return PlanFile.Load(file, new DeviceProfile()) is not null;
                case ".html": return File.ReadAllText(file).TrimEnd().EndsWith("</html>", StringComparison.Ordinal);
                case ".json": return System.Text.Json.JsonDocument.Parse(File.ReadAllText(file)) is not null;
                default: return true;
            }
        }
        catch (VkNetException e)
        {
            // The check sum is right; it is only for another device than the one on paper.
            return e.Diagnostic.Code == "VKN6604";
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
