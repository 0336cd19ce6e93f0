using VkNet.Tensors;

namespace QLearning;

/// <summary>What happened lately, from which batches are drawn at random, so that neighbours in time do not train together.</summary>
internal sealed class ReplayMemory(int capacity, Random random)
{
    private readonly float[] _states = new float[capacity * CartPole.Features];
    private readonly float[] _nextStates = new float[capacity * CartPole.Features];
    private readonly int[] _actions = new int[capacity];
    private readonly bool[] _fallen = new bool[capacity];
    private int _next;

    /// <summary>Number of steps remembered.</summary>
    internal int Count { get; private set; }

    /// <summary>Remembers a step in place of the oldest one.</summary>
    internal void Add(ReadOnlySpan<float> state, int action, ReadOnlySpan<float> nextState, bool fallen)
    {
        state.CopyTo(_states.AsSpan(_next * CartPole.Features));
        nextState.CopyTo(_nextStates.AsSpan(_next * CartPole.Features));
        (_actions[_next], _fallen[_next]) = (action, fallen);
        _next = (_next + 1) % capacity;
        Count = Math.Max(Count, _next == 0 ? capacity : _next);
    }

    /// <summary>Fills a batch: the tensors of <see cref="QNetwork.Inputs"/>, in that order.</summary>
    internal void Draw(Tensor[] batch)
    {
        var states = batch[0].Values<float>();
        var nextStates = batch[1].Values<float>();
        var chosen = batch[2].Values<float>();
        var going = batch[3].Values<float>();
        chosen.Clear();
        for (var i = 0; i < going.Length; i++)
        {
            var k = random.Next(Count);
            _states.AsSpan(k * CartPole.Features, CartPole.Features).CopyTo(states[(i * CartPole.Features)..]);
            _nextStates.AsSpan(k * CartPole.Features, CartPole.Features).CopyTo(nextStates[(i * CartPole.Features)..]);
            chosen[i * CartPole.Actions + _actions[k]] = 1;
            going[i] = _fallen[k] ? 0 : 1;
        }
    }
}
