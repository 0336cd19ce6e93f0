using System.Text.Json;
using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Runner;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Examples;

namespace VkNet.Tests.Runner;

/// <summary><c>vknet run</c>: what it tells of a run that went wrong, and what it makes of pictures.</summary>
internal sealed class RunCommandTests(string driver) : OnEveryDevice(driver)
{
    private ScratchFolder _folder = null!;

    [SetUp]
    public void Prepare() => _folder = new ScratchFolder();

    [TearDown]
    public void Clean() => _folder?.Dispose();

    [Test]
    public void The_first_node_that_makes_nan_is_named()
    {
        File.WriteAllText(_folder["log.yaml"], "version: 1\ninputs: {x: {shape: [3]}}\nnodes:\n  half: {op: affine, input: x, scale: 0.5}\n  bad: {op: log, input: half}\n  later: {op: neg, input: bad}\noutputs: [later]\n");
        NpyFile.Save(_folder["good.npy"], Tensor.From([1f, 2, 3], 3));
        NpyFile.Save(_folder["negative.npy"], Tensor.From([1f, -2, 3], 3));
        Expect("--check-nan", "good.npy");
        var result = RunnerProcess.Expect(4, "VKN4401", Line("--check-nan", "negative.npy"));
        Assert.That(result.Error, Does.Contain("node 'bad' (log) is the first").And.Contain("element 1"));
        NpyFile.Save(_folder["nan.npy"], Tensor.From([1f, float.NaN, 3], 3));
        Assert.That(RunnerProcess.Expect(4, "VKN4401", Line("--check-nan", "nan.npy")).Error, Does.Contain("input 'x' holds"));
        Assert.That(Expect("--compare-cpu", "good.npy").Error, Does.Contain("all 3 nodes agree"));

        string[] Line(string option, string file) => ["run", _folder["log.yaml"], "--device", Driver, "--input", $"x={_folder[file]}", option];
        RunnerProcess Expect(string option, string file) => RunnerProcess.Expect(Line(option, file));
    }

    [Test]
    public void The_first_node_that_differs_from_the_host_is_named()
    {
        var builder = new GraphBuilder(StandardOperators.Registry.Clone().Register(new Liar()), "lie");
        var x = builder.Input("x", TensorType.Float(4));
        var honest = builder.Apply("neg", null, x);
        builder.Output("y", builder.Apply("abs", null, builder.Apply("liar", null, honest)));
        var graph = builder.Build();
        using var notes = new StringWriter();
        var found = GraphProbe.FindDifference(Device, graph, new CompilerOptions { Profile = Device.Profile }, TensorWeights.Empty, new Dictionary<string, Tensor> { ["x"] = Tensor.From([1f, 2, 3, 4], 4) }, notes);
        Assert.That(found, Does.Match(@"^node '[\w.]+' \(liar\) differs from the host evaluator at element \d of .*: 0 on the device"));
    }

    [Test]
    public void A_trace_has_a_track_of_the_host_and_one_of_the_device()
    {
        var result = RunnerProcess.Expect("run", ExampleFiles.At("digits", "lenet5.yaml"), "--device", Driver, "--input", $"image={ExampleFiles.At("digits", "digit.png")}", "--repeat", "2", "--trace", _folder["trace.json"]);
        Assert.That(result.Error, Does.Contain("perfetto"));
        var events = JsonDocument.Parse(File.ReadAllBytes(_folder["trace.json"])).RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        var tracks = events.Where(e => e.GetProperty("name").GetString() == "thread_name").Select(e => e.GetProperty("args").GetProperty("name").GetString());
        Assert.That(tracks, Is.EqualTo(new[] { "host", Device.Profile.Name }));
        var host = events.Where(e => e.GetProperty("ph").GetString() == "X" && e.GetProperty("tid").GetInt32() == 1).Select(e => (Name: e.GetProperty("name").GetString(), Start: e.GetProperty("ts").GetDouble(), End: e.GetProperty("ts").GetDouble() + e.GetProperty("dur").GetDouble())).ToList();
        Assert.That(host.Select(h => h.Name), Does.Contain("compiling").And.Contain("run 1 of 2").And.Contain("run 2 of 2"));
        for (var i = 1; i < host.Count; i++) Assert.That(host[i].Start, Is.GreaterThanOrEqualTo(host[i - 1].End - 0.01), $"{host[i].Name} begins before {host[i - 1].Name} ends");
        if (!Device.Profile.Has(VkNet.Devices.DeviceFeatures.Timestamps)) return;
        var calls = events.Where(e => e.GetProperty("ph").GetString() == "X" && e.GetProperty("tid").GetInt32() == 2).ToList();
        Assert.That(calls, Is.Not.Empty);
        Assert.That(calls[0].GetProperty("ts").GetDouble(), Is.GreaterThanOrEqualTo(host[^1].Start));
        Assert.That(calls[0].GetProperty("args").GetProperty("kernel").GetString(), Is.Not.Empty);
    }

