
namespace VkNet.Onnx.Import;

/// <summary>Finds all operators that a body uses and nobody knows, so that one diagnostic names them all.</summary>
internal static class MissingOperators
{
    /// <summary>Most functions that may be inside one another.</summary>
    public const int DeepestCall = 64;

    /// <summary>Most operators listed in one message.</summary>
    private const int Listed = 20;

    /// <summary>Checks the nodes of a body and of the functions they call. Sub-graphs are checked when they are entered: a branch may never be.</summary>
    /// <exception cref="VkNetException">VKN3020: some operators are unknown, or unknown in the opset that the model uses.</exception>
    public static void Check(ModelContent model, Body body, Opsets opsets)
    {
        var missing = new Dictionary<(string Domain, string Type, int Opset), List<string>>();
        Collect(body, opsets, "", [], 0);
        if (missing.Count == 0) return;
        var lines = missing.OrderBy(m => m.Key.Domain, StringComparer.Ordinal).ThenBy(m => m.Key.Type, StringComparer.Ordinal).Take(Listed).Select(m => Line(m.Key, m.Value));
        throw model.Source.Fault("VKN3020", $"{(missing.Count == 1 ? "an operator" : $"{missing.Count} operators")} of the model {(missing.Count == 1 ? "is" : "are")} not known: {string.Join("; ", lines)}{(missing.Count > Listed ? "; ..." : "")}",
            "register an operator whose page has an import rule for it, or export the model without it");

        void Collect(Body current, Opsets versions, string prefix, HashSet<Function> seen, int depth)
        {
            foreach (var node in current.Nodes)
            {
                if (model.Functions.Find(node) is { } function)
                {
                    if (seen.Add(function) && depth < DeepestCall) Collect(function.Body, function.Opsets, $"{prefix}{NodeNames.Of(node)}/", seen, depth + 1);
                    continue;
                }
                var domain = Opsets.Normalize(node.Domain);
                var opset = versions.Version(domain);
                if (model.Rules.Find(domain, node.OpType, opset) is not null) continue;
                if (!missing.TryGetValue((domain, node.OpType, opset), out var nodes)) missing[(domain, node.OpType, opset)] = nodes = [];
                nodes.Add(prefix + NodeNames.Of(node));
            }
        }

        string Line((string Domain, string Type, int Opset) key, List<string> nodes)
        {
            var (domain, type, opset) = key;
            var known = model.Rules.Knows(domain, type) ? $", known for opset {model.Rules.KnownOpsets(domain, type)} only" : "";
            var others = nodes.Count > 1 ? $" and {nodes.Count - 1} more" : "";
            return $"{(domain == "" ? "" : domain + ".")}{type} (opset {opset}{known}) at node '{nodes[0]}'{others}";
        }
    }
}
