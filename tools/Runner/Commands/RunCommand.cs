using System.CommandLine;
using System.Diagnostics;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Formats.Plans;
using VkNet.Graphs;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;
using VkNet.Tensors;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet run</c>: compiles a graph, runs it, writes its outputs.</summary>
internal sealed class RunCommand : RunnerCommand
{
    private readonly GraphOptions _graph = new();
    private readonly Option<string[]> _input = new("--input") { Description = "A file for an input: npy, npz, safetensors, png, jpg, pgm, ppm, idx, pb or raw", HelpName = "NAME=FILE" };
    private readonly Option<string[]> _output = new("--output") { Description = "A file for an output: npy, npz, safetensors, png, pgm, ppm or raw", HelpName = "NAME=FILE" };
    private readonly Option<string?> _preprocess = new("--preprocess") { Description = "How pictures become tensors: unit, byte, imagenet, or range=255,order=bgr,mean=a/b/c,std=s", HelpName = "HOW" };
    private readonly Option<string?> _labels = new("--labels") { Description = "Names of the classes, one a line", HelpName = "FILE" };
    private readonly Option<int> _top = new("--top") { Description = "List the K most probable classes of the first output", HelpName = "K" };
    private readonly Option<string?> _score = new("--score") { Description = "The right classes of many examples (idx, npy, ...): run all of them and report how many the first output names rightly", HelpName = "FILE" };
    private readonly Option<int> _repeat = new("--repeat") { Description = "Run R times and report the last", HelpName = "R", DefaultValueFactory = _ => 1 };
    private readonly Option<bool> _profile = new("--profile") { Description = "Time every call on the device" };
    private readonly Option<string?> _trace = new("--trace") { Description = "Write a Chrome/Perfetto trace", HelpName = "FILE" };
    private readonly Option<bool> _checkNan = new("--check-nan") { Description = "Name the first node that makes NaN or infinity" };
    private readonly Option<bool> _compareCpu = new("--compare-cpu") { Description = "Compare every node with the host evaluator and name the first that differs" };
    private readonly Option<bool> _validate = new("--validate") { Description = "Run under core and synchronization validation; any message fails" };

    protected override string Name => "run";

    protected override string Description => "Compiles a graph once, runs it on a device and writes its outputs.";

    protected override IReadOnlyList<string> Examples => 
    [
        "vknet run examples/digits/lenet5.yaml --input image=examples/digits/digit.png",
        "vknet run examples/pyramid/laplacian.yaml --input image=examples/pictures/landscape.png --output band1=band1.png",
        "vknet run model.onnx --input data=photo.jpg --preprocess imagenet --labels names.txt --top 5",
        "vknet run examples/networks/lenet5.yaml --init 1 --input image=examples/digits/digit.png --profile --trace trace.json",
    ];

    protected override IEnumerable<Symbol> Symbols => [.. _graph.All, _input, _output, _preprocess, _labels, _top, _score, _repeat, _profile, _trace, _checkNan, _compareCpu, _validate];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        using var stages = new Stages(Error, cancellation);
        stages.Begin("reading the model");
        var outputs = Assignments.Split("--output", arguments.GetValue(_output));
        var symbols = Assignments.Sizes("--bind", arguments.GetValue(_graph.Bind));
        var preprocessing = arguments.GetValue(_preprocess) is { } how ? PicturePreprocessing.Parse(how) : null;
        var repeat = Math.Max(1, arguments.GetValue(_repeat));
        var labels = arguments.GetValue(_labels) is { } labelFile ? ReadLabels(labelFile) : null;

        var path = arguments.GetValue(_graph.Graph)!;
        var files = Assignments.Split("--input", arguments.GetValue(_input));
        if (PlanFile.IsPlan(path))
        {
            if (arguments.GetResult(_score) is not null) throw new VkNetException("VKN7013", "a plan is for one batch size, --score chooses its own", "score the graph file or model that it was compiled from");
            if (arguments.GetValue(_checkNan) || arguments.GetValue(_compareCpu))
                throw new VkNetException("VKN7031", "--check-nan and --compare-cpu look at a graph's nodes, which a plan no longer has", "run the graph file or model that it was compiled from");
            // Neither needs the other, and each takes about 0.1 s.
            var opening = Task.Run(() => OpenDevice(arguments, arguments.GetValue(_validate)), CancellationToken.None);
            PlanContent content;
            IReadOnlyDictionary<string, Tensor> planInputs;
            IWeightSource planWeights;
            try
            {
                content = ModelLoader.ReadPlan(path);
                OutputWriter.Check(outputs, [.. content.Plan.Outputs.Select(o => o.Key)]);
                stages.Begin("reading the inputs");
                planInputs = PlanInputs.Load(content.Plan, files, preprocessing);
                planWeights = ModelLoader.Weights(null, arguments.GetValue(_graph.Weights), arguments.GetValue(_graph.Init));
            }
            catch
            {
                Abandon(opening);
                throw;
            }
            stages.Begin("opening the device");
            using var planDevice = opening.GetAwaiter().GetResult();
            return Run(arguments, planDevice, content.For(planDevice.Profile), planWeights, planInputs, outputs, repeat, labels, stages, cancellation);
        }
        var model = ModelLoader.Load(path);
        stages.Begin("reading the inputs");
        var inputs = InputLoader.Load(model.Inputs, files, symbols, preprocessing);
        stages.Begin("reading the weights");
        var weights = ModelLoader.Weights(model.WeightsFile, arguments.GetValue(_graph.Weights), arguments.GetValue(_graph.Init));
        if (arguments.GetValue(_score) is { } answers) return Score(arguments, model, inputs, symbols, weights, answers, stages, cancellation);

