using VkNet.Tests.Device;

namespace VkNet.Tests.Runner;

/// <summary><c>vknet check</c>: its table and its JSON.</summary>
internal sealed class CheckCommandTests
{
    [SetUp]
    public void NeedsADevice()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
    }

    [Test]
    public void Its_JSON_has_the_promised_names()
    {
        var json = RunnerProcess.Expect("check", "--filter", "avg_pool2d", "--json").Json;
        var cases = json.GetProperty("cases").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(json.GetProperty("device").GetString(), Is.Not.Empty);
            Assert.That(json.TryGetProperty("software", out _));
            Assert.That(json.GetProperty("passed").GetInt32(), Is.EqualTo(cases.Count));
            Assert.That(json.GetProperty("failed").GetInt32(), Is.Zero);
            Assert.That(json.GetProperty("unsupported").GetInt32(), Is.Zero);
            Assert.That(cases.Select(c => c.GetProperty("operator").GetString()).Distinct(), Is.EquivalentTo(new[] { "avg_pool2d", "adaptive_avg_pool2d", "global_avg_pool2d" }));
            foreach (var c in cases)
            {
                Assert.That(c.GetProperty("name").GetString(), Does.StartWith(c.GetProperty("operator").GetString()!));
                Assert.That(c.GetProperty("status").GetString(), Is.EqualTo("passed"));
                Assert.That(c.GetProperty("maxError").GetDouble(), Is.LessThan(1e-4));
                Assert.That(c.GetProperty("dispatches").GetInt32(), Is.Positive);
            }
        });
    }

    [Test]
    public void Its_table_ends_with_the_totals() =>
        Assert.That(RunnerProcess.Expect("check", "--filter", "prelu").Output.TrimEnd(), Does.EndWith("5 passed, 0 failed, 0 unsupported"));

    [Test]
    public void Under_validation_there_is_nothing_to_say()
    {
        if (!ValidationLayer.IsInstalled) Assert.Ignore("the validation layer is not installed");
        RunnerProcess.Expect("check", "--filter", "transpose", "--validate");
    }

    [Test]
    public void Fuzzing_gives_a_table_of_readers()
    {
        var json = RunnerProcess.Expect("check", "--fuzz", "20", "--seed", "3", "--filter", "npy", "--json").Json;
        var reader = json.GetProperty("readers").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(json.GetProperty("seed").GetInt32(), Is.EqualTo(3));
            Assert.That(json.GetProperty("mutations").GetInt64(), Is.EqualTo(20));
            Assert.That(json.GetProperty("findings").GetInt32(), Is.Zero);
            Assert.That(reader.GetProperty("name").GetString(), Is.EqualTo("npy"));
            Assert.That(reader.GetProperty("values").GetInt32() + reader.GetProperty("refused").GetInt32(), Is.EqualTo(20));
            Assert.That(reader.GetProperty("findings").GetArrayLength(), Is.Zero);
        });
        Assert.That(RunnerProcess.Expect("check", "--fuzz", "20", "--filter", "npy").Output.TrimEnd(), Does.EndWith("seed 1: 20 mutations, 0 findings"));
    }

    [Test]
    public void Fuzzing_nothing_is_refused()
    {
        RunnerProcess.Expect(1, "VKN7011", "check", "--fuzz", "0");
        RunnerProcess.Expect(1, "VKN7012", "check", "--fuzz", "1", "--filter", "nothing");
    }
}
