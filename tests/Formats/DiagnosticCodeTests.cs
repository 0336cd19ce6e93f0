using System.Text.RegularExpressions;

namespace VkNet.Tests.Formats;

internal sealed partial class DiagnosticCodeTests
{
    [Test]
    public void The_readme_lists_exactly_the_codes_that_the_readers_raise()
    {
        var folder = Path.Combine(TestData.Repository, "engine", "Formats");
        var raised = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Raised().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value))
            .Distinct().Order(StringComparer.Ordinal);
        var listed = Listed().Matches(File.ReadAllText(Path.Combine(folder, "README.md"))).Select(m => m.Groups[1].Value);
        Assert.That(listed, Is.EqualTo(raised));
    }

    [GeneratedRegex("\"(VKN6[0-9]{3})\"")]
    private static partial Regex Raised();

    [GeneratedRegex("^\\| (VKN6[0-9]{3}) \\|", RegexOptions.Multiline)]
    private static partial Regex Listed();
}
