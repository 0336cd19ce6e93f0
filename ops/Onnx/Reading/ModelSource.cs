using System.Diagnostics.CodeAnalysis;

namespace VkNet.Onnx.Reading;

/// <summary>Where a model comes from: the name for diagnostics, and the folder in which its external data must lie.</summary>
/// <param name="Name">The file's path as the user gave it, or the name given to a stream.</param>
/// <param name="Folder">The folder of external data; null when the model came from a stream alone.</param>
internal sealed record ModelSource(string Name, string? Folder)
{
    /// <summary>The place that diagnostics show.</summary>
    public SourceLocation Location { get; } = new(Name);

    /// <summary>A diagnostic about this model.</summary>
    public VkNetException Fault(string code, string message, string? help = null, Exception? inner = null) => new(code, message, help, Location, inner: inner);

    /// <summary>Throws a diagnostic about this model.</summary>
    [DoesNotReturn]
    public void Fail(string code, string message, string? help = null) => throw Fault(code, message, help);
}
