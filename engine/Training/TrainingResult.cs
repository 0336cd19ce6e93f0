using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>The loss and the metrics of one step. Valid until the next step is completed.</summary>
public readonly struct TrainingResult
{
    private readonly Tensor[] _outputs;

    internal TrainingResult(Tensor[] outputs) => _outputs = outputs;

    /// <summary>The loss, from before the step's update.</summary>
    public float Loss => _outputs[0].Values<float>()[0];

    /// <summary>Number of metrics.</summary>
    public int MetricCount => _outputs.Length - 1;

    /// <summary>A metric, in the order of <see cref="TrainingGraph.Metrics"/>.</summary>
    public float Metric(int index) => _outputs[1 + index].Values<float>()[0];
}
