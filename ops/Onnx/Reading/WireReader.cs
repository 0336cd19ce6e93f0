using Google.Protobuf;
using VkNet.Formats;

namespace VkNet.Onnx.Reading;

/// <summary>Turns files and streams into checked protobuf messages.</summary>
internal static class WireReader
{
    /// <summary>Reads one message from a stream's position to its end.</summary>
    /// <exception cref="VkNetException">VKN6004, VKN3001 to VKN3003.</exception>
    public static T Read<T>(Stream stream, ModelSource source, MessageParser<T> parser) where T : IMessage<T>, new()
    {
        var data = InputFile.ReadAll(stream, source.Name, Limits.MaximumModelFileBytes);
        WireCheck.Run(source, data, new T().Descriptor);
        try
        {
            return parser.ParseFrom(data);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw source.Fault("VKN3001", $"the file is damaged: {e.Message}", "this is no ONNX model, or one that was cut short", e);
        }
    }
}
