namespace VkNet.Devices;

/// <summary>One message of the Khronos validation layer.</summary>
/// <param name="IsError">True for an error, false for a warning.</param>
/// <param name="Id">The rule's name (<c>VUID-...</c>, <c>SYNC-HAZARD-READ-AFTER-WRITE</c>).</param>
/// <param name="Text">The layer's text.</param>
public sealed record ValidationMessage(bool IsError, string Id, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{(IsError ? "error" : "warning")} {Id}: {Text}";
}
