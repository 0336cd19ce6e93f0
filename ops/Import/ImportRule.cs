using VkNet.Graphs;

namespace VkNet.Operators.Import;

/// <summary>How one ONNX operator becomes operators of this project. Stands on the operator's page.</summary>
/// <param name="OnnxName">The ONNX operator type, e.g. <c>Conv</c>.</param>
/// <param name="SinceVersion">First opset that the rule understands.</param>
/// <param name="Translate">Writes the operators and returns the outputs, one for each output the node names.</param>
public sealed record ImportRule(string OnnxName, int SinceVersion, Func<ImportNode, IReadOnlyList<Value>> Translate)
{
    /// <summary>The ONNX domain; empty for the standard one.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Last opset that the rule understands.</summary>
    public int UntilVersion { get; init; } = int.MaxValue;

    /// <summary>A rule whose translation has one output.</summary>
    public static ImportRule Single(string onnxName, int sinceVersion, Func<ImportNode, Value> translate) =>
        new(onnxName, sinceVersion, node => [translate(node)]);
}
