using System.Text.RegularExpressions;
using VkNet.Onnx.Testing;

namespace VkNet.Tests.Onnx;

/// <summary>Prints what did not pass, and holds the numbers to a floor.</summary>
internal static class ConformanceReport
{
    private static string? Pattern => Environment.GetEnvironmentVariable("VKNET_TEST_ONNX");

    /// <summary>The cases of a folder; only those whose name matches the pattern in the environment variable VKNET_TEST_ONNX, if it is set.</summary>
    public static IReadOnlyList<OnnxTestCase> Cases(string folder) =>
        [.. OnnxTestCase.Find(TestData.Require("onnx", folder)).Where(c => Pattern is null || Regex.IsMatch(c.Name, Pattern))];

    /// <summary>No case may fail, and at least <paramref name="floor"/> must pass.</summary>
    public static void Check(string folder, IReadOnlyList<OnnxTestResult> results, int floor)
    {
        if (results.Count == 0) Assert.Ignore($"no case of {folder} matches '{Pattern}'");
        foreach (var result in results.Where(r => r.Status != OnnxTestStatus.Passed)) TestContext.Out.WriteLine(result);
        var slowest = results.MaxBy(r => r.Elapsed)!;
        TestContext.Out.WriteLine($"{folder}: {Count(OnnxTestStatus.Passed)} passed, {Count(OnnxTestStatus.Failed)} failed, {Count(OnnxTestStatus.Unsupported)} unsupported; {results.Count(r => r.NeededSumTolerance)} needed the tolerance for sums; slowest {slowest.Case.Name} {slowest.Elapsed.TotalSeconds:F1} s");
        Assert.Multiple(() =>
        {
            Assert.That(results.Where(r => r.Status == OnnxTestStatus.Failed), Is.Empty);
            Assert.That(Count(OnnxTestStatus.Passed), Is.GreaterThanOrEqualTo(Pattern is null ? floor : 0));
        });

        int Count(OnnxTestStatus status) => results.Count(r => r.Status == status);
    }
}
