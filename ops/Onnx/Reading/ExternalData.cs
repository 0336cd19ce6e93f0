using VkNet.Formats;
using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Reading;

/// <summary>
/// Tensor data that lie in files beside the model. A model from a stranger must not read other files of the user, so the path must
/// stay inside the model's folder, and neither it nor any folder on the way may be a link of any kind. Data are read when a tensor is
/// first used, by positional reads: a memory map would end the process if the file were cut short meanwhile.
/// </summary>
internal static class ExternalData
{
    /// <summary>Fills <paramref name="destination"/> with the tensor's bytes.</summary>
    /// <exception cref="VkNetException">VKN3012: the path is not allowed; VKN3013: the file is missing or too short, or its length disagrees with the tensor's.</exception>
    public static void Read(TensorProto tensor, ModelSource source, string what, Span<byte> destination)
    {
        var (location, offset, length) = Describe(tensor, source, what);
        if (length is { } given && given != destination.Length)
            source.Fail("VKN3013", $"{what} needs {destination.Length} bytes, but its external data are said to have {given}");
        using var file = Open(location, source, what);
        try
        {
            var available = RandomAccess.GetLength(file.SafeFileHandle);
            if (offset > available - destination.Length)
                source.Fail("VKN3013", $"{what} takes {destination.Length} bytes from byte {offset} of '{location}', but that file has {available}", "the data file is cut short, or belongs to another model");
            while (!destination.IsEmpty)
            {
                var count = RandomAccess.Read(file.SafeFileHandle, destination, offset);
                if (count == 0) source.Fail("VKN3013", $"'{location}' was cut short while {what} was read from it");
                destination = destination[count..];
                offset += count;
            }
        }
        catch (IOException e)
        {
            throw FileFault.Reading(location, e);
        }
    }

    private static (string Location, long Offset, long? Length) Describe(TensorProto tensor, ModelSource source, string what)
    {
        string? location = null;
        long offset = 0;
        long? length = null;
        foreach (var entry in tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(entry);
                    break;
                case "length":
                    length = Number(entry);
                    break;
            }
        }
        if (string.IsNullOrEmpty(location)) source.Fail("VKN3012", $"{what} has external data, but does not say in which file");
        return (location, offset, length);

        long Number(StringStringEntryProto entry)
        {
            if (!long.TryParse(entry.Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var value))
                source.Fail("VKN3012", $"{what}: '{entry.Value}' is no {entry.Key} of external data");
            return value;
        }
    }

    private static FileStream Open(string location, ModelSource source, string what)
    {
        if (source.Folder is null)
            source.Fail("VKN3012", $"{what} lies in the file '{location}', but the model was read from a stream", "give the folder of its data when loading, or load the model from its file");
        var path = Resolve(location, source, what);
        if (FileLinks.IsOrdinaryFile(path) is false) Refuse(source, what, location, "it is no ordinary file");
        FileStream file;
        try
        {
            file = InputFile.OpenSeekable(path);
        }
        catch (VkNetException e)
        {
            throw source.Fault("VKN3013", $"{what} lies in '{location}', which cannot be read: {e.Diagnostic.Message}", e.Diagnostic.Help, e);
        }
        if (FileLinks.Count(file.SafeFileHandle) is > 1)
        {
            file.Dispose();
            Refuse(source, what, location, "the file has several names (hard links)");
        }
        return file;
    }

    private static string Resolve(string location, ModelSource source, string what)
    {
        // Both separators count on every system, so that a model means the same everywhere; a colon is a drive or a stream on Windows.
        if (location[0] is '/' or '\\' || Path.IsPathRooted(location) || location.Contains(':') || location.Contains('\0'))
            Refuse(source, what, location, "only paths relative to the model's folder are followed");
        var path = Path.GetFullPath(source.Folder!);
        foreach (var part in location.Split('/', '\\'))
        {
            if (part == "..") Refuse(source, what, location, "it leaves the model's folder");
            if (part is "" or ".") continue;
            path = Path.Combine(path, part);
            var entry = new FileInfo(path);
            if (entry.LinkTarget is not null || (entry.Exists && entry.Attributes.HasFlag(FileAttributes.ReparsePoint)))
                Refuse(source, what, location, $"'{part}' is a link");
        }
        return path;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void Refuse(ModelSource source, string what, string location, string reason) =>
        source.Fail("VKN3012", $"{what} lies in '{location}', which is refused: {reason}", "external data must be ordinary files inside the model's own folder");
}
