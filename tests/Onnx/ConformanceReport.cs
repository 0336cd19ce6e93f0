using VkNet.Onnx.Testing;

namespace VkNet.Tests.Onnx;

/// <summary>Prints what did not pass, and holds the numbers to a floor.</summary>
internal static class ConformanceReport
{
    /// <summary>No case may fail, and at least <paramref name="floor"/> must pass.</summary>
    public static void Check(string folder, IReadOnlyList<OnnxTestResult> results, int floor)
    {
        foreach (var result in results.Where(r => r.Status != OnnxTestStatus.Passed)) TestContext.Out.WriteLine(result);
        var slowest = results.MaxBy(r => r.Elapsed)!;
        TestContext.Out.WriteLine($"{folder}: {Count(OnnxTestStatus.Passed)} passed, {Count(OnnxTestStatus.Failed)} failed, {Count(OnnxTestStatus.Unsupported)} unsupported; {results.Count(r => r.NeededSumTolerance)} needed the tolerance for sums; slowest {slowest.Case.Name} {slowest.Elapsed.TotalSeconds:F1} s");
        Assert.Multiple(() =>
        {
            Assert.That(results.Where(r => r.Status == OnnxTestStatus.Failed), Is.Empty);
            Assert.That(Count(OnnxTestStatus.Passed), Is.GreaterThanOrEqualTo(floor));
        });

        int Count(OnnxTestStatus status) => results.Count(r => r.Status == status);
    }
}
