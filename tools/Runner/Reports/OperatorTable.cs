using System.Globalization;
using System.Text;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Operators.Import;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;

namespace VkNet.Runner.Reports;

/// <summary>
/// The reference table of operators, made of nothing but the registry, the kernels' manifest and plans of the operators' samples: it needs
/// no device and is the same on every machine.
/// </summary>
internal sealed class OperatorTable
{
    // A device that offers everything and one that offers the least: between them they choose every family of kernels.
    private static readonly DeviceProfile[] Profiles =
    [
        new() { Name = "least", MaxWorkgroupInvocations = 256 },
        new() { Name = "processor", Type = DeviceType.Cpu, IsSoftware = true, MaxWorkgroupInvocations = 1024, MaxSharedMemoryBytes = 32768, MaxTexelBufferElements = 1 << 27, Features = Everything(), SubgroupSize = 8, MinSubgroupSize = 8, MaxSubgroupSize = 8 },
        new() { Name = "graphics", Type = DeviceType.Discrete, MaxWorkgroupInvocations = 1024, MaxSharedMemoryBytes = 49152, MaxTexelBufferElements = 1 << 27, Features = Everything(), SubgroupSize = 32, MinSubgroupSize = 8, MaxSubgroupSize = 64 },
    ];

    /// <summary>Makes the rows.</summary>
    internal OperatorTable(OperatorRegistry registry)
    {
        Rows = [.. registry.Operators.Select(o => RowOf(o, registry))];
        Unpaged = [.. OnnxModel.DissolvedOperators.Select(r => (r.Domain, r.OnnxName)).Distinct().Order().Select(n => n.Domain.Length == 0 ? n.OnnxName : $"{n.Domain}.{n.OnnxName}")];
    }

    /// <summary>An operator's row.</summary>
    /// <param name="Operator">The operator.</param>
    /// <param name="Room">The folder of its page: <c>Pointwise</c>.</param>
    /// <param name="Onnx">ONNX operators that are translated to it, with their opsets.</param>
    /// <param name="Kernels">Names of the kernels that its samples run; none for views.</param>
    internal sealed record Row(Operator Operator, string Room, IReadOnlyList<string> Onnx, IReadOnlyList<string> Kernels);

    /// <summary>The rows by room and name.</summary>
    internal IReadOnlyList<Row> Rows { get; }

    /// <summary>ONNX operators that leave no operator behind.</summary>
    internal IReadOnlyList<string> Unpaged { get; }

