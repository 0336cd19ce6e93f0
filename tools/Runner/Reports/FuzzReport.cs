using VkNet.Runner.Fuzzing;

namespace VkNet.Runner.Reports;

/// <summary>Writes what <c>vknet check --fuzz</c> found, as a table or as JSON.</summary>
internal static class FuzzReport
{
    // The exception and where it comes from; JSON has all of it.
    private const int LinesOfFinding = 8;

    internal static void WriteText(TextWriter output, int seed, IReadOnlyList<FuzzResult> results, Func<FuzzFinding, string> fileOf)
    {
        var width = Math.Max(results.Max(r => r.Reader.Length), 6);
        output.WriteLine($"{"reader".PadRight(width)} {"mutations",9} {"values",9} {"refused",9} {"findings",8}");
        foreach (var result in results)
            output.WriteLine(FormattableString.Invariant($"{result.Reader.PadRight(width)} {result.Mutations,9} {result.Values,9} {result.Refused,9} {result.Findings.Count,8}"));
        foreach (var finding in results.SelectMany(r => r.Findings))
            output.WriteLine($"{finding.Kind}: {finding.Reader}, mutation {finding.Mutation}, {fileOf(finding)}: {string.Join('\n', finding.Message.Split('\n').Take(LinesOfFinding))}");
        output.WriteLine($"seed {seed}: {results.Sum(r => (long)r.Mutations)} mutations, {results.Sum(r => r.Findings.Count)} findings");
    }

    internal static void WriteJson(TextWriter output, int seed, IReadOnlyList<FuzzResult> results, Func<FuzzFinding, string> fileOf) => JsonReport.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("seed", seed);
        json.WriteNumber("mutations", results.Sum(r => (long)r.Mutations));
        json.WriteNumber("findings", results.Sum(r => r.Findings.Count));
        json.WriteStartArray("readers");
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("name", result.Reader);
            json.WriteNumber("mutations", result.Mutations);
            json.WriteNumber("values", result.Values);
            json.WriteNumber("refused", result.Refused);
            json.WriteStartArray("findings");
            foreach (var finding in result.Findings)
            {
                json.WriteStartObject();
                json.WriteNumber("mutation", finding.Mutation);
                json.WriteString("kind", finding.Kind);
                json.WriteString("message", finding.Message);
                json.WriteString("file", fileOf(finding));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
