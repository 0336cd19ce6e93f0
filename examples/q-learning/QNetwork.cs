using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Training;

namespace QLearning;

/// <summary>
/// The graphs of deep Q-learning: Mnih and others, "Human-level control through deep reinforcement learning", 2015. A network gives the
/// worth Q(s, a) of each action; it is fitted to y = r + gamma max over a' of Q'(s', a'), where Q' is a network whose weights follow those of
/// Q slowly (the target network), and the last term is left out where the episode ends. The reward is
/// 1 - gamma for every step, so that the worths lie between 0 and 1.
/// </summary>
internal static class QNetwork
{
    /// <summary>The network that is trained.</summary>
    internal const string Online = "online";

    /// <summary>The one that follows it.</summary>
    internal const string Target = "target";

    private const int Hidden = 64;

    /// <summary>Shapes of the parameters of one network, by the ends of their names.</summary>
    internal static IReadOnlyList<(string Name, TensorType Type)> Parameters { get; } =
    [
        ("hidden1.weight", TensorType.Float(Hidden, CartPole.Features)), ("hidden1.bias", TensorType.Float(Hidden)),
        ("hidden2.weight", TensorType.Float(Hidden, Hidden)), ("hidden2.bias", TensorType.Float(Hidden)),
        ("worth.weight", TensorType.Float(CartPole.Actions, Hidden)), ("worth.bias", TensorType.Float(CartPole.Actions)),
    ];

    /// <summary>What a training step is fed with.</summary>
    internal static IReadOnlyList<(string Name, TensorType Type)> Inputs(int batch) =>
    [
        ("state", TensorType.Float(batch, CartPole.Features)), ("next_state", TensorType.Float(batch, CartPole.Features)),
        ("chosen", TensorType.Float(batch, CartPole.Actions)), ("going", TensorType.Float(batch)),
    ];

    /// <summary>A training step: both networks, the loss, the update and the following, as one plan.</summary>
    /// <param name="batch">Steps in a batch.</param>
    /// <param name="discount">gamma, how much the next step counts.</param>
    /// <param name="following">The share of the way to the trained weights that the target's go in a step.</param>
    internal static TrainingGraph Training(int batch, double discount, double following)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "q_learning");
        var inputs = Inputs(batch).Select(i => builder.Input(i.Name, i.Type)).ToList();
        var worths = Worths(builder, Online, inputs[0]);
        var nextWorths = Worths(builder, Target, inputs[1]);
        var axis = AttributeSet.Empty.With("axes", new long[] { 1 });
        builder.Output("worth", builder.Apply("reduce_sum", axis, builder.Apply("mul", null, worths, inputs[2])));
        var future = builder.Apply("mul", null, builder.Apply("reduce_max", axis, nextWorths), inputs[3]);
        builder.Output("wanted", builder.Apply("affine", AttributeSet.Empty.With("scale", discount).With("shift", 1 - discount), future));
        foreach (var (name, _) in Parameters)
        {
            var (online, target) = (builder.Find($"{Online}.{name}")!, builder.Find($"{Target}.{name}")!);
            builder.SetState(target, builder.Apply("add", null, Scaled(builder, target, 1 - following), Scaled(builder, online, following)));
        }
        return TrainingGraph.Build(builder.Build(), new TrainingObjective
        {
            Loss = c => c.Builder.Apply("mse_loss", null, c["worth"], c["wanted"]),
            WithRespectTo = [Online + ".*"],
            Optimizer = new OptimizerOptions("adam", 0.001),
        }, carried: ["*"]);
    }

    /// <summary>The worths of the actions in one state, by the parameters that the training keeps on the device.</summary>
    internal static Graph Acting()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "q_acting");
        builder.Output("worths", Worths(builder, Online, builder.Input("state", TensorType.Float(1, CartPole.Features))));
        foreach (var (name, _) in Parameters)
            if (builder.Find($"{Online}.{name}") is { } parameter) builder.SetState(parameter, parameter);
        return builder.Build();
    }

    private static Value Scaled(GraphBuilder builder, Value value, double factor) => builder.Apply("affine", AttributeSet.Empty.With("scale", factor), value);

    private static Value Worths(GraphBuilder builder, string network, Value state)
    {
        var own = Parameters.ToDictionary(p => p.Name, p => builder.Parameter($"{network}.{p.Name}", p.Type, new ParameterOptions { Initializer = p.Type.Shape.Rank == 2 ? "he" : "zeros" }));
        var hidden1 = builder.Apply("relu", null, builder.Apply("dense", null, state, own["hidden1.weight"], own["hidden1.bias"]));
        var hidden2 = builder.Apply("relu", null, builder.Apply("dense", null, hidden1, own["hidden2.weight"], own["hidden2.bias"]));
        return builder.Apply("dense", null, hidden2, own["worth.weight"], own["worth.bias"]);
    }
}
