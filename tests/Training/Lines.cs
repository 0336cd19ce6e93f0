using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Tests.Training;

/// <summary>The smallest thing to learn: y = 3 x - 0.5.</summary>
internal static class Lines
{
    internal static ModelDefinition Model() => new("line", [new InputDeclaration("x", DataType.Float32, ["N"])], bindings =>
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "line", bindings);
        var x = builder.Input("x", TensorType.Float(bindings.Symbols["N"]));
        var slope = builder.Parameter("slope", TensorType.Float(1), new ParameterOptions { Initializer = "normal" });
        var offset = builder.Parameter("offset", TensorType.Float(1));
        builder.Output("y", builder.Apply("add", null, builder.Apply("mul", null, slope, x), offset));
        return builder.Build();
    });

    internal static Bindings Batch(long size) => new() { Symbols = new Dictionary<string, long> { ["N"] = size } };

    internal static TrainingObjective Objective(OptimizerOptions optimizer, long batch = 8) => new()
    {
        Loss = c => c.Builder.Apply("reduce_mean", null, c.Builder.Apply("square", null, c.Builder.Apply("sub", null, c["y"], c["target"]))),
        Metrics = [new("error", c => c.Builder.Apply("reduce_mean", null, c.Builder.Apply("abs", null, c.Builder.Apply("sub", null, c["y"], c["target"]))))],
        Optimizer = optimizer,
        ExtraInputs = [new("target", TensorType.Float(batch))],
    };

    internal static Dictionary<string, Tensor> Data(int seed, int batch)
    {
        var random = new PhiloxRandom((ulong)seed, 99);
        var (x, target) = (new float[batch], new float[batch]);
        for (var i = 0; i < batch; i++)
        {
            x[i] = 4 * random.NextUniform() - 2;
            target[i] = 3 * x[i] - 0.5f;
        }
        return new Dictionary<string, Tensor> { ["x"] = Tensor.From(x, batch), ["target"] = Tensor.From(target, batch) };
    }
}
