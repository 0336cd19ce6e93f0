using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>Implemented by losses and metrics that take class labels as whole numbers, so that labels can be checked before a training starts.</summary>
public interface ITakesLabels
{
    /// <summary>Which input holds the labels.</summary>
    int LabelInput { get; }

    /// <summary>How many classes a node tells apart.</summary>
    long Classes(Node node);
}
