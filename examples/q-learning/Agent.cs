using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Training;

namespace QLearning;

/// <summary>Acts by the worths of actions, and learns them from what it remembers. Weights never leave the device.</summary>
internal sealed class Agent : IDisposable
{
    private const int Batch = 64;
    private readonly Random _random;
    private readonly ReplayMemory _memory;
    private readonly TrainingSession _training;
    private readonly CompiledModel _actingModel;
    private readonly InferenceSession _acting;
    private readonly Tensor[] _batch = [.. QNetwork.Inputs(Batch).Select(i => Tensor.Zeros(i.Type))];
    private readonly Tensor[] _state = [Tensor.Zeros(TensorType.Float(1, CartPole.Features))];
    private readonly Tensor[] _worths;

    internal Agent(ComputeDevice device, int seed)
    {
        _random = new Random(seed);
        _memory = new ReplayMemory(20_000, _random);
        _training = new TrainingSession(device, QNetwork.Training(Batch, discount: 0.98, following: 0.01), new InitializedWeights((ulong)seed)) { LearningRate = 0.001 };
        _actingModel = CompiledModel.Load(device, GraphCompiler.Compile(QNetwork.Acting(), new CompilerOptions { Profile = device.Profile, Training = true }));
        _acting = _actingModel.CreateSession(_training.Weights, slots: 1);
        _worths = _acting.AllocateOutputs();
    }

    /// <summary>The action of most worth, or by chance another one.</summary>
    internal int Act(ReadOnlySpan<float> state, double exploration)
    {
        if (_random.NextDouble() < exploration) return _random.Next(CartPole.Actions);
        state.CopyTo(_state[0].Values<float>());
        _acting.Run(_state, _worths);
        var worths = _worths[0].Values<float>();
        return worths[1] > worths[0] ? 1 : 0;
    }

    /// <summary>Remembers a step and learns from a batch of remembered ones.</summary>
    internal void Learn(ReadOnlySpan<float> state, int action, ReadOnlySpan<float> nextState, bool fallen)
    {
        _memory.Add(state, action, nextState, fallen);
        if (_memory.Count < 10 * Batch) return;
        _memory.Draw(_batch);
        _training.Step(_batch);
    }

    public void Dispose()
    {
        _acting.Dispose();
        _actingModel.Dispose();
        _training.Dispose();
    }
}
