namespace VkNet.Onnx.Import;

/// <summary>What the nodes of a body see besides values: inside a function it is the function's own.</summary>
/// <param name="Opsets">The operator sets that nodes mean.</param>
/// <param name="Attributes">The attributes that the function was called with.</param>
/// <param name="Prefix">Goes before node names, so that messages tell which call is meant.</param>
/// <param name="Calls">The functions being inlined, innermost first.</param>
internal sealed record Frame(Opsets Opsets, IReadOnlyDictionary<string, object> Attributes, string Prefix, IReadOnlyList<Function> Calls)
{
    /// <summary>The frame of the main graph.</summary>
    public static Frame Main(Opsets opsets) => new(opsets, new Dictionary<string, object>(), "", []);
}
