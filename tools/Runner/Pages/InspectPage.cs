using System.Globalization;
using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Pages;

/// <summary>The page of <c>vknet inspect --html</c>: graph, fusion groups, memory timeline, cost of every call beside the device's measured peaks.</summary>
internal static class InspectPage
{
    internal static void Save(string path, Graph graph, ExecutionPlan plan, ExecutionPlan unfused, double compileMs, string device, DeviceSpeed speed)
    {
        var memory = plan.Memory;
        var flops = graph.Nodes.Sum(n => n.Operator.Cost(n).Flops);
        new HtmlPage($"{graph.Name} on {device}")
            .Paragraph($"inputs {string.Join(", ", graph.Inputs.Select(i => $"{i.Name} {i.Type}"))}; outputs {string.Join(", ", graph.Outputs.Select(o => $"{o.Key} {o.Value.Type}"))}")
            .Tiles(
                (graph.Nodes.Count.ToString("N0", CultureInfo.InvariantCulture), "nodes"),
                (PlanReport.CountParameters(graph).ToString("N0", CultureInfo.InvariantCulture), "parameters"),
                (Number(flops / 1e9), "GFLOP"),
                ($"{unfused.Main.Dispatches} to {plan.Main.Dispatches}", "dispatches, unfused to fused"),
                (plan.Main.Barriers.ToString(CultureInfo.InvariantCulture), "barriers"),
                (Number(compileMs) + " ms", "to compile"),
                (ByteCount.Format(memory.PlannedBytes), "planned memory"),
                (ByteCount.Format(memory.LowerBoundBytes), $"lower bound (x{Number((double)memory.PlannedBytes / Math.Max(1, memory.LowerBoundBytes))})"),
                (ByteCount.Format(memory.NoReuseBytes), "without reuse"),
                (ByteCount.Format(memory.WeightBytes), "weights"))
            .Heading("Memory over time")
            .Paragraph($"Each rectangle is a tensor: the calls it lives through and the bytes it takes. Planner: {memory.Planner}.")
            .Raw(MemoryTimeline.Draw(plan))
            .Heading("Calls")
            .Paragraph(string.Create(CultureInfo.InvariantCulture, $"The least time is what the measured peaks allow: {speed.PeakGflops:0} GFLOP/s and {speed.CopyGbps:0.0} GB/s copied."))
            .Table(["#call", "kernel", "variant", "computes", "#MFLOP", "#MB", "#least us", "barrier"], plan.Main.Calls.Select((c, i) => Row(c, i, speed)))
            .Heading("Graph")
            .Paragraph("Dashed frames: nodes computed by one call together with others.")
            .Raw(GraphDrawing.Draw(graph, plan))
            .Save(path);
    }

    private static string[] Row(PlanCall call, int index, DeviceSpeed speed) =>
    [
        index.ToString(CultureInfo.InvariantCulture), call.Kernel, (call as DispatchCall)?.Descriptor.Variant ?? "",
        string.Join(" + ", call.SourceNodes.DefaultIfEmpty(call.Node)), Number(call.Flops / 1e6), Number(call.Bytes / 1e6),
        Number(Math.Max(call.Flops / speed.PeakGflops, call.Bytes / speed.CopyGbps) / 1e3), call.BarrierBefore ? "before" : "",
    ];

    private static string Number(double value) => value.ToString(value is > -100 and < 100 ? "0.###" : "N0", CultureInfo.InvariantCulture);
}
