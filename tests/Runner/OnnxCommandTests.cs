using Google.Protobuf;
using VkNet.Formats;
using VkNet.Onnx.Wire;
using VkNet.Tensors;
using VkNet.Tests.Device;
using static VkNet.Tests.Onnx.Models;

namespace VkNet.Tests.Runner;

/// <summary>The commands on ONNX models: run, inspect and check, on every driver.</summary>
[TestFixtureSource(typeof(TestDrivers), nameof(TestDrivers.All))]
internal sealed class OnnxCommandTests(string driver)
{
    private const int Few = 300;

    private ScratchFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        if (driver == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _folder = new ScratchFolder();
    }

    [TearDown]
    public void DeleteFolder() => _folder?.Dispose();

    private string Save(string name, IMessage message) => _folder.Write(name, message.ToByteArray());

    private RunnerProcess Expect(string command, params string[] arguments) => RunnerProcess.Expect([command, .. arguments, "--device", driver]);

    private RunnerProcess Expect(int code, string diagnostic, string command, params string[] arguments) => RunnerProcess.Expect(code, diagnostic, [command, .. arguments, "--device", driver]);

    // y = reshape(x * x, s); N is open, s decides the shape of y.
    private string SquareAndReshape()
    {
        var graph = Graph("", "y", Node("Mul", "x x", "p"), Node("Reshape", "p s", "y"));
        graph.Input.Add(Declare("x", 1, "N", 2));
        graph.Input.Add(Declare("s", 7, 2));
        return Save("square.onnx", Model(graph));
    }

    [Test]
    public void Tensors_of_ONNX_are_inputs_and_one_that_decides_a_shape_is_bound()
    {
        var x = Save("x.pb", Floats("", [3, 2], 1, 2, 3, 4, 5, 6));
        var s = Save("s.pb", Longs("", 2, 3));
        Expect("run", SquareAndReshape(), "--input", $"x={x}", "--input", $"s={s}", "--output", $"y={_folder["y.npy"]}");
        var y = NpyFile.Load(_folder["y.npy"]);
        Assert.That(y.Shape, Is.EqualTo(new Shape(2, 3)));
        Assert.That(y.ToArray<float>(), Is.EqualTo(new float[] { 1, 4, 9, 16, 25, 36 }));
    }

    [Test]
    public void Inspecting_binds_sizes_and_takes_the_inputs_that_decide_shapes()
    {
        var model = SquareAndReshape();
        Expect(1, "VKN2011", "inspect", model);
        var s = Save("s.pb", Longs("", 5, 2));
        Assert.That(Expect("inspect", model, "--bind", "N=5", "--input", $"s={s}").Output, Does.Contain("f32[5, 2]"));
        Expect(1, "VKN2", "inspect", model, "--bind", "N=4", "--input", $"s={s}");
    }

    [Test]
    public void Missing_operators_and_inputs_are_named()
    {
        var unknown = Save("unknown.onnx", Model(Graph("x", "y", Node("NoSuchOperator", "x", "y"))));
        Assert.That(Expect(1, "VKN3020", "inspect", unknown).Error, Does.Contain("NoSuchOperator (opset 17) at node 'nosuchoperator_of_y'"));
        Assert.That(Expect(1, "VKN7005", "run", SquareAndReshape()).Error, Does.Contain("--input x=FILE --input s=FILE"));
        Expect(1, "VKN3001", "run", SquareAndReshape(), "--input", $"x={_folder.Write("bad.pb", [0xff, 0xff])}", "--input", $"s={_folder["bad.pb"]}");
    }

    [Test]
    public void Indices_from_data_read_nothing_outside_and_whole_numbers_must_fit_the_device()
    {
        var graph = Graph("x", "y", Node("Gather", "x i", "y", Integer("axis", 1)));
        graph.Input.Add(Declare("i", 7, 4));
        var model = Save("gather.onnx", Model(graph));
        var x = Save("x.pb", Floats("", [2, 3], 1, 2, 3, 4, 5, 6));
        var far = Save("far.pb", Longs("", 1_000_000_000, -1_000_000_000, 1, -1));
        Expect("run", model, "--input", $"x={x}", "--input", $"i={far}", "--output", $"y={_folder["y.npy"]}");
        Assert.That(NpyFile.Load(_folder["y.npy"]).ToArray<float>(), Is.EqualTo(new float[] { 3, 1, 2, 3, 6, 4, 5, 6 }), "limited to the axis");
        var wide = Save("wide.pb", Longs("", 1L << 40, 0, 0, 0));
        Expect(1, "VKN4301", "run", model, "--input", $"x={x}", "--input", $"i={wide}");
    }

