using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Perf.Cases;

/// <summary>Recurrent layers, and the products that they consist of.</summary>
internal static class RecurrentCases
{
    public static IEnumerable<PerfCase> All()
    {
        // One step's recurrent product and the input projection of a whole sequence: hidden size 512, batch 16, 64 steps.
        yield return GemmCases.Product("lstm", 16, 2048, 512);
        yield return GemmCases.Product("lstm", 1024, 2048, 512);
        yield return Layer("lstm", 4, 512, 16, 64);
        yield return Layer("gru", 3, 512, 16, 64);
        // Recurrent layers of DeepBench: hidden size, batch, steps.
        yield return Layer("lstm", 4, 512, 32, 25, "deepbench");
        yield return Layer("lstm", 4, 1024, 16, 25, "deepbench");
        yield return Layer("gru", 3, 1024, 16, 25, "deepbench");
    }

    private static PerfCase Layer(string kind, long gates, long hidden, long batch, long steps, string set = "lstm") => new()
    {
        Set = set,
        Kernel = kind,
        Shape = $"h{hidden} n{batch} t{steps}",
        Flops = 2.0 * steps * batch * gates * hidden * 2 * hidden,
        Bytes = 4.0 * (steps * batch * 2 * hidden + 2 * gates * hidden * hidden),
        Tolerance = 1e-4,
        Build = builder =>
        {
            var x = builder.Input("x", TensorType.Float(batch, steps, hidden));
            var scale = 1 / MathF.Sqrt(hidden);
            Value Weight(string name, params long[] shape)
            {
                var tensor = PerfCase.Random(name, shape);
                foreach (ref var value in tensor.Values<float>()) value *= scale;
                return builder.Constant(tensor, name);
            }
            builder.Output("y", builder.Apply(kind, AttributeSet.Empty, x, Weight("w", 1, gates * hidden, hidden), Weight("r", 1, gates * hidden, hidden)));
        },
    };
}
