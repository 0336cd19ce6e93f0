namespace VkNet.Operators.Layout;

/// <summary>Copies a channels-last tensor to dense.</summary>
public sealed class FromChannelsLast() : LayoutConversion("from_channels_last", "The same tensor dense in its logical order.");