    [Test]
    public void Weights_of_a_model_count_as_parameters()
    {
        var graph = Graph("x", "y", Node("Gemm", "x w b", "y"));
        graph.Initializer.Add(Floats("w", [3, 5], new float[15]));
        graph.Initializer.Add(Floats("b", [5], new float[5]));
        Assert.That(Expect("inspect", Save("gemm.onnx", Model(graph)), "--json").Json.GetProperty("parameters").GetInt64(), Is.EqualTo(20));
    }

    // Class 0 where the first pixel is brighter than the second one, else class 1.
    private string Brighter(object batch)
    {
        var graph = Graph("", "y", Node("Reshape", "x flat", "v"), Node("MatMul", "v w", "y"));
        graph.Input.Add(Declare("x", 1, batch, 1, 1, 2));
        graph.Initializer.Add(Longs("flat", -1, 2));
        graph.Initializer.Add(Floats("w", [2, 2], 1, 0, 0, 1));
        return Save("brighter.onnx", Model(graph));
    }

    [TestCase(1L)]
    [TestCase(2L)]
    [TestCase("N")]
    public void Many_examples_are_scored(object batch)
    {
        IdxFile.Save(_folder["images.idx"], Tensor.From(new byte[] { 9, 1, 1, 9, 200, 100, 7, 8, 5, 4 }, 5, 1, 2));
        IdxFile.Save(_folder["classes.idx"], Tensor.From(new byte[] { 0, 1, 0, 1, 1 }, 5));
        var score = Expect("run", Brighter(batch), "--input", $"x={_folder["images.idx"]}", "--score", _folder["classes.idx"], "--json").Json.GetProperty("score");
        Assert.That((score.GetProperty("examples").GetInt32(), score.GetProperty("correct").GetInt32(), score.GetProperty("accuracy").GetDouble()), Is.EqualTo((5, 4, 0.8)));
        Assert.That(Expect("run", Brighter(batch), "--input", $"x={_folder["images.idx"]}", "--score", _folder["classes.idx"], "--preprocess", "unit").Output, Does.StartWith("accuracy 80.00 %: 4 of 5"));
    }

    [Test]
    public void Scoring_needs_a_class_for_each_example()
    {
        IdxFile.Save(_folder["images.idx"], Tensor.From(new byte[] { 9, 1, 1, 9 }, 2, 1, 2));
        IdxFile.Save(_folder["classes.idx"], Tensor.From(new byte[] { 0, 1, 0 }, 3));
        IdxFile.Save(_folder["reals.idx"], Tensor.From(new float[] { 0, 1 }, 2));
        string[] run = [Brighter("N"), "--input", $"x={_folder["images.idx"]}", "--score"];
        Expect(1, "VKN7014", "run", [.. run, _folder["classes.idx"]]);
        Expect(1, "VKN7014", "run", [.. run, _folder["reals.idx"]]);
        Expect(1, "VKN7003", "run", [.. run, _folder["nothing.idx"]]);
        Expect(1, "VKN7013", "run", [.. run, _folder["classes.idx"], "--top", "3"]);
    }

    [TestCase("mnist_ort", "Input3", "byte", 9891)]
    [TestCase("burn_mnist", "input.1", "mean=0.1307,std=0.3081", 9916)]
    public void Networks_of_digits_name_the_test_images(string model, string input, string preprocessing, int correct)
    {
        var file = TestData.Require("onnx", "models", model, "model.onnx");
        var (images, labels) = (TestData.Require("mnist", "t10k-images-idx3-ubyte.gz"), TestData.Require("mnist", "t10k-labels-idx1-ubyte.gz"));
        // SwiftShader takes a minute and more for a thousand of them.
        var isSlow = driver.Contains("SwiftShader", StringComparison.Ordinal);
        if (isSlow) (images, labels) = (First(images, "images.idx"), First(labels, "labels.idx"));
        var score = Expect("run", file, "--input", $"{input}={images}", "--score", labels, "--preprocess", preprocessing, "--json").Json.GetProperty("score");
        if (isSlow) Assert.That(score.GetProperty("correct").GetInt32(), Is.GreaterThanOrEqualTo(Few * 97 / 100));
        else Assert.That(score.GetProperty("correct").GetInt32(), Is.EqualTo(correct));
    }

    // The first examples of a file in a file of their own.
    private string First(string path, string name)
    {
        var all = IdxFile.Load(path);
        var shape = all.Shape.ToArray();
        var each = all.Bytes().Length / (int)shape[0];
        shape[0] = Few;
        IdxFile.Save(_folder[name], Tensor.From(all.Bytes()[..(Few * each)].ToArray(), shape));
        return _folder[name];
    }

