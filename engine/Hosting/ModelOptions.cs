using VkNet.Execution;
using VkNet.Graphs;

namespace VkNet.Hosting;

/// <summary>One model of a container.</summary>
public sealed class ModelOptions
{
    /// <summary>The model; set by <c>AddModel</c>.</summary>
    public Func<ModelDefinition>? Model { get; set; }

    /// <summary>Its parameters; null takes the weights file that the model names, if it names one.</summary>
    public Func<IWeightSource>? Weights { get; set; }

    /// <summary>How plans are kept.</summary>
    public ModelRunnerOptions Runner { get; set; } = new();

    /// <summary>Most requests run together along axis 0 of all inputs and outputs; 1 runs each by itself.</summary>
    public int MaximumBatch { get; set; } = 1;

    /// <summary>How long a request waits for others to join it.</summary>
    public TimeSpan BatchDelay { get; set; } = TimeSpan.FromMilliseconds(2);
}