    /// <summary>The table as Markdown: a section for each room, then the kernels with their variants.</summary>
    internal string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Rows.Count} operators, {Rows.Count(r => r.Operator.IsPublic)} of them for graph files, {Rows.Count(r => r.Operator.IsDifferentiable)} differentiable; {Rows.SelectMany(r => r.Onnx).Select(n => n.Split(' ')[0]).Concat(Unpaged).Distinct().Count()} ONNX operators.\n");
        foreach (var room in Rows.GroupBy(r => r.Room).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {room.Key}\n\nPages: `ops/{room.Key}`; tests: `tests/Ops/{room.Key}`.\n\n| operator | ONNX (opsets) | gradient | kernels | samples |\n|---|---|---|---|---|\n");
            foreach (var row in room)
                text.Append(CultureInfo.InvariantCulture, $"| `{row.Operator.Name}`{(row.Operator.IsPublic ? "" : " (internal)")} | {string.Join(", ", row.Onnx)} | {(row.Operator.IsDifferentiable ? "yes" : "")} | {string.Join(", ", row.Kernels.Select(k => $"`{k}`"))} | {row.Operator.Samples.Count} |\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"\n### Without a page\n\nThese ONNX operators become constants, other operators, or the nodes of their sub-graphs (`ops/Onnx/Rules`): {string.Join(", ", Unpaged)}.\n");
        text.Append("\n### Kernels\n\n| kernel | variants, the most demanding first |\n|---|---|\n");
        var used = Rows.SelectMany(r => r.Kernels).ToHashSet(StringComparer.Ordinal);
        foreach (var family in KernelCatalog.All.Where(f => used.Contains(f.Name)))
            text.Append(CultureInfo.InvariantCulture, $"| `{family.Name}` | {string.Join(", ", family.Variants.Select(v => $"{v.Variant}{Needs(v.Requirements)}"))} |\n");
        return text.ToString();
    }

    /// <summary>One line for each operator.</summary>
    internal void WriteText(TextWriter output)
    {
        foreach (var row in Rows) output.WriteLine(FormattableString.Invariant($"{row.Operator.Name,-28} {(row.Operator.IsDifferentiable ? "gradient" : ""),-9} {string.Join(", ", row.Onnx)}"));
    }

    /// <summary>A list of <c>{name, summary, room, onnx, differentiable, kernels, samples}</c>.</summary>
    internal void WriteJson(TextWriter output) => JsonReport.Write(output, json =>
    {
        json.WriteStartArray();
        foreach (var row in Rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Operator.Name);
            json.WriteString("summary", row.Operator.Summary);
            json.WriteString("room", row.Room);
            WriteList("onnx", row.Onnx);
            json.WriteBoolean("differentiable", row.Operator.IsDifferentiable);
            WriteList("kernels", row.Kernels);
            json.WriteNumber("samples", row.Operator.Samples.Count);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        void WriteList(string name, IReadOnlyList<string> items)
        {
            json.WriteStartArray(name);
            foreach (var item in items) json.WriteStringValue(item);
            json.WriteEndArray();
        }
    });

    private static Row RowOf(Operator @operator, OperatorRegistry registry)
    {
        var rules = @operator is IImportable page ? page.ImportRules : [];
        var names = rules.GroupBy(r => (r.Domain, r.OnnxName)).Select(g =>
            $"{(g.Key.Domain.Length == 0 ? "" : g.Key.Domain + ".")}{g.Key.OnnxName} ({Opsets(g.Min(r => r.SinceVersion), g.Max(r => r.UntilVersion))})");
        return new Row(@operator, @operator.GetType().Namespace!.Split('.')[^1], [.. names.Order(StringComparer.Ordinal)], Kernels(@operator, registry));
    }

    private static string Opsets(int since, int until) => until == int.MaxValue ? $"{since}+" : $"{since}-{until}";

    private static IReadOnlyList<string> Kernels(Operator @operator, OperatorRegistry registry)
    {
        var kernels = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var sample in @operator.Samples)
        {
            var builder = new GraphBuilder(registry, @operator.Name);
            var inputs = sample.Inputs.Select((input, i) => input is null ? null : builder.Input($"x{i}", input.Type)).ToList();
            var outputs = builder.Add(@operator, sample.Attributes, inputs);
            for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
            var graph = builder.Build();
            foreach (var profile in Profiles)
            {
                var plan = GraphCompiler.Compile(graph, new CompilerOptions { Profile = profile });
                foreach (var call in plan.Setup.Calls.Concat(plan.Main.Calls).OfType<DispatchCall>()) kernels.Add(call.Descriptor.Name);
            }
        }
        return [.. kernels];
    }

    private static string Needs(KernelRequirements requirements)
    {
        var needs = new List<string>();
        if (requirements.SubgroupSize is { } size) needs.Add($"subgroups of {size}");
        if (requirements.Texels) needs.Add("texel buffers");
        if (requirements.Invocations > 256) needs.Add($"{requirements.Invocations} invocations");
        if (requirements.SharedBytes > 16384) needs.Add($"{requirements.SharedBytes / 1024} KiB shared");
        needs.AddRange(requirements.Features.Select(f => f.Replace('_', ' ')));
        return needs.Count == 0 ? "" : $" ({string.Join(", ", needs)})";
    }

    private static HashSet<string> Everything() => [.. DeviceFeatures.All];
}
