namespace VkNet.Operators.Import;

/// <summary>Implemented by operator pages that can be written as ONNX operators.</summary>
public interface IExportable
{
    /// <summary>Writes a node of this operator with ONNX operators of opset <see cref="ExportNode.Opset"/>; refuses with <see cref="ExportNode.Refuse"/> what ONNX cannot say.</summary>
    void Export(ExportNode node);
}
