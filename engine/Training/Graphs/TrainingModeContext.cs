using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>What an operator sees when the training form of one of its nodes is built.</summary>
public sealed class TrainingModeContext
{
    /// <summary>Name of the run value that random operators of a training graph count with: one more in every step.</summary>
    public const string CounterName = "train/random_counter";

    private readonly Func<int> _nextStream;

    internal TrainingModeContext(GraphBuilder builder, Node node, IReadOnlyList<Value?> inputs, ulong seed, Func<int> nextStream)
    {
        Builder = builder;
        Node = node;
        Inputs = inputs;
        Seed = seed;
        _nextStream = nextStream;
    }

    /// <summary>Builds the training graph.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>The node of the model.</summary>
    public Node Node { get; }

    /// <summary>The node's inputs in the training graph; null where an optional one is absent.</summary>
    public IReadOnlyList<Value?> Inputs { get; }

    /// <summary>The seed of the training.</summary>
    public ulong Seed { get; }

    /// <summary>A whole-number scalar of the run block that differs in every step, for random operators.</summary>
    public Value Counter => Builder.Find(CounterName) ?? Builder.RunValue(CounterName, DataType.Int32);

    /// <summary>A number that no other node of the graph gets: the random stream of this one.</summary>
    public int NextStream() => _nextStream();

    /// <summary>Makes a parameter of the model a carried tensor with the given next value (running statistics).</summary>
    public void SetState(Value parameter, Value next) => Builder.SetState(parameter, next);
}
