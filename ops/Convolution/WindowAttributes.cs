using VkNet.Graphs;

namespace VkNet.Operators.Convolution;

/// <summary>The attributes that convolutions and poolings share. Lists hold one number per spatial axis, outermost first; a single number stands for all.</summary>
internal static class WindowAttributes
{
    /// <summary>Sizes of the window.</summary>
    public static AttributeDefinition<long[]?> Kernel { get; } = new("kernel", "Size of the window along each spatial axis.") { Minimum = 1, ScalarAllowed = true };

    /// <summary>Step from one window to the next.</summary>
    public static AttributeDefinition<long[]> Stride { get; } = new("stride", "Step between neighbouring windows.", [1]) { Minimum = 1, ScalarAllowed = true };

    /// <summary>Distance between the taps of a window.</summary>
    public static AttributeDefinition<long[]> Dilation { get; } = new("dilation", "Distance between neighbouring taps of a window.", [1]) { Minimum = 1, ScalarAllowed = true };

    /// <summary>How the padding is found.</summary>
    public static AttributeDefinition<string> AutoPadding { get; } = new("auto_padding", "How the padding is found: 'explicit' takes the numbers in 'padding', 'same' and 'same_lower' make ceil(size / stride) outputs with an odd padding's larger half at the end or at the beginning, 'valid' pads nothing.", "explicit")
    {
        Choices = ["explicit", "same", "same_lower", "valid"],
    };

    /// <summary>Elements added around the input.</summary>
    public static AttributeDefinition<long[]> Padding { get; } = new("padding", "Padding of each spatial axis at both sides, or first at every axis's beginning, then at every axis's end; or one of the words of auto_padding.", [0])
    {
        Minimum = 0,
        ScalarAllowed = true,
        Words = AutoPadding,
    };
}