    [TestCase("winml_kitten_224.png", 281)]
    [TestCase("winml_fish.png", 389)]
    [TestCase("winml_cat.jpg", 285)]
    [TestCase("winml_dog.jpg", 207)]
    public void SqueezeNet_names_what_a_photograph_shows(string photograph, int best)
    {
        var model = TestData.Require("onnx", "models", "squeezenet_fp32_from_fp16", "model.onnx");
        var json = Expect("run", model, "--input", $"data_0={TestData.Require("photos", photograph)}", "--preprocess", "range=255,order=bgr,mean=103.94/116.78/123.68,std=1", "--top", "5", "--json").Json;
        Assert.That(json.GetProperty("top").EnumerateArray().Select(t => t.GetProperty("index").GetInt32()).ToList(), Has.Count.EqualTo(5).And.ItemAt(0).EqualTo(best));
    }

    [TestCase("light_bvlc_alexnet", 1e-6)]
    [TestCase("light_zfnet512", 1e-6)]
    [TestCase("light_vgg19", 1e-6)]
    [TestCase("light_squeezenet", 1e-6)]
    [TestCase("light_inception_v1", 1e-6)]
    [TestCase("light_inception_v2", 1e-6)]
    [TestCase("light_shufflenet", 1e-6)]
    [TestCase("light_resnet50", 1e-6)]
    [TestCase("light_densenet121", null)]
    public void Architectures_with_constant_weights_run(string model, double? within)
    {
        var file = TestData.Require("onnx", "light", $"{model}.onnx");
        var photograph = TestData.Require("photos", "winml_kitten_224.png");
        var line = Expect("inspect", file).Output.Split('\n').First(l => l.StartsWith("  input", StringComparison.Ordinal));
        var input = line["  input ".Length..line.LastIndexOf(": ", StringComparison.Ordinal)].Trim();
        var output = Expect("run", file, "--input", $"{input}={photograph}", "--json").Json.GetProperty("outputs").EnumerateObject().Single().Value;
        // All classes are equal; densenet's scores go through no softmax.
        Assert.That(output.GetProperty("max").GetDouble(), Is.EqualTo(output.GetProperty("min").GetDouble()).Within(1e-6));
        if (within is { } tolerance) Assert.That(output.GetProperty("max").GetDouble(), Is.EqualTo(0.001).Within(tolerance));
    }

    private void Case(string name, ModelProto model, TensorProto input, TensorProto output)
    {
        var set = Directory.CreateDirectory(Path.Combine(_folder["cases"], name, "test_data_set_0")).FullName;
        File.WriteAllBytes(Path.Combine(set, "..", "model.onnx"), model.ToByteArray());
        File.WriteAllBytes(Path.Combine(set, "input_0.pb"), input.ToByteArray());
        File.WriteAllBytes(Path.Combine(set, "output_0.pb"), output.ToByteArray());
    }

    [Test]
    public void A_folder_of_tests_is_checked_case_by_case()
    {
        var square = Model(Graph("x", "y", Node("Mul", "x x", "y")));
        var input = Floats("", [2, 3], 1, 2, 3, 4, 5, 6);
        Case("right", square, input, Floats("", [2, 3], 1, 4, 9, 16, 25, 36));
        Case("view", Model(Graph("x", "y", Node("Flatten", "x", "y"))), input, input);
        Assert.That(Expect("check", "--onnx-tests", _folder["cases"]).Output, Does.Contain("2 passed, 0 failed, 0 unsupported"));

        Case("wrong", square, input, Floats("", [2, 3], 1, 4, 9, 16, 25, 37));
        Case("unknown", Model(Graph("x", "y", Node("NoSuchOperator", "x", "y"))), input, input);
        var result = RunnerProcess.Run("check", "--onnx-tests", _folder["cases"], "--json", "--device", driver);
        Assert.That(result.ExitCode, Is.EqualTo(4));
        var json = result.Json;
        Assert.That((json.GetProperty("passed").GetInt32(), json.GetProperty("failed").GetInt32(), json.GetProperty("unsupported").GetInt32()), Is.EqualTo((2, 1, 1)));
        var cases = json.GetProperty("cases").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Multiple(() =>
        {
            Assert.That(cases["right"].GetProperty("dispatches").GetInt32(), Is.EqualTo(1));
            Assert.That(cases["right"].GetProperty("operator").GetString(), Is.EqualTo("Mul"));
            Assert.That(cases["view"].GetProperty("reason").GetString(), Does.Contain("view of an input"));
            Assert.That(cases["wrong"].GetProperty("reason").GetString(), Does.Contain("element 5 of f32[2, 3] is 36, expected 37"));
            Assert.That(cases["wrong"].GetProperty("maxError").GetDouble(), Is.EqualTo(1));
            Assert.That(cases["unknown"].GetProperty("reason").GetString(), Does.Contain("NoSuchOperator"));
        });
        Assert.That(Expect("check", "--onnx-tests", _folder["cases"], "--filter", "ght").Output, Does.Contain("1 passed, 0 failed, 0 unsupported"));
        Expect(1, "VKN7012", "check", "--onnx-tests", _folder["cases"], "--filter", "nowhere");
        Expect(1, "VKN6001", "check", "--onnx-tests", _folder["nowhere"]);
    }
}