        stages.Begin("building the graph");
        var graph = model.BuildFor(inputs, symbols);
        OutputWriter.Check(outputs, [.. graph.Outputs.Select(o => o.Key)]);
        // Inputs that decided a shape are part of the plan.
        inputs = graph.Inputs.ToDictionary(i => i.Name, i => inputs[i.Name], StringComparer.Ordinal);
        stages.Begin("opening the device");
        using var device = OpenDevice(arguments, arguments.GetValue(_validate));
        var settings = CompilerSettings.From(arguments, _graph, device.Profile, Error);
        if (arguments.GetValue(_checkNan) || arguments.GetValue(_compareCpu)) stages.Begin("looking at every node");
        if (arguments.GetValue(_checkNan) && GraphProbe.FindNonFinite(device, graph, settings, weights, inputs) is { } bad)
            throw new VkNetException("VKN4401", bad, "look at the inputs of that node", kind: ErrorKind.Check);
        if (arguments.GetValue(_compareCpu) && GraphProbe.FindDifference(device, graph, settings, weights, inputs, Error) is { } difference)
            throw new VkNetException("VKN4402", difference, "the host evaluator computes in double precision", kind: ErrorKind.Check);

        stages.Begin("compiling");
        var plan = GraphCompiler.Compile(graph, settings);
        CompilerSettings.Describe(arguments, plan, Error);
        return Run(arguments, device, plan, weights, inputs, outputs, repeat, labels, stages, cancellation);
    }

    // Closes a device that is no longer needed; what is wrong with it is not what the command ends with.
    private static void Abandon(Task<ComputeDevice> opening)
    {
        try
        {
            opening.GetAwaiter().GetResult().Dispose();
        }
        catch (VkNetException)
        {
        }
    }

    private int Run(ParseResult arguments, ComputeDevice device, ExecutionPlan plan, IWeightSource weights, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, string> outputs, int repeat, IReadOnlyList<string>? labels, Stages stages, CancellationToken cancellation)
    {
        stages.Begin("loading weights and making pipelines");
        using var compiled = CompiledModel.Load(device, plan, weights);
        var timed = arguments.GetValue(_profile) || arguments.GetValue(_trace) is not null;
        stages.Begin("recording");
        using var session = compiled.CreateSession(slots: 1, profile: timed);
        IReadOnlyDictionary<string, Tensor> results = new Dictionary<string, Tensor>();
        var clock = new Stopwatch();
        for (var i = 0; i < repeat; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            stages.Begin(repeat == 1 ? "run" : $"run {i + 1} of {repeat}");
            clock.Restart();
            results = session.Run(inputs);
            clock.Stop();
        }
        stages.Finish();
        if (arguments.GetValue(_trace) is { } traceFile)
        {
            ChromeTrace.Save(traceFile, session, stages.Done);
            Error.WriteLine($"wrote {traceFile}: open it at https://ui.perfetto.dev or chrome://tracing");
        }
        foreach (var (name, path) in outputs) OutputWriter.Write(name, results[name], path, Error);
        Report(arguments, device, plan, session, results, clock.Elapsed, labels);
        if (timed && arguments.GetValue(_profile)) ProfileReport.Write(Error, session);
        return ValidationResult(device);
    }

    private int Score(ParseResult arguments, ModelDefinition model, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, long> symbols, IWeightSource weights, string file, Stages stages, CancellationToken cancellation)
    {
        foreach (var option in new Option[] { _output, _labels, _top, _repeat, _profile, _trace, _checkNan, _compareCpu })
            if (arguments.GetResult(option) is { Implicit: false }) throw new VkNetException("VKN7013", $"{option.Name} is about one run, --score about many", $"leave one of them out");
        if (!File.Exists(file)) throw new VkNetException("VKN7003", $"there is no file '{file}' (given for --score)");
        var scoring = new Scoring(model, inputs, TensorFile.Load(file), symbols);
        using var device = OpenDevice(arguments, arguments.GetValue(_validate));
        var clock = Stopwatch.StartNew();
        stages.Begin($"scoring {scoring.Examples} examples");
        var correct = scoring.Run(device, CompilerSettings.From(arguments, _graph, device.Profile, Error), weights, cancellation);
        stages.Finish();
        var accuracy = (double)correct / scoring.Examples;
        if (arguments.GetValue(CommonOptions.Json))
        {
            JsonReport.Write(Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("device", device.Profile.Name);
                json.WriteBoolean("software", device.Profile.IsSoftware);
                json.WriteStartObject("score");
                json.WriteNumber("examples", scoring.Examples);
                json.WriteNumber("correct", correct);
                json.WriteReal("accuracy", accuracy);
                json.WriteEndObject();
                json.WriteNumber("hostMs", clock.Elapsed.TotalMilliseconds);
                json.WriteEndObject();
            });
        }
        else
        {
            Output.WriteLine(FormattableString.Invariant($"accuracy {accuracy:P2}: {correct} of {scoring.Examples}"));
            Error.WriteLine(FormattableString.Invariant($"batches of {scoring.Batch}, {clock.Elapsed.TotalSeconds:0.0} s"));
        }
        return ValidationResult(device);
    }

    private void Report(ParseResult arguments, ComputeDevice device, ExecutionPlan plan, InferenceSession session, IReadOnlyDictionary<string, Tensor> results, TimeSpan elapsed, IReadOnlyList<string>? labels)
    {
        // Who asks what is on a picture is told without asking for it.
        var first = results.FirstOrDefault().Value;
        var wanted = arguments.GetResult(_top) is { Implicit: false } ? arguments.GetValue(_top) : labels is not null || (first is not null && Pictures(arguments) && TopClasses.Fit(first)) ? 5 : 0;
        var top = wanted > 0 && first is not null ? TopClasses.Of(first, wanted, labels) : [];
        var gpuMs = session.LastTimings?.Sum() / 1e6;
        if (arguments.GetValue(CommonOptions.Json))
        {
            JsonReport.Write(Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("device", device.Profile.Name);
                json.WriteBoolean("software", device.Profile.IsSoftware);
                json.WriteStartObject("outputs");
                foreach (var (name, tensor) in results)
                {
                    var statistics = TensorStatistics.Of(tensor);
                    json.WriteStartObject(name);
                    json.WriteStartArray("shape");
                    foreach (var size in tensor.Shape) json.WriteNumberValue(size);
                    json.WriteEndArray();
                    json.WriteString("dtype", tensor.DataType.Name());
                    json.WriteReal("min", statistics.Minimum);
                    json.WriteReal("max", statistics.Maximum);
                    json.WriteReal("mean", statistics.Mean);
                    if (statistics.NaNs > 0) json.WriteNumber("nans", statistics.NaNs);
                    json.WriteEndObject();
                }
                json.WriteEndObject();
                json.WriteStartArray("top");
                foreach (var (index, label, probability) in top)
                {
                    json.WriteStartObject();
                    json.WriteNumber("index", index);
                    json.WriteString("label", label);
                    json.WriteReal("probability", probability);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteNumber("dispatches", plan.Main.Dispatches);
                if (gpuMs is { } ms) json.WriteNumber("gpuMs", ms);
                json.WriteNumber("hostMs", elapsed.TotalMilliseconds);
                json.WriteEndObject();
            });
            return;
        }
        foreach (var (name, tensor) in results) Output.WriteLine(TensorReport.Line(name, tensor));
        TopClasses.Write(Output, top);
        if (Pictures(arguments) && arguments.GetValue(_output) is not { Length: > 0 } && results.FirstOrDefault(r => r.Value.Shape is { Rank: 4 } shape && shape[0] == 1 && shape[2] > 1 && shape[3] > 1).Key is { } picture)
            Error.WriteLine($"see it as a picture: --output {picture}={picture}.png");
        Error.WriteLine(FormattableString.Invariant($"{plan.Main.Dispatches} dispatches, {plan.Main.Barriers} barriers, {elapsed.TotalMilliseconds:0.0} ms with inputs and outputs"));
    }

    private bool Pictures(ParseResult arguments) =>
        Assignments.Split("--input", arguments.GetValue(_input)).Values.Any(f => PictureFile.WritableExtensions.Append(".jpg").Append(".jpeg").Contains(Path.GetExtension(f).ToLowerInvariant()));

    private int ValidationResult(ComputeDevice device)
    {
        if (device.ValidationMessages.Count == 0) return 0;
        foreach (var message in device.ValidationMessages) Error.WriteLine(message);
        return (int)ErrorKind.Check;
    }

    private static string[] ReadLabels(string path) =>
        File.Exists(path) ? File.ReadAllLines(path) : throw new VkNetException("VKN7003", $"there is no file '{path}' (given for --labels)");
}
