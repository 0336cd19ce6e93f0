using System.Diagnostics;
using System.Text.Json;
using VkNet.Formats;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Examples;
using VkNet.Tests.Training;

namespace VkNet.Tests.Runner;

/// <summary><c>vknet train</c> from the command line to the exit code: what it writes, and what it says of mistakes.</summary>
internal sealed class TrainCommandTests
{
    private RecipeFolder _folder = null!;

    [SetUp]
    public void Prepare()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _folder = new RecipeFolder();
    }

    [TearDown]
    public void Clean() => _folder?.Dispose();

    [Test]
    public void It_reports_in_lines_of_JSON_and_leaves_weights_curves_and_a_page()
    {
        var result = RunnerProcess.Expect("train", _folder.Path, "--set", "epochs=20", "--out", _folder["out"], "--html", _folder["page.html"], "--json");
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.That(lines, Has.Count.EqualTo(21));
        Assert.That(lines[0].EnumerateObject().Select(p => p.Name), Is.EqualTo(new[] { "step", "epoch", "loss", "smoothedLoss", "metrics", "learningRate", "samplesPerSecond" }));
        var final = lines[^1].GetProperty("final");
        Assert.That(final.GetProperty("train").GetProperty("distance").GetDouble(), Is.Positive);
        Assert.That(final.GetProperty("loss").GetDouble(), Is.EqualTo(final.GetProperty("train").GetProperty("loss").GetDouble()));
        Assert.That(File.Exists(lines[^1].GetProperty("checkpoint").GetString()));
        var rows = File.ReadAllLines(Path.Combine(_folder["out"], "log.csv"));
        Assert.That(rows[0], Is.EqualTo("part,step,epoch,loss,distance,learning_rate,seconds"));
        Assert.That(rows, Has.Length.EqualTo(21));
        var page = File.ReadAllText(_folder["page.html"]);
        Assert.That(page, Does.Contain("<svg").And.Contain("distance").And.Contain("Update to weight").And.Contain("hidden.weight"));
        Assert.That(page, Does.Not.Contain("http-equiv=\"refresh\"").And.Not.Contain("src=").And.Not.Contain("href=\"http"), "one file, at rest when the training is");
    }

    [Test]
    public void The_accuracy_reported_is_that_of_scoring_the_saved_weights()
    {
        var data = TestData.Require("mnist");
        var trained = RunnerProcess.Expect("train", ExampleFiles.At("mnist", "lenet.train.yaml"), "--data", data, "--set", "iterations=60", "--out", _folder["out"], "--json");
        var accuracy = JsonDocument.Parse(trained.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement.GetProperty("final").GetProperty("test").GetProperty("accuracy").GetDouble();
        var score = RunnerProcess.Expect("run", ExampleFiles.At("networks", "lenet5.yaml"), "--weights", Path.Combine(_folder["out"], "weights.safetensors"), "--input", $"image={Path.Combine(data, "t10k-images-idx3-ubyte.gz")}",
            "--score", Path.Combine(data, "t10k-labels-idx1-ubyte.gz"), "--preprocess", "mean=0.1307,std=0.3081", "--json").Json.GetProperty("score");
        Assert.That(accuracy, Is.GreaterThan(0.5));
        Assert.That(Math.Round(accuracy * 10_000), Is.EqualTo(score.GetProperty("correct").GetInt32()));
    }

    [Test]
    public void A_training_that_is_killed_again_and_again_gives_the_same_weights()
    {
        // Saved after every third iteration, so that it is often killed while a checkpoint is being written.
        string[] train = ["train", _folder.Path, "--set", "optimizer={op: momentum, lr: 0.05, average: 0.9}", "--set", "batch=2", "--set", "iterations=3000", "--set", "checkpoint_every=3"];
        RunnerProcess.Expect([.. train, "--out", _folder["whole"]]);
        var checkpoint = Path.Combine(_folder["killed"], "checkpoint.safetensors");
        long reached = 0;
        foreach (var wait in new[] { 0, 130, 310 })
        {
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "vknet.dll"), .. train, "--out", _folder["killed"], .. File.Exists(checkpoint) ? new[] { "--resume", checkpoint } : []]) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            var patience = Stopwatch.StartNew();
            while (!process.HasExited && Reached() <= reached)
            {
                Assert.That(patience.Elapsed, Is.LessThan(TimeSpan.FromMinutes(2)), "no checkpoint is written");
                Thread.Sleep(5);
            }
            Thread.Sleep(wait);
            process.Kill();
            process.WaitForExit();
            Assert.That(Reached(), Is.GreaterThan(reached), "what was there is whole");
            reached = Reached();
        }
        RunnerProcess.Expect([.. train, "--out", _folder["killed"], "--resume", checkpoint]);
        foreach (var file in new[] { "checkpoint.safetensors", "weights.safetensors" })
            Assert.That(File.ReadAllBytes(Path.Combine(_folder["killed"], file)), Is.EqualTo(File.ReadAllBytes(Path.Combine(_folder["whole"], file))), file);

        long Reached() => File.Exists(checkpoint) ? VkNet.Training.Checkpoint.Load(checkpoint).Iteration : -1;
    }

    [Test]
    public void Settings_are_searched_and_ranked()
    {
        File.WriteAllText(_folder["space.yaml"], "optimizer.lr: [1e-6, 0.05, 0.01]\n");
        var trials = RunnerProcess.Expect("search", _folder.Path, "--space", _folder["space.yaml"], "--set", "epochs=40", "--json").Json.GetProperty("trials").EnumerateArray().ToList();
        Assert.That(trials.Select(t => t.GetProperty("settings").GetProperty("optimizer.lr").GetString()), Is.EqualTo(new[] { "0.05", "0.01", "1e-6" }));
        Assert.That(RunnerProcess.Expect("search", _folder.Path, "--space", _folder["space.yaml"], "--trials", "2", "--metric", "loss").Output.Split('\n')[1], Does.StartWith("1").And.EndWith("0.05"));
    }

    [Test]
    public void A_model_of_text_writes()
    {
        File.WriteAllText(_folder["tinyshakespeare.txt"], string.Concat(Enumerable.Repeat("abacadae", 100)));
        string[] recipe = [ExampleFiles.At("text", "min-char-rnn.train.yaml"), "--data", _folder[""], "--set", "bind.V=5", "--set", "iterations=300"];
        RunnerProcess.Expect(["train", .. recipe, "--out", _folder["out"]]);
        string[] generate = ["generate", .. recipe, "--weights", Path.Combine(_folder["out"], "weights.safetensors"), "--length", "13", "--prompt"];
        Assert.That(RunnerProcess.Expect([.. generate, "aba", "--temperature", "0"]).Output.TrimEnd(), Does.Match("^aba[abcde]{13}$"));
        Assert.That(RunnerProcess.Expect([.. generate, "aba", "--seed", "7", "--json"]).Json.GetProperty("text").GetString(), Is.EqualTo(RunnerProcess.Expect([.. generate, "aba", "--seed", "7"]).Output.TrimEnd()));
        RunnerProcess.Expect(1, "VKN5211", [.. generate, "xyz"]);
    }

    [Test]
    public void Sanity_checks_have_an_exit_code()
    {
        Assert.That(RunnerProcess.Expect("train", _folder.Path, "--sanity").Output, Does.Contain("ok   initial loss").And.Contain("ok   gradients"));
        Assert.That(RunnerProcess.Run("train", _folder.Path, "--sanity", "--set", "optimizer.lr=1e-7").ExitCode, Is.EqualTo(4));
    }

    [TestCase("epochs=0", "VKN1203", "at least 1")]
    [TestCase("optimizer.lr=0", "VKN5021", "cannot be 0")]
    [TestCase("optimizer.lr=.nan", "VKN5021", "cannot be .nan")]
    [TestCase("optimiser.lr=1", "VKN1102", "did you mean 'optimizer'?")]
    [TestCase("loss.opp=square", "VKN1102", "did you mean 'op'?")]
    [TestCase("loss.op=square", "VKN5002", "must be a real scalar")]
    [TestCase("data.feed.y2=targets", "VKN5116", "'y2'")]
    [TestCase("data.feed.x=pionts", "VKN5110", "did you mean 'points'?")]
    [TestCase("data.feed={t: targets}", "VKN5112", "input 'x")]
    [TestCase("data.train.columns.targets=[[0], [1]]", "VKN5101", "'points' has 4")]
    [TestCase("batch=5", "VKN5113", "4 training examples")]
    public void Mistakes_in_a_recipe_exit_with_1(string setting, string code, string fragment)
    {
        var result = RunnerProcess.Expect(1, code, "train", _folder.Path, "--set", setting, "--out", _folder["out"]);
        Assert.That(result.Error, Does.Contain(fragment));
        Assert.That(result.Output, Is.Empty);
        Assert.That(Directory.Exists(_folder["out"]), Is.False, "nothing is left behind");
    }

    [Test]
    public void A_path_without_gradient_is_named()
    {
        using var folder = new RecipeFolder(RecipeFolder.Recipe.Replace("loss: {op: reduce_mean, input: squared}", "loss: volume", StringComparison.Ordinal)
            .Replace("  magnitude:", "  peak: {op: hardmax, input: difference}\n  volume: {op: reduce_mean, input: peak}\n  magnitude:", StringComparison.Ordinal));
        var result = RunnerProcess.Expect(1, "VKN5001", "train", folder.Path, "--out", folder["out"]);
        Assert.That(result.Error, Does.Contain("hardmax 'peak' has no gradient rule"));
    }

    // Files of data, each wrong in one way.
    [TestCase("idx", "{source: idx, images: cut.idx}", "VKN6303")]
    [TestCase("idx", "{source: idx, images: empty.idx}", "VKN63")]
    [TestCase("idx", "{source: idx, images: images.idx, labels: few.idx}", "VKN5101")]
    [TestCase("idx", "{source: idx, images: nowhere.idx}", "VKN6001")]
    [TestCase("cifar", "{source: cifar10, files: [cut.idx]}", "VKN5104")]
    [TestCase("csv", "{source: csv, file: empty.csv, columns: {points: [a, b]}}", "VKN5102")]
    [TestCase("csv", "{source: csv, file: short.csv, columns: {points: [a, b], targets: [c]}}", "short.csv:3:3: error VKN5105")]
    [TestCase("csv", "{source: csv, file: words.csv, columns: {points: [a, b], targets: [c]}}", "words.csv:2:3: error VKN5106")]
    public void Mistakes_in_data_exit_with_1(string kind, string source, string code)
    {
        IdxFile.Save(_folder["images.idx"], Tensor.From(new byte[16], 4, 2, 2));
        IdxFile.Save(_folder["few.idx"], Tensor.From(new byte[3], 3));
        File.WriteAllBytes(_folder["cut.idx"], File.ReadAllBytes(_folder["images.idx"])[..20]);
        File.WriteAllBytes(_folder["empty.idx"], []);
        File.WriteAllText(_folder["empty.csv"], "");
        File.WriteAllText(_folder["short.csv"], "a,b,c\n1,2,3\n4,5\n");
        File.WriteAllText(_folder["words.csv"], "a,b,c\n1,two,3\n");
        var result = RunnerProcess.Run("train", _folder.Path, "--set", $"data.train={source}", "--out", _folder["out"]);
        Assert.That(result.ExitCode, Is.EqualTo(1), $"{kind}: {result.Error}");
        Assert.That(result.Error, Does.Contain(code));
    }

    [Test]
    public void Labels_beyond_the_classes_are_found_before_anything_runs()
    {
        const string Recipe = """
            version: 1
            train: xor.yaml
            data:
              train: {source: csv, file: points.csv, columns: {points: [a, b], kind: kind}}
              feed: {x: points, label: kind}
            loss: {op: softmax_cross_entropy, logits: y, labels: label}
            optimizer: {op: sgd, lr: 0.1}
            batch: 2
            """;
        using var folder = new RecipeFolder(Recipe, RecipeFolder.Graph.Replace("units: 1}", "units: 3}", StringComparison.Ordinal));
        File.WriteAllText(folder["points.csv"], "a,b,kind\n1,2,0\n2,3,3\n4,5,1\n");
        Assert.That(RunnerProcess.Expect(1, "VKN5103", "train", folder.Path, "--out", folder["out"]).Error, Does.Contain("go up to 3").And.Contain("3 classes"));
        File.WriteAllText(folder["points.csv"], "a,b,kind\n1,2,0\n2,3,-1\n4,5,1\n");
        Assert.That(RunnerProcess.Run("train", folder.Path, "--out", folder["out"]).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void Checkpoints_that_are_none_or_of_another_net_are_refused()
    {
        RunnerProcess.Expect("train", _folder.Path, "--set", "epochs=1", "--out", _folder["out"]);
        var checkpoint = Path.Combine(_folder["out"], "checkpoint.safetensors");
        RunnerProcess.Expect(1, "VKN5030", "train", _folder.Path, "--resume", Path.Combine(_folder["out"], "weights.safetensors"));
        RunnerProcess.Expect(1, "VKN6001", "train", _folder.Path, "--resume", _folder["nothing.safetensors"]);
        using var wider = new RecipeFolder(graph: RecipeFolder.Graph.Replace("units: 8", "units: 9", StringComparison.Ordinal));
        RunnerProcess.Expect(1, "VKN5031", "train", wider.Path, "--resume", checkpoint, "--out", wider["out"]);
        File.WriteAllBytes(checkpoint, File.ReadAllBytes(checkpoint)[..^5]);
        RunnerProcess.Expect(1, "VKN6208", "train", _folder.Path, "--resume", checkpoint);
    }

    [Test]
    public void A_loss_that_is_not_finite_exits_with_4_and_names_the_node()
    {
        var result = RunnerProcess.Expect(4, "VKN5201", "train", _folder.Path, "--set", "nodes.squared.op=log", "--out", _folder["out"]);
        Assert.That(result.Error, Does.Contain("'squared' (log)").And.Contain("checkpoint.safetensors holds the training before it"));
    }

    [Test]
    public void A_full_disk_and_one_that_is_read_only_corrupt_nothing()
    {
        var disk = _folder["disk"];
        Directory.CreateDirectory(disk);
        if (!OperatingSystem.IsLinux() || Mount("-t", "tmpfs", "-o", "size=48k", "tmpfs", disk) != 0) Assert.Ignore("a small disk can be mounted by root on Linux only");
        try
        {
            var folder = Path.Combine(disk, "out");
            RunnerProcess.Expect("train", _folder.Path, "--set", "epochs=2", "--out", folder);
            var checkpoint = Path.Combine(folder, "checkpoint.safetensors");
            var before = File.ReadAllBytes(checkpoint);
            Fill(Path.Combine(disk, "filler"));
            var full = RunnerProcess.Expect(1, "VKN6003", "train", _folder.Path, "--set", "epochs=4", "--resume", checkpoint, "--out", folder);
            Assert.That(full.Error, Does.Contain("No space left"));
            Assert.That(File.ReadAllBytes(checkpoint), Is.EqualTo(before));
            Assert.That(Directory.EnumerateFiles(folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { "checkpoint.safetensors", "log.csv", "weights.safetensors" }));
            File.Delete(Path.Combine(disk, "filler"));
            Assert.That(Mount("-o", "remount,ro", disk), Is.Zero);
            RunnerProcess.Expect(1, "VKN6003", "train", _folder.Path, "--set", "epochs=4", "--resume", checkpoint, "--out", folder);
            RunnerProcess.Expect(1, "VKN6003", "train", _folder.Path, "--set", "epochs=1", "--out", Path.Combine(disk, "other"));
            Assert.That(File.ReadAllBytes(checkpoint), Is.EqualTo(before));
            Assert.That(Mount("-o", "remount,rw", disk), Is.Zero);
            RunnerProcess.Expect("train", _folder.Path, "--set", "epochs=4", "--resume", checkpoint, "--out", folder);
        }
        finally
        {
            Start("umount", "-l", disk);
        }

        static void Fill(string path)
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            try
            {
                for (var i = 0; i < 1000; i++) file.Write(new byte[512]);
            }
            catch (IOException)
            {
                // That is what it is for.
            }
        }
    }

    private static int Mount(params string[] arguments) => Start("mount", arguments);

    private static int Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
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
