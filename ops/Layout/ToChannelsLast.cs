namespace VkNet.Operators.Layout;

/// <summary>Copies a dense tensor to channels-last, with channels padded by zeros to a multiple of four.</summary>
public sealed class ToChannelsLast() : LayoutConversion("to_channels_last", "The same tensor with its channels innermost, in fours.");
