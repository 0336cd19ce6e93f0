namespace VkNet.Tests.Runner;

/// <summary><c>vknet bench</c>: the form of its report, and its baseline. No time is asserted.</summary>
internal sealed class BenchTests
{
    private static string Network => Path.Combine(TestData.Repository, "examples", "networks", "lenet5.yaml");

    [Test]
    public void It_reports_latency_throughput_and_every_call()
    {
        var report = RunnerProcess.Expect("bench", Network, "--iterations", "5", "--json").Json;
        foreach (var name in new[] { "firstMs", "medianMs", "p95Ms", "throughput", "gflops", "fractionOfPeak" }) Assert.That(report.GetProperty(name).GetDouble(), Is.GreaterThan(0), name);
        Assert.That(report.GetProperty("p95Ms").GetDouble(), Is.GreaterThanOrEqualTo(report.GetProperty("medianMs").GetDouble()));
        if (report.TryGetProperty("gpuMedianMs", out _))
            foreach (var node in report.GetProperty("nodes").EnumerateArray()) Assert.That(node.GetProperty("ms").GetDouble(), Is.GreaterThan(0));
        Assert.That(RunnerProcess.Expect("bench", Network, "--iterations", "3").Output, Does.Contain("of the measured peak"));
    }

    [Test]
    public void A_page_shows_latency_and_calls()
    {
        using var folder = new ScratchFolder();
        RunnerProcess.Expect("bench", Network, "--iterations", "4", "--html", folder["bench.html"]);
        var page = File.ReadAllText(folder["bench.html"]);
        Assert.That(page, Does.Contain("lenet5 on").And.Contain("95 % of the runs within").And.Contain("gemm/").And.Not.Contain("<script").And.Not.Contain("http:"));
    }

    [Test]
    public void A_regression_against_the_baseline_is_exit_code_4()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["fast.json"], """{"medianMs": 0.000001, "spreadMs": 0}""");
        File.WriteAllText(folder["slow.json"], """{"medianMs": 1e9, "spreadMs": 0}""");
        // With one run there is no spread to hide behind.
        Assert.That(RunnerProcess.Run("bench", Network, "--iterations", "1", "--baseline", folder["fast.json"]).ExitCode, Is.EqualTo(4));
        RunnerProcess.Expect("bench", Network, "--iterations", "1", "--baseline", folder["slow.json"]);
        File.WriteAllText(folder["other.json"], "{}");
        RunnerProcess.Expect(1, "VKN7034", "bench", Network, "--baseline", folder["other.json"]);
        RunnerProcess.Expect(1, "VKN7003", "bench", Network, "--baseline", folder["none.json"]);
        RunnerProcess.Expect(1, "VKN7033", "bench", Network, "--iterations", "0");
    }
}
