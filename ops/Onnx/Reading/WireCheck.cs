using Google.Protobuf.Reflection;
using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Reading;

/// <summary>
/// Walks a serialized message before it is parsed. The protobuf runtime takes a known field of the wrong wire type for an unknown
/// field and skips it, and builds objects for whatever a file declares; here such fields are refused, and nesting and the number of
/// messages are held to <see cref="Limits"/> before anything is built.
/// </summary>
internal sealed class WireCheck
{
    private readonly ModelSource _source;
    private readonly byte[] _data;
    private readonly Dictionary<MessageDescriptor, FieldDescriptor?[]> _fields = [];
    private long _messages;

    private WireCheck(ModelSource source, byte[] data)
    {
        _source = source;
        _data = data;
    }

    /// <summary>Checks a whole buffer as one message of the given kind.</summary>
    /// <exception cref="VkNetException">VKN3001: damaged; VKN3002: a field of the wrong type; VKN3003: nested too deep or too many messages.</exception>
    public static void Run(ModelSource source, byte[] data, MessageDescriptor message) => new WireCheck(source, data).Message(message, 0, data.Length, 0);

    private void Message(MessageDescriptor message, int start, int end, int depth)
    {
        if (depth > Limits.MaximumModelDepth)
            _source.Fail("VKN3003", $"messages are nested more than {Limits.MaximumModelDepth} deep at byte {start}", "a program can raise the cap in VkNet.Limits");
        if (++_messages > Limits.MaximumModelMessages)
            _source.Fail("VKN3003", $"the file holds more than {Limits.MaximumModelMessages} messages (nodes, attributes, tensors, ...)", "a program can raise the cap in VkNet.Limits");
        var fields = Fields(message);
        var isAttribute = message.Name == nameof(AttributeProto);
        long attributeBytes = 0;
        var position = start;
        while (position < end)
        {
            var at = position;
            var tag = Number(ref position, end);
            var (number, wire) = (tag >> 3, (Wire)(tag & 7));
            if (number == 0 || tag > uint.MaxValue) Damaged(at, "no field has the number 0");
            if (!Enum.IsDefined(wire)) Damaged(at, $"wire type {(int)wire} does not occur in the format");
            var field = number < (ulong)fields.Length ? fields[number] : null;
            if (field is not null && !Fits(field, wire))
                _source.Fail("VKN3002", $"field '{field.Name}' of {message.Name} at byte {at} is written as {Describe(wire)}, but the format wants {Describe(Expected(field))}", "the file is damaged, or is no ONNX model");
            switch (wire)
            {
                case Wire.Varint:
                    Number(ref position, end);
                    break;
                case Wire.Fixed64:
                    Skip(ref position, 8, end, at);
                    break;
                case Wire.Fixed32:
                    Skip(ref position, 4, end, at);
                    break;
                case Wire.Length:
                    var length = Number(ref position, end);
                    var content = position;
                    Skip(ref position, length, end, at);
                    if (field?.FieldType == FieldType.Message) Message(field.MessageType, content, position, depth + 1);
                    break;
            }
            if (isAttribute && field?.FieldType != FieldType.Message) attributeBytes += position - at;
            if (attributeBytes > Limits.MaximumAttributeBytes)
                _source.Fail("VKN3003", $"an attribute holds more than {Limits.MaximumAttributeBytes} bytes at byte {at}", "a program can raise the cap in VkNet.Limits; large values belong into tensors");
        }
    }

    private ulong Number(ref int position, int end)
    {
        ulong value = 0;
        var start = position;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (position >= end) Damaged(start, "a number is cut short");
            var part = _data[position++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
        Damaged(start, "a number has more than ten bytes");
        return 0;
    }

    private void Skip(ref int position, ulong length, int end, int at)
    {
        if (length > (ulong)(end - position)) Damaged(at, $"a field of {length} bytes does not fit into the {end - position} that are left");
        position += (int)length;
    }

    private void Damaged(int at, string message) =>
        _source.Fail("VKN3001", $"the file is damaged at byte {at}: {message}", "this is no ONNX model, or one that was cut short");

    private FieldDescriptor?[] Fields(MessageDescriptor message)
    {
        if (_fields.TryGetValue(message, out var table)) return table;
        table = new FieldDescriptor?[message.Fields.InFieldNumberOrder().Select(f => f.FieldNumber).DefaultIfEmpty().Max() + 1];
        foreach (var field in message.Fields.InFieldNumberOrder()) table[field.FieldNumber] = field;
        return _fields[message] = table;
    }

    private static bool Fits(FieldDescriptor field, Wire wire) =>
        wire == Expected(field) || (wire == Wire.Length && field.IsRepeated && field.FieldType is not (FieldType.Message or FieldType.String or FieldType.Bytes));

    private static Wire Expected(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Float => Wire.Fixed32,
        FieldType.Double => Wire.Fixed64,
        FieldType.Message or FieldType.String or FieldType.Bytes => Wire.Length,
        _ => Wire.Varint,
    };

    private static string Describe(Wire wire) => wire switch
    {
        Wire.Varint => "a whole number",
        Wire.Fixed64 => "8 bytes",
        Wire.Length => "a run of bytes",
        _ => "4 bytes",
    };

    // How protobuf encodes a field's content; the values are the format's.
    private enum Wire
    {
        Varint = 0,
        Fixed64 = 1,
        Length = 2,
        Fixed32 = 5,
    }
}
