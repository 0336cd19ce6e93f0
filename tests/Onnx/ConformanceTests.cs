using VkNet.Onnx.Testing;
using VkNet.Operators;

namespace VkNet.Tests.Onnx;

/// <summary>The ONNX backend tests of shared/data/onnx on the host evaluator: import rules, shape rules and reference results.</summary>
[Parallelizable(ParallelScope.None)]
internal sealed class ConformanceTests
{
    // Fewer than these many passed cases is a regression; raise a number when more pass. Nothing may fail at all.
    [TestCase("node", 720)]
    [TestCase("node-f32", 20)]
    [TestCase("pytorch-converted", 51)]
    [TestCase("pytorch-operator", 18)]
    [TestCase("simple", 7)]
    [TestCase("models", 0, Explicit = true, Reason = "minutes on the host evaluator")]
    public void Cases_pass_on_the_host(string folder, int floor)
    {
        var cases = ConformanceReport.Cases(folder);
        ConformanceReport.Check(folder, new OnnxTestSuite(StandardOperators.Registry, OnnxTestSuite.HostRunner).Run(cases), floor);
    }
}
