using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>One column of a data source: what every example has under this name.</summary>
/// <param name="Name">The name that a recipe's <c>feed</c> refers to.</param>
/// <param name="Type">Element type and shape of one example, without the batch axis.</param>
public sealed record DataColumn(string Name, TensorType Type)
{
    /// <summary>Whether it holds pictures [C, H, W] or [H, W]: normalisation and augmentation apply to it, and bytes mean 0 to 1.</summary>
    public bool IsPicture { get; init; }

    /// <summary>One more than the largest label of a column of whole numbers; null where it is not known or not a label.</summary>
    public long? Classes { get; init; }
}
