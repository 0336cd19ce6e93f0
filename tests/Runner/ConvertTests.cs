using VkNet.Formats;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Onnx;

namespace VkNet.Tests.Runner;

/// <summary><c>vknet convert</c> there and back: the converted models give the same outputs.</summary>
internal sealed class ConvertTests
{
    private ScratchFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new ScratchFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("mnist_ort", "Input3", 1, 28)]
    [TestCase("squeezenet_fp32_from_fp16", "data_0", 3, 224)]
    [TestCase("superres_core_op18", "_ppp5_expanded", 1, 224)]
    public void An_ONNX_model_is_the_same_as_a_graph_file_and_back(string model, string input, int channels, int size)
    {
        var original = TestData.Require("onnx", "models", model, "model.onnx");
        RequireDevice();
        RunnerProcess.Expect("convert", original, _folder["model.yaml"]);
        RunnerProcess.Expect("convert", _folder["model.yaml"], _folder["again.onnx"]);
        var random = new Random(1);
        NpyFile.Save(_folder["x.npy"], Tensor.From([.. Enumerable.Range(0, channels * size * size).Select(_ => (float)random.NextDouble())], 1, channels, size, size));
        var expected = Run(original, input, "1");
        Assert.That(ExportTests.Difference(expected, Run(_folder["model.yaml"], input, "2")), Is.Null);
        Assert.That(ExportTests.Difference(expected, Run(_folder["again.onnx"], input, "3")), Is.Null);
    }

    [TestCase("networks/lenet5.yaml", "image", "N")]
    [TestCase("networks/squeezenet.yaml", "image", "N")]
    [TestCase("networks/mobilenet_v2.yaml", "image", "N")]
    [TestCase("networks/googlenet.yaml", "image", "N")]
    public void A_network_is_the_same_as_an_ONNX_model(string file, string input, string open)
    {
        RequireDevice();
        var original = Path.Combine(TestData.Repository, "examples", file);
        var json = RunnerProcess.Expect("convert", original, _folder["model.onnx"], "--init", "1", "--json").Json;
        Assert.That(json.GetProperty("open").EnumerateArray().Select(s => s.GetString()), Does.Contain(open));
        var declared = RunnerProcess.Expect("inspect", original).Output.Split('\n').First(l => l.StartsWith("  input", StringComparison.Ordinal));
        var shape = declared[(declared.IndexOf('[') + 1)..declared.IndexOf(']')].Split(',').Select(long.Parse).ToArray();
        var random = new Random(1);
        NpyFile.Save(_folder["x.npy"], Tensor.From([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)random.NextDouble())], shape));
        Assert.That(ExportTests.Difference(Run(original, input, "1", "--init", "1"), Run(_folder["model.onnx"], input, "2")), Is.Null);
    }

    [Test]
    public void Misuse_is_answered()
    {
        File.WriteAllText(_folder["x.yaml"], "version: 1\ninputs: {x: {shape: [2]}}\nnodes: {y: {op: dense, input: x, units: 3}}\noutputs: [y]\n");
        RunnerProcess.Expect(1, "VKN7016", "convert", _folder["x.yaml"], _folder["x.bin"]);
        RunnerProcess.Expect(1, "VKN7016", "convert", _folder["x.yaml"], _folder["x.yaml"]);
        RunnerProcess.Expect(1, "VKN6401", "convert", _folder["x.yaml"], _folder["x.onnx"]);
        RunnerProcess.Expect(1, "VKN7003", "convert", _folder["none.yaml"], _folder["x.onnx"]);
        Assert.That(_folder.Files, Is.EqualTo(new[] { "x.yaml" }), "nothing half-written");
    }

    private static void RequireDevice()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
    }

    private IReadOnlyList<Tensor> Run(string model, string input, string run, params string[] more)
    {
        var outputs = RunnerProcess.Expect(["run", model, "--input", $"{input}={_folder["x.npy"]}", "--json", .. more]).Json.GetProperty("outputs").EnumerateObject().Select(o => o.Name).ToList();
        RunnerProcess.Expect(["run", model, "--input", $"{input}={_folder["x.npy"]}", .. outputs.SelectMany((o, i) => new[] { "--output", $"{o}={_folder[$"y{run}.{i}.npy"]}" }), .. more]);
        return [.. outputs.Select((_, i) => NpyFile.Load(_folder[$"y{run}.{i}.npy"]))];
    }
}
