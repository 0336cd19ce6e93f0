using System.Diagnostics;
using System.Globalization;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Perf.Benchmarks;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Perf.Plans;

/// <summary>
/// What a replay costs the host, as a Markdown table: the calling thread's time in our own code, and beside it its time in the driver
/// (submitting and waiting, the device's work included). <c>perf/run --replay</c>.
/// </summary>
internal static class ReplayTable
{
    private const int WarmUps = 50;
    private const int Runs = 400;
    private const int LongPlan = 1_200;
    private const int Batch = 8;

    public static void Write(TextWriter output, ComputeDevice device)
    {
        output.WriteLine("| plan | dispatches | own code, us (median) | 9 of 10 below | driver: submit, us | driver: wait, us | driver: memory, us |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        var digits = Digits().Build(new Bindings { OpenSymbols = 1 });
        Inference("lenet5", GraphCompiler.Compile(digits, new CompilerOptions { Profile = device.Profile }));
        Inference("a chain, unfused", GraphCompiler.Compile(Chain(), new CompilerOptions { Profile = device.Profile, Fuse = false }));
        Training();

        void Inference(string name, ExecutionPlan plan)
        {
            using var model = CompiledModel.Load(device, plan, new InitializedWeights(1));
            using var session = model.CreateSession(1);
            var (inputs, outputs) = (plan.Inputs.Select(i => Tensor.Zeros(i.Value.Type)).ToArray(), session.AllocateOutputs());
            Row(name, plan, () => session.Run(inputs, outputs));
        }

        void Training()
        {
            using var session = new TrainingSession(device, TrainingTable.Step(Batch), new InitializedWeights(1), slots: 1);
            var inputs = session.Inputs.Select(i => Tensor.Zeros(i.Value)).ToArray();
            Row($"lenet5, a training step of {Batch} pictures", session.Plan, () => session.Step(inputs));
        }

        void Row(string name, ExecutionPlan plan, Action run) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {plan.Main.Dispatches} | {Measure(run)} |"));
    }

    private static string Measure(Action run)
    {
        for (var i = 0; i < WarmUps; i++) run();
        var parts = Enumerable.Range(0, 4).Select(_ => new double[Runs]).ToArray();
        for (var i = 0; i < Runs; i++)
        {
            var (before, start) = (DriverTime.OfThisThread, Stopwatch.GetTimestamp());
            run();
            var (total, after) = (Stopwatch.GetElapsedTime(start), DriverTime.OfThisThread);
            double[] driver = [(after.Submitting - before.Submitting).TotalMicroseconds, (after.Waiting - before.Waiting).TotalMicroseconds, (after.Synchronizing - before.Synchronizing).TotalMicroseconds];
            parts[0][i] = total.TotalMicroseconds - driver.Sum();
            for (var p = 0; p < driver.Length; p++) parts[1 + p][i] = driver[p];
        }
        foreach (var part in parts) Array.Sort(part);
        return string.Create(CultureInfo.InvariantCulture, $"{parts[0][Runs / 2]:0.0} | {parts[0][Runs * 9 / 10]:0.0} | {parts[1][Runs / 2]:0.0} | {parts[2][Runs / 2]:0} | {parts[3][Runs / 2]:0.0}");
    }

    private static ModelDefinition Digits() => GraphFile.Load(ExampleFiles.Find("networks/lenet5.yaml"), StandardOperators.Registry);

    private static Graph Chain()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "chain");
        var value = builder.Input("x", TensorType.Float(64));
        for (var i = 0; i < LongPlan; i++) value = builder.Apply("tanh", AttributeSet.Empty, value);
        builder.Output("y", value);
        return builder.Build();
    }
}
