using System.Text.RegularExpressions;

namespace VkNet.Tests.Onnx;

internal sealed partial class DiagnosticCodeTests
{
    [Test]
    public void The_readme_lists_exactly_the_codes_that_this_room_raises()
    {
        var folder = Path.Combine(TestData.Repository, "ops", "Onnx");
        var raised = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .SelectMany(file => Raised().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value))
            .Where(code => code != "VKN3102")
            .Distinct().Order(StringComparer.Ordinal);
        var listed = Listed().Matches(File.ReadAllText(Path.Combine(folder, "README.md"))).Select(m => m.Groups[1].Value);
        Assert.That(listed, Is.EqualTo(raised));
    }

    [GeneratedRegex("\"(VKN3[0-9]{3})\"")]
    private static partial Regex Raised();

    [GeneratedRegex("^\\| (VKN3[0-9]{3}) \\|", RegexOptions.Multiline)]
    private static partial Regex Listed();
}
