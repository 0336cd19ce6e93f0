namespace VkNet.Runner.Reports;

/// <summary>Collects the cases of <c>vknet check</c> and writes them as a table or as JSON.</summary>
internal sealed class CheckReport(string device, bool software)
{
    private const string Failed = "failed", Passed = "passed", Unsupported = "unsupported";

    private readonly List<CheckCase> _cases = [];

    /// <summary>0 when nothing failed, else 4.</summary>
    internal int ExitCode => Count(Failed) == 0 ? 0 : (int)ErrorKind.Check;

    internal void Add(CheckCase result) => _cases.Add(result);

    /// <summary>Writes a line per operator, then every case that did not pass with its reason, then the totals.</summary>
    internal void WriteText(TextWriter output)
    {
        output.WriteLine(FormattableString.Invariant($"{"operator",-28} {"passed",6} {"failed",6} {"unsup.",6} {"dispatches",10} {"max error",10}"));
        foreach (var group in _cases.GroupBy(c => c.Operator).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            int Of(string status) => group.Count(c => c.Status == status);
            var error = group.Max(c => double.IsNaN(c.MaxError) ? 0 : c.MaxError);
            output.WriteLine(FormattableString.Invariant($"{group.Key,-28} {Of(Passed),6} {Of(Failed),6} {Of(Unsupported),6} {group.Sum(c => c.Dispatches ?? 0),10} {error,10:0.0e+0}"));
        }
        foreach (var result in _cases.Where(c => c.Status != Passed)) output.WriteLine($"{result.Status}: {result.Name}: {result.Reason}");
        output.WriteLine($"{device}: {Count(Passed)} passed, {Count(Failed)} failed, {Count(Unsupported)} unsupported");
    }

    internal void WriteJson(TextWriter output) => JsonReport.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("device", device);
        json.WriteBoolean("software", software);
        json.WriteNumber(Passed, Count(Passed));
        json.WriteNumber(Failed, Count(Failed));
        json.WriteNumber(Unsupported, Count(Unsupported));
        json.WriteStartArray("cases");
        foreach (var result in _cases)
        {
            json.WriteStartObject();
            json.WriteString("name", result.Name);
            json.WriteString("operator", result.Operator);
            json.WriteString("status", result.Status);
            json.WriteString("reason", result.Reason);
            json.WriteReal("maxError", result.MaxError);
            if (result.Dispatches is { } dispatches) json.WriteNumber("dispatches", dispatches);
            else json.WriteNull("dispatches");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private int Count(string status) => _cases.Count(c => c.Status == status);
}
