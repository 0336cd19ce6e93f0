using System.Diagnostics;
using VkNet.Formats;
using VkNet.Tests.Device;
using VkNet.Tests.Training;
using VkNet.Training;

namespace VkNet.Tests.Runner;

/// <summary>
/// Trainings ended from outside: by kill -9 and Ctrl-C at random moments from the first instruction on, by a full disk, a read-only or a
/// vanishing folder, and beside one another over the same files. What is on disk afterwards is always whole, and the training goes on from it
/// to the bit.
/// </summary>
[Category("Faults")]
internal sealed class KillTests
{
    private const int Kill = 9, Cancelled = 130;

    // Some tens of milliseconds of steps between checkpoints, a part to evaluate and every kind of figure that a checkpoint carries.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["epochs"] = "400",
        ["batch"] = "2",
        ["checkpoint_every"] = "20",
        ["optimizer"] = "{op: momentum, lr: 0.05, average: 0.9}",
        ["schedule"] = "{type: plateau, patience: 50, factor: 0.5}",
    };

    private RecipeFolder _folder = null!;

    [SetUp]
    public void Prepare()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("signals and limits are sent by libc's calls");
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _folder = new RecipeFolder();
    }

    [TearDown]
    public void Clean() => _folder?.Dispose();

    [Test]
    public void Killed_trainings_go_on_to_the_bit() => End(Kill, 4);

    [Test]
    [Category("Full")]
    public void A_hundred_killed_trainings_go_on_to_the_bit() => End(Kill, 100);

    [Test]
    public void Interrupted_trainings_go_on_to_the_bit() => End(VkNetProcess.Interrupt, 4);

    [Test]
    [Category("Full")]
    public void Thirty_interrupted_trainings_go_on_to_the_bit() => End(VkNetProcess.Interrupt, 30);

    [Test]
    public void Processes_that_share_caches_leave_whole_files()
    {
        var expected = Finished("whole");
        var caches = _folder["caches"];
        var processes = Enumerable.Range(0, 3).Select(i => (Name: $"beside{i}", Process: VkNetProcess.Start(Train($"beside{i}"), caches))).ToList();
        var lost = 0;
        foreach (var (name, process) in processes)
        {
            Assert.That(process.WaitForExit(180_000), "a training takes more than three minutes");
            if (process.ExitCode != 0 || !File.ReadAllBytes(Checkpoint(name)).SequenceEqual(expected)) lost++;
            process.Dispose();
        }
        // The caches that they wrote into are read by the next one.
        using (var next = VkNetProcess.Start(Train("next"), caches))
        {
            next.WaitForExit();
            if (next.ExitCode != 0 || !File.ReadAllBytes(Checkpoint("next")).SequenceEqual(expected)) lost++;
        }
        if (Directory.EnumerateFiles(caches).Any(f => Path.GetFileName(f).StartsWith('.'))) lost++;
        FaultCount.Note("processes over the same caches", processes.Count, lost);
    }

    [Test]
    public void Of_trainings_into_one_folder_one_goes_on_and_the_others_say_so()
    {
        var expected = Finished("whole");
        using var first = VkNetProcess.Start(Train("shared", ("epochs", "100000")));
        while (!File.Exists(Checkpoint("shared")) && !first.HasExited) Thread.Sleep(5);
        var lost = 0;
        for (var i = 0; i < 2; i++)
        {
            using var other = VkNetProcess.Start(Train("shared"));
            other.WaitForExit();
            if (other.ExitCode != 1 || !other.ErrorText.Contains("VKN5032", StringComparison.Ordinal)) lost++;
        }
        if (first.HasExited || !IsWhole(Checkpoint("shared"))) lost++;
        // One that was killed is in nobody's way.
        VkNetProcess.Send(first, Kill);
        first.WaitForExit();
        using (var next = VkNetProcess.Start(Train("shared")))
        {
            next.WaitForExit();
            if (next.ExitCode != 0 || !File.ReadAllBytes(Checkpoint("shared")).SequenceEqual(expected)) lost++;
        }
        if (!Directory.EnumerateFiles(_folder["shared"]).Select(Path.GetFileName).Order(StringComparer.Ordinal).SequenceEqual(["checkpoint.safetensors", "log.csv", "weights.safetensors"])) lost++;
        FaultCount.Note("trainings into a folder that another one has", 3, lost);
    }

    [Test]
    public void Plans_and_tuning_tables_written_side_by_side_are_whole()
    {
        var caches = _folder["caches"];
        File.WriteAllText(_folder["layers.yaml"], "version: 1\ninputs: {x: {shape: [1, 4, 9, 9]}}\nnodes:\n  a: {op: conv2d, input: x, filters: 8, kernel: 3}\n  b: {op: conv2d, input: a, filters: 8, kernel: 1}\noutputs: [b]\n");
        File.WriteAllText(_folder["product.yaml"], "version: 1\ninputs: {x: {shape: [5, 64]}}\nnodes: {y: {op: dense, input: x, units: 130}}\noutputs: [y]\n");
        var (plan, lost) = (_folder["shared.vkplan"], 0);
        var graphs = new[] { _folder["layers.yaml"], _folder["product.yaml"] };
        var processes = graphs.SelectMany(g => (VkNetProcess[])[VkNetProcess.Start(["compile", g, "-o", plan]), VkNetProcess.Start(["tune", "--for", g, "--quick"], caches), VkNetProcess.Start(["compile", g, "-o", plan])]).ToList();
        foreach (var process in processes)
        {
            process.WaitForExit();
            if (process.ExitCode != 0) lost++;
            process.Dispose();
        }
        // Whichever was last.
        if (!InterruptionTests.IsWhole(plan)) lost++;
        if (Directory.EnumerateFiles(_folder["."]).Concat(Directory.EnumerateFiles(caches)).Any(f => Path.GetFileName(f).StartsWith('.') || f.EndsWith(".lock", StringComparison.Ordinal))) lost++;
        FaultCount.Note("processes that write one plan, one tuning table", processes.Count, lost);
    }

    [Test]
    public void A_disk_that_fills_up_leaves_the_last_whole_checkpoint()
    {
        var expected = Finished("whole");
        var (injected, lost) = (0, 0);
        // Room for the first files, which shrinks until not even these fit.
        foreach (var kilobytes in new[] { 12, 8, 4, 1 })
        {
            var name = $"full{kilobytes}";
            Directory.CreateDirectory(_folder[name]);
            if (Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "vknet", _folder[name]) != 0) Assert.Ignore("a small file system can only be mounted by root");
            try
            {
                using var process = VkNetProcess.Start(Train(name, ("checkpoint_every", "1")));
                process.WaitForExit();
                injected++;
                if (process.ExitCode != 1 || !IsWritingFault(process)) lost++;
                if (File.Exists(Checkpoint(name)) && !IsWhole(Checkpoint(name))) lost++;
                Run("mount", "-o", "remount,size=10m", _folder[name]);
                if (!Resumed(name).SequenceEqual(expected)) lost++;
            }
            finally
            {
                Run("umount", _folder[name]);
            }
        }
        FaultCount.Note("disks that fill up during a training", injected, lost);
    }

    [Test]
    public void A_folder_that_cannot_be_written_or_vanishes_is_said()
    {
        var lost = 0;
        using (var process = VkNetProcess.Start(Train("/proc/vknet")))
        {
            process.WaitForExit();
            if (process.ExitCode != 1 || !IsWritingFault(process)) lost++;
        }
        using (var process = VkNetProcess.Start(Train("gone", ("epochs", "100000"))))
        {
            while (!File.Exists(Checkpoint("gone")) && !process.HasExited) Thread.Sleep(5);
            // A temporary file may be made again between the listing and the deletion.
            for (var i = 0; Directory.Exists(_folder["gone"]) && i < 100; i++)
            {
                try
                {
                    Directory.Delete(_folder["gone"], recursive: true);
                }
                catch (IOException)
                {
                    Thread.Sleep(1);
                }
            }
            Assert.That(process.WaitForExit(60_000), "a training goes on although its folder is gone");
            process.WaitForExit();
            if (process.ExitCode != 1 || !IsWritingFault(process)) lost++;
        }
        // Caches that are in nobody's way: a cache folder that cannot be written is no error.
        using (var process = VkNetProcess.Start(Train("cold"), "/proc/vknet"))
        {
            process.WaitForExit();
            if (process.ExitCode != 0) lost++;
        }
        FaultCount.Note("folders that are read-only or vanish", 3, lost);
    }

    // Ends processes at random moments until so many were ended; whenever one finishes, its files are compared with those of a training left alone.
    private void End(int signal, int times)
    {
        var begin = Stopwatch.GetTimestamp();
        var expected = Finished("whole");
        var life = Stopwatch.GetElapsedTime(begin);
        var random = new Random(times);
        var (ended, finished, lost, late) = (0, 0, 0, 0);
        while (ended < times || finished == 0)
        {
            using var process = VkNetProcess.Start(Resuming("part"));
            // From the loading of the program to the last file.
            if (ended < times && !process.WaitForExit(random.Next((int)(1.1 * life.TotalMilliseconds))))
            {
                if (VkNetProcess.Send(process, signal) == 0) ended++;
            }
            process.WaitForExit();
            if (process.ExitCode == 0)
            {
                finished++;
                if (!File.ReadAllBytes(Checkpoint("part")).SequenceEqual(expected)) Fault("a training that went on differs from one left alone");
                if (!File.ReadAllBytes(Path.Combine(_folder["part"], "weights.safetensors")).SequenceEqual(File.ReadAllBytes(Path.Combine(_folder["whole"], "weights.safetensors")))) Fault("the weights differ");
                if (!Rows("part").SequenceEqual(Rows("whole"))) Fault("the log differs");
                Directory.Delete(_folder["part"], recursive: true);
                continue;
            }
            // Before the program has taken the signal over, the system ends it, with the same exit code as a shell sees it.
            if (process.ExitCode != (signal == Kill ? 128 + Kill : Cancelled)) Fault($"exit code {process.ExitCode}");
            if (File.Exists(Checkpoint("part")))
            {
                late++;
                if (!IsWhole(Checkpoint("part"))) Fault("a checkpoint is damaged");
            }
        }
        TestContext.Out.WriteLine($"{ended} ended, {late} of them after the first checkpoint; {finished} trainings finished");
        FaultCount.Note(signal == Kill ? "kill -9 of a training, then resumed" : "Ctrl-C during a training, then resumed", ended, lost);

        void Fault(string what)
        {
            lost++;
            TestContext.Out.WriteLine(what);
        }
    }

    // Part, step, epoch and figures of the log; the time of day is another one each time.
    private List<string> Rows(string name) => [.. File.ReadAllLines(Path.Combine(_folder[name], "log.csv")).Select(l => l[..l.LastIndexOf(',')])];

    private byte[] Finished(string name)
    {
        using var process = VkNetProcess.Start(Train(name));
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
        return File.ReadAllBytes(Checkpoint(name));
    }

    private byte[] Resumed(string name)
    {
        using var process = VkNetProcess.Start(Resuming(name));
        process.WaitForExit();
        return process.ExitCode == 0 ? File.ReadAllBytes(Checkpoint(name)) : [];
    }

    private static bool IsWritingFault(VkNetProcess process)
    {
        if (process.ErrorText.Contains("VKN6003", StringComparison.Ordinal)) return true;
        TestContext.Out.WriteLine(process.ErrorText);
        return false;
    }

    private static bool IsWhole(string file)
    {
        try
        {
            return SafetensorsFile.Load(file).Count > 0;
        }
        catch (VkNetException)
        {
            return false;
        }
    }

    private string Checkpoint(string name) => Path.Combine(_folder[name], "checkpoint.safetensors");

    private string[] Train(string name, params (string Key, string Value)[] changes)
    {
        var settings = new Dictionary<string, string>(Settings);
        foreach (var (key, value) in changes) settings[key] = value;
        return ["train", _folder.Path, "--out", _folder[name], .. settings.SelectMany(s => (string[])["--set", $"{s.Key}={s.Value}"])];
    }

    private string[] Resuming(string name) => File.Exists(Checkpoint(name)) ? [.. Train(name), "--resume", Checkpoint(name)] : Train(name);

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
