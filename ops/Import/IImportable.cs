namespace VkNet.Operators.Import;

/// <summary>Implemented by operator pages (and by pages of ONNX operators that dissolve into others) that say how ONNX spells them.</summary>
public interface IImportable
{
    /// <summary>The rules, one for each ONNX operator and range of opsets.</summary>
    IReadOnlyList<ImportRule> ImportRules { get; }
}
