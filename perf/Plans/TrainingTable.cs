using System.Diagnostics;
using System.Globalization;
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
/// What fusion saves in a training step: LeNet-5 with Adam, blocks of steps fused and unfused in turn, the next step staged while one runs, as
/// medians of the blocks and of the ratios of neighbouring blocks, which a machine that is busy with other things disturbs least.
/// <c>perf/run --training</c>.
/// </summary>
internal static class TrainingTable
{
    private const int Batch = 64;
    private const int WarmUps = 2;
    private const int Rounds = 60;
    private const int Block = 20;

    public static void Write(TextWriter output, ComputeDevice device)
    {
        var graph = Step(Batch);
        using var fused = new TrainingSession(device, graph, new InitializedWeights(1));
        using var unfused = new TrainingSession(device, graph, new InitializedWeights(1), configure: o => o with { Fuse = false });
        var inputs = Inputs();
        var times = new double[2][] { new double[Rounds], new double[Rounds] };
        for (var round = -WarmUps; round < Rounds; round++)
            for (var i = 0; i < 2; i++)
            {
                var start = Stopwatch.GetTimestamp();
                Run(i == 0 ? fused : unfused, inputs);
                if (round >= 0) times[i][round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Block;
            }
        var ratios = times[1].Zip(times[0], (slow, fast) => slow / fast).Order().ToArray();
        foreach (var list in times) Array.Sort(list);
        output.WriteLine($"| lenet5, Adam, batch {Batch} | dispatches | ms, median | ms, least |");
        output.WriteLine("|---|---|---|---|");
        Row("fused", fused, times[0]);
        Row("unfused", unfused, times[1]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"unfused / fused: {ratios[Rounds / 2]:0.00} (median of {Rounds} pairs of {Block} steps each; half of them {ratios[Rounds / 4]:0.00} to {ratios[Rounds * 3 / 4]:0.00}); of the least times {times[1][0] / times[0][0]:0.00}"));

        void Row(string name, TrainingSession session, double[] list) =>
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {session.Plan.Main.Dispatches} | {list[Rounds / 2]:0.00} | {list[0]:0.00} |"));
    }

    private static void Run(TrainingSession session, Tensor[] inputs)
    {
        for (var step = 0; step < Block; step++)
        {
            if (!session.CanSubmit) session.Complete();
            session.Submit(inputs);
        }
        while (session.InFlight > 0) session.Complete();
    }

    /// <summary>A training step of LeNet-5 with Adam.</summary>
    /// <param name="batch">Pictures in a step.</param>
    internal static TrainingGraph Step(int batch) => TrainingGraph.Build(GraphFile.Load(ExampleFiles.Find("networks/lenet5.yaml"), StandardOperators.Registry).Build(new Bindings { OpenSymbols = batch }), new TrainingObjective
    {
        Loss = c => c.Builder.Apply("softmax_cross_entropy", null, c["logits"], c["label"]),
        Metrics = [new("accuracy", c => c.Builder.Apply("accuracy", null, c["logits"], c["label"]))],
        Optimizer = new OptimizerOptions("adam", 0.001),
        ExtraInputs = [new("label", new TensorType(DataType.Int32, [batch]))],
    });

    private static Tensor[] Inputs()
    {
        var random = new PhiloxRandom(1);
        var (pictures, labels) = (new float[Batch * 28 * 28], new int[Batch]);
        for (var i = 0; i < pictures.Length; i++) pictures[i] = random.NextUniform();
        for (var i = 0; i < labels.Length; i++) labels[i] = i % 10;
        return [Tensor.From(pictures, Batch, 1, 28, 28), Tensor.From(labels, Batch)];
    }
}
