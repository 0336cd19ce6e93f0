using VkNet.Graphs;
using VkNet.Onnx.Rules;
using VkNet.Operators.Import;

namespace VkNet.Onnx.Import;

/// <summary>The import rules of a registry's pages by ONNX domain and operator, newest first.</summary>
internal sealed class RuleIndex
{
    private readonly Dictionary<(string Domain, string Name), List<ImportRule>> _rules = [];

    /// <summary>Collects the rules of all pages, and those of operators that dissolve here for every name that no page claims.</summary>
    public RuleIndex(OperatorRegistry registry)
    {
        foreach (var page in registry.Operators.OfType<IImportable>())
            foreach (var rule in page.ImportRules) Add(rule);
        var claimed = _rules.Keys.ToHashSet();
        foreach (var rule in DissolvingRules.All)
            if (!claimed.Contains((rule.Domain, rule.OnnxName))) Add(rule);
        foreach (var rules in _rules.Values) rules.Sort((a, b) => b.SinceVersion.CompareTo(a.SinceVersion));
    }

    /// <summary>The newest rule for an operator under an opset; null when there is none.</summary>
    public ImportRule? Find(string domain, string operatorType, long opset) =>
        _rules.GetValueOrDefault((domain, operatorType))?.Find(r => r.SinceVersion <= opset && opset <= r.UntilVersion);

    /// <summary>Whether the operator is known under some opset.</summary>
    public bool Knows(string domain, string operatorType) => _rules.ContainsKey((domain, operatorType));

    /// <summary>The opsets under which an operator is known, e.g. <c>7 to 9, 11 and later</c>.</summary>
    public string KnownOpsets(string domain, string operatorType) =>
        string.Join(", ", _rules[(domain, operatorType)].AsEnumerable().Reverse().Select(r => r.UntilVersion == int.MaxValue ? $"{r.SinceVersion} and later" : $"{r.SinceVersion} to {r.UntilVersion}"));

    /// <summary>The names known in a domain.</summary>
    public IEnumerable<string> Names(string domain) => _rules.Keys.Where(k => k.Domain == domain).Select(k => k.Name);

    private void Add(ImportRule rule)
    {
        var key = (Opsets.Normalize(rule.Domain), rule.OnnxName);
        if (!_rules.TryGetValue(key, out var rules)) _rules[key] = rules = [];
        rules.Add(rule);
    }
}
