using VkNet.Formats;
using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;
using VkNet.Tensors;

namespace VkNet.Onnx;

/// <summary>Reads single tensors in ONNX's own form (<c>input_0.pb</c>), as its test data are kept.</summary>
public static class OnnxTensorFile
{
    /// <summary>Reads the tensor in a file.</summary>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN3001 to VKN3003: damaged; VKN3009 to VKN3013: the tensor cannot be read.</exception>
    public static Tensor Read(string path) => InputFile.Read(path, stream =>
    {
        var source = new ModelSource(path, Path.GetDirectoryName(Path.GetFullPath(path)));
        return TensorReader.Read(WireReader.Read(stream, source, TensorProto.Parser), source, "the tensor");
    });
}