    [Test]
    public void A_picture_gets_its_likeliest_classes_without_asking()
    {
        string[] line = ["run", ExampleFiles.At("digits", "lenet5.yaml"), "--device", Driver, "--input", $"image={ExampleFiles.At("digits", "digit.png")}"];
        Assert.That(RunnerProcess.Expect(line).Output, Does.Match(@"\n +9\d\.\d\d % +7\n"));
        Assert.That(RunnerProcess.Expect([.. line, "--json"]).Json.GetProperty("top").GetArrayLength(), Is.EqualTo(5));
        Assert.That(RunnerProcess.Expect([.. line, "--json", "--top", "0"]).Json.GetProperty("top").GetArrayLength(), Is.Zero);
    }

    [Test]
    public void A_segmentation_writes_the_likeliest_class_of_every_pixel_and_a_picture_its_picture()
    {
        // Class 1 where the picture is brighter than a half; classes 2 to 4 nowhere.
        File.WriteAllText(_folder["threshold.yaml"], """
            version: 1
            inputs: {x: {shape: [1, 1, H, W]}}
            nodes:
              dark: {op: affine, input: x, scale: -1, shift: 1}
              none: {op: affine, input: x, scale: 0, shift: -1}
              scores: {op: concat, inputs: [dark, x, none, none, none], axis: 1}
            outputs: [scores, dark]
            """);
        PictureFile.Save(_folder["x.png"], new Picture(3, 2, 1, (byte[])[0, 200, 255, 255, 100, 10]));
        var line = new[] { "run", _folder["threshold.yaml"], "--device", Driver, "--input", $"x={_folder["x.png"]}" };
        Assert.That(RunnerProcess.Expect(line).Error, Does.Contain("--output scores=scores.png"));
        var result = RunnerProcess.Expect([.. line, "--output", $"scores={_folder["map.png"]}", "--output", $"dark={_folder["dark.png"]}"]);
        Assert.That(result.Error, Does.Contain("likeliest of 5 classes"));
        var map = PictureFile.Load(_folder["map.png"]);
        Assert.That((map.Width, map.Height, map.Channels), Is.EqualTo((3, 2, 3)));
        Assert.That(map.Bytes.ToArray().Chunk(3).Select(p => p[0]), Is.EqualTo(new byte[] { 0, 128, 128, 128, 0, 0 }));
        var dark = PictureFile.Load(_folder["dark.png"]);
        Assert.That((dark[0, 0, 0], dark[2, 0, 0]), Is.EqualTo((1f, 0f)));
    }

    /// <summary>Doubles on the host, zero on the device.</summary>
    private sealed class Liar : Operator, ILowering
    {
        public override string Name => "liar";

        public override string Summary => "Wrong on purpose.";

        public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("input", "any shape")];

        public override IReadOnlyList<TensorType> Infer(InferenceContext context) => [context.Input(0)];

        public override void Evaluate(HostContext context) => context.SetReals(0, Array.ConvertAll(context.Reals(0), x => 2 * x));

        public void Lower(LoweringContext context) => context.Fill(context.Output(0));
    }
}
