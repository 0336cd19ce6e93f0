using VkNet.Operators;
using VkNet.Runner.Commands;
using VkNet.Runner.Reports;

namespace VkNet.Tests.Runner;

internal sealed class OperatorTableTests
{
    private static readonly string Readme = Path.Combine(TestData.Repository, "ops", "README.md");

    [Test]
    public void The_table_of_operators_is_up_to_date()
    {
        var text = File.ReadAllText(Readme);
        Assert.That(OperatorsCommand.Replace(text, new OperatorTable(StandardOperators.Registry).ToMarkdown()), Is.EqualTo(text),
            "the operators or their kernels have changed; regenerate it: tools/vknet operators --update ops/README.md");
    }

    [Test]
    public void Operators_are_listed_with_ONNX_names_gradients_and_kernels()
    {
        var rows = RunnerProcess.Expect("operators", "--json").Json.EnumerateArray().ToDictionary(r => r.GetProperty("name").GetString()!);
        Assert.That(rows, Has.Count.EqualTo(StandardOperators.Registry.Operators.Count()));
        var conv = rows["conv2d"];
        Assert.That(conv.GetProperty("onnx").EnumerateArray().Select(n => n.GetString()), Is.EqualTo(new[] { "Conv (1+)" }));
        Assert.That(conv.GetProperty("differentiable").GetBoolean(), Is.True);
        Assert.That(conv.GetProperty("kernels").EnumerateArray().Select(n => n.GetString()), Has.Some.StartsWith("convolution/"));
        Assert.That(rows["reshape"].GetProperty("kernels").GetArrayLength(), Is.Zero, "a view");
    }

    [Test]
    public void A_file_without_a_place_for_the_table_is_left_alone()
    {
        using var folder = new ScratchFolder();
        var file = folder.Write("x.md", "# Nothing\n"u8.ToArray());
        RunnerProcess.Expect(1, "VKN7015", "operators", "--update", file);
        Assert.That(File.ReadAllText(file), Is.EqualTo("# Nothing\n"));
        RunnerProcess.Expect(1, "VKN7003", "operators", "--update", folder["none.md"]);
    }
}
