using System.Globalization;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Runner.Reports;

/// <summary>What <c>vknet inspect</c> says of a graph and its plan.</summary>
internal sealed class PlanReport(Graph graph, ExecutionPlan plan, ExecutionPlan unfused, IReadOnlyList<FusionRefusal> refusals, double compileMs)
{
    private readonly ReceptiveFields _fields = new(graph);
    private readonly Dictionary<string, OperatorCost> _costs = graph.Nodes.ToDictionary(n => n.Name, n => n.Operator.Cost(n));

    private long Parameters => CountParameters(graph);

    private double Flops => _costs.Values.Sum(c => c.Flops);

    /// <summary>Numbers that were or can be learned: parameters, and the tensors of reals that ONNX models hold as constants.</summary>
    internal static long CountParameters(Graph graph) =>
        graph.Parameters.Concat(graph.Nodes.SelectMany(n => n.Inputs).OfType<Value>().Where(IsWeight)).Distinct().Sum(v => v.Shape.ElementCount);

    private static bool IsWeight(Value value) => value.Kind == ValueKind.Parameter || (value.Constant is { Count: > 1 } && value.DataType.IsFloat());

    internal void WriteText(TextWriter output)
    {
        output.WriteLine($"graph {graph.Name}");
        foreach (var input in graph.Inputs) output.WriteLine($"  input  {input.Name}: {input.Type}");
        foreach (var (name, value) in graph.Outputs) output.WriteLine($"  output {name}: {value.Type}");
        output.WriteLine();
        output.WriteLine($"{"node",-28} {"operator",-20} {"result",-26} {"parameters",12} {"MFLOP",10} {"sees",10}");
        foreach (var node in graph.Nodes)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{node.Name,-28} {node.Operator.Name,-20} {node.Outputs[0].Type,-26} {node.Inputs.OfType<Value>().Where(IsWeight).Sum(i => i.Shape.ElementCount),12:N0} {_costs[node.Name].Flops / 1e6,10:N2} {_fields.Describe(node.Outputs[0]),10}"));
        output.WriteLine();
        output.WriteLine("calls");
        for (var i = 0; i < plan.Main.Calls.Count; i++)
        {
            var call = plan.Main.Calls[i];
            output.WriteLine($"  {i,4}{(call.BarrierBefore ? " |" : "  ")} {call.Kernel} {(call as DispatchCall)?.Descriptor.Variant}: {string.Join(" + ", call.SourceNodes.DefaultIfEmpty(call.Node))}");
        }
        output.WriteLine();
        if (refusals.Count > 0)
        {
            output.WriteLine("not fused");
            foreach (var refusal in refusals) output.WriteLine($"  {string.Join(" + ", refusal.Nodes)}: {refusal.Reason}");
            output.WriteLine();
        }
        var memory = plan.Memory;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{graph.Nodes.Count} nodes, {Parameters:N0} parameters, {Flops / 1e9:N3} GFLOP"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"dispatches {unfused.Main.Dispatches} -> {plan.Main.Dispatches}, barriers {plan.Main.Barriers}, compiled in {compileMs:0.0} ms"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"memory: planned {ByteCount.Format(memory.PlannedBytes)}, lower bound {ByteCount.Format(memory.LowerBoundBytes)} (x{Ratio(memory.PlannedBytes, memory.LowerBoundBytes):0.000}), without reuse {ByteCount.Format(memory.NoReuseBytes)} (x{Ratio(memory.NoReuseBytes, memory.PlannedBytes):0.00}), weights {ByteCount.Format(memory.WeightBytes)}; planner {memory.Planner}"));
        if (memory.Recomputed.Count > 0)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"computed again to fit the budget: {string.Join(", ", memory.Recomputed.Select(r => r.Name))}; {ByteCount.Format(memory.Recomputed.Sum(r => r.BytesSaved))} dropped, {memory.Recomputed.Sum(r => r.FlopsAdded) / 1e6:0.###} MFLOP added"));
    }

    internal void WriteJson(TextWriter output, DeviceProfile device) => JsonReport.Write(output, json =>
    {
        var memory = plan.Memory;
        json.WriteStartObject();
        json.WriteString("graph", graph.Name);
        json.WriteString("device", device.Name);
        json.WriteBoolean("software", device.IsSoftware);
        json.WriteNumber("nodes", graph.Nodes.Count);
        json.WriteNumber("parameters", Parameters);
        json.WriteNumber("flops", Flops);
        json.WriteNumber("dispatches", plan.Main.Dispatches);
        json.WriteNumber("dispatchesUnfused", unfused.Main.Dispatches);
        json.WriteNumber("barriers", plan.Main.Barriers);
        json.WriteNumber("compileMs", compileMs);
        json.WriteStartObject("memory");
        json.WriteNumber("plannedBytes", memory.PlannedBytes);
        json.WriteNumber("lowerBoundBytes", memory.LowerBoundBytes);
        json.WriteNumber("noReuseBytes", memory.NoReuseBytes);
        json.WriteNumber("weightBytes", memory.WeightBytes);
        json.WriteNumber("stateBytes", memory.StateBytes);
        json.WriteString("planner", memory.Planner);
        json.WriteStartArray("recomputed");
        foreach (var tensor in memory.Recomputed)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteNumber("bytesSaved", tensor.BytesSaved);
            json.WriteNumber("flopsAdded", tensor.FlopsAdded);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("schedule");
        for (var i = 0; i < plan.Main.Calls.Count; i++)
        {
            var call = plan.Main.Calls[i];
            json.WriteStartObject();
            json.WriteNumber("call", i);
            json.WriteString("kernel", call.Kernel);
            json.WriteString("variant", (call as DispatchCall)?.Descriptor.Variant ?? "");
            Names("reads", call.Reads);
            Names("writes", call.Writes);
            json.WriteBoolean("barrierBefore", call.BarrierBefore);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("tensors");
        foreach (var (buffer, place) in plan.Placements)
        {
            if (place.Block is not (MemoryBlock.Activations or MemoryBlock.Inputs or MemoryBlock.Outputs)) continue;
            json.WriteStartObject();
            json.WriteString("name", buffer.Name);
            json.WriteNumber("bytes", place.Bytes);
            json.WriteString("block", place.Block.ToString().ToLowerInvariant());
            json.WriteNumber("arena", place.Arena);
            json.WriteNumber("offset", place.Offset);
            json.WriteNumber("first", place.First);
            json.WriteNumber("last", place.Last);
            json.WriteBoolean("pinned", place.Block != MemoryBlock.Activations);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("fused");
        foreach (var call in plan.Main.Calls.Where(c => c.SourceNodes.Count > 1).DistinctBy(c => c.Node))
        {
            json.WriteStartObject();
            json.WriteString("group", call.Node);
            json.WriteStartArray("nodes");
            foreach (var node in call.SourceNodes) json.WriteStringValue(node);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("refused");
        foreach (var refusal in refusals)
        {
            json.WriteStartObject();
            json.WriteStartArray("nodes");
            foreach (var node in refusal.Nodes) json.WriteStringValue(node);
            json.WriteEndArray();
            json.WriteString("reason", refusal.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("kernels");
        foreach (var call in plan.Main.Calls)
        {
            json.WriteStartObject();
            json.WriteString("node", call.Node);
            json.WriteString("kernel", call.Kernel);
            json.WriteString("variant", (call as DispatchCall)?.Descriptor.Variant ?? "");
            json.WriteNumber("flops", call.Flops);
            json.WriteNumber("bytes", call.Bytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("receptiveFields");
        foreach (var node in graph.Nodes)
        {
            if (_fields.Of(node.Outputs[0]) is not { } sizes) continue;
            json.WriteStartObject();
            json.WriteString("node", node.Name);
            json.WriteStartArray("sizes");
            foreach (var size in sizes) json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();

        void Names(string key, IEnumerable<TensorSlice> slices)
        {
            json.WriteStartArray(key);
            foreach (var name in slices.Select(s => s.Buffer.Name).Distinct()) json.WriteStringValue(name);
            json.WriteEndArray();
        }
    });

    private static double Ratio(double a, double b) => b == 0 ? 1 : a / b;
}
