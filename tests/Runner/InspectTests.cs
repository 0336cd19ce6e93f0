using System.Text.Json;

namespace VkNet.Tests.Runner;

/// <summary>What <c>vknet inspect --json</c> says is true: the bound is recomputed from the schedule and the tensors it lists.</summary>
internal sealed class InspectTests
{
    private static readonly string[] Networks = ["lenet5", "squeezenet", "resnet50"];

    [TestCaseSource(nameof(Networks))]
    public void The_lower_bound_follows_from_schedule_and_tensors(string network)
    {
        using var report = Inspect(network);
        var root = report.RootElement;
        var schedule = root.GetProperty("schedule").EnumerateArray().ToList();
        var (first, last) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var call = 0; call < schedule.Count; call++)
            foreach (var name in schedule[call].GetProperty("reads").EnumerateArray().Concat(schedule[call].GetProperty("writes").EnumerateArray()).Select(n => n.GetString()!))
            {
                first.TryAdd(name, call);
                last[name] = call;
            }
        long pinned = 0, end = 0;
        var live = new long[schedule.Count];
        var placed = new List<(long Offset, long End, int First, int Last, string Name)>();
        foreach (var tensor in root.GetProperty("tensors").EnumerateArray())
        {
            var (name, bytes, offset) = (tensor.GetProperty("name").GetString()!, Aligned(tensor.GetProperty("bytes").GetInt64()), tensor.GetProperty("offset").GetInt64());
            if (tensor.GetProperty("pinned").GetBoolean())
            {
                pinned += bytes;
                continue;
            }
            Assert.That(tensor.GetProperty("first").GetInt32(), Is.EqualTo(first[name]), name);
            Assert.That(tensor.GetProperty("last").GetInt32(), Is.EqualTo(last[name]), name);
            for (var call = first[name]; call <= last[name]; call++) live[call] += bytes;
            placed.Add((offset, offset + bytes, first[name], last[name], name));
            end = Math.Max(end, offset + bytes);
        }
        var memory = root.GetProperty("memory");
        // Pieces that take over one another's memory within a call are counted twice where one ends and the next begins, so the sum is at least the bound.
        Assert.That(memory.GetProperty("lowerBoundBytes").GetInt64(), Is.LessThanOrEqualTo(live.Max() + pinned));
        Assert.That(memory.GetProperty("plannedBytes").GetInt64(), Is.EqualTo(end + pinned).And.GreaterThanOrEqualTo(memory.GetProperty("lowerBoundBytes").GetInt64()));
        Assert.That(memory.GetProperty("plannedBytes").GetInt64(), Is.LessThanOrEqualTo(1.02 * memory.GetProperty("lowerBoundBytes").GetInt64()));
        // What no plan of this schedule can do without: at every call its own tensors and those that later calls read.
        var needed = Enumerable.Range(0, schedule.Count).Max(call => placed.Where(t => t.First < call && t.Last > call).Sum(t => t.End - t.Offset)) + pinned;
        Assert.That(memory.GetProperty("lowerBoundBytes").GetInt64(), Is.GreaterThanOrEqualTo(needed));
        // Two tensors live at one time share no byte, unless one takes over the other's place in the call where it ends.
        foreach (var a in placed)
            foreach (var b in placed)
                if (a.Name != b.Name && a.First < b.Last && b.First < a.Last && a.Offset < b.End && b.Offset < a.End) Assert.Fail($"{a.Name} and {b.Name} overlap");
    }

    [Test]
    public void ResNet_50_takes_less_than_ten_megabytes_and_half_the_dispatches()
    {
        using var report = Inspect("resnet50");
        Assert.That(report.RootElement.GetProperty("memory").GetProperty("plannedBytes").GetInt64(), Is.LessThan(10_000_000));
        Assert.That(2 * report.RootElement.GetProperty("dispatches").GetInt32(), Is.LessThanOrEqualTo(report.RootElement.GetProperty("dispatchesUnfused").GetInt32()));
    }

    // The sizes of Araujo et al., "Computing Receptive Fields of Convolutional Neural Networks", 2019.
    [TestCase("vgg16", 212)]
    // With the stride at the 3x3 convolutions; at the 1x1 before them, as in the paper, it would be 483.
    [TestCase("resnet50", 427)]
    public void Receptive_fields_are_those_known(string network, int size)
    {
        using var report = Inspect(network);
        var fields = report.RootElement.GetProperty("receptiveFields").EnumerateArray().Select(f => f.GetProperty("sizes").EnumerateArray().Select(s => s.GetInt32()).ToArray());
        Assert.That(fields.MaxBy(f => f[0]), Is.EqualTo(new[] { size, size }));
    }

    [Test]
    public void A_recipe_shows_its_training_step()
    {
        using var report = Report("--train", Path.Combine(TestData.Repository, "examples", "digits", "lenet.train.yaml"), "--set", "batch=8");
        Assert.That(report.RootElement.GetProperty("kernels").EnumerateArray().Select(k => k.GetProperty("kernel").GetString()), Has.Some.EqualTo("optimizer/update"));
        Assert.That(RunnerProcess.Run("inspect").Error, Does.Contain("VKN7021"));
    }

    private static JsonDocument Inspect(string network) => Report(Path.Combine(TestData.Repository, "examples", "networks", $"{network}.yaml"));

    private static JsonDocument Report(params string[] arguments)
    {
        var run = RunnerProcess.Run(["inspect", .. arguments, "--json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return JsonDocument.Parse(run.Output);
    }

    private static long Aligned(long bytes) => (bytes + 63) / 64 * 64;
}
