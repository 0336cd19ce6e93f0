using Google.Protobuf;
using VkNet.Formats;

namespace VkNet.Onnx.Reading;

/// <summary>Turns files and streams into checked protobuf messages.</summary>
internal static class WireReader
{
    /// <summary>Reads one message from a file.</summary>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN6004: too long; VKN3001 to VKN3003 as in <see cref="WireCheck"/>.</exception>
    public static T ReadFile<T>(string path, MessageParser<T> parser, T prototype) where T : IMessage<T> =>
        InputFile.Read(path, stream => Read(stream, new ModelSource(path, null), parser, prototype));

    /// <summary>Reads one message from a stream's position to its end.</summary>
    /// <exception cref="VkNetException">VKN6004, VKN3001 to VKN3003.</exception>
    public static T Read<T>(Stream stream, ModelSource source, MessageParser<T> parser, T prototype) where T : IMessage<T>
    {
        var data = InputFile.ReadAll(stream, source.Name, Limits.MaximumModelFileBytes);
        WireCheck.Run(source, data, prototype.Descriptor);
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
