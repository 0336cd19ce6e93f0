using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>Reads and writes single tensors in whichever format a file's name or content asks for.</summary>
public static class TensorFile
{
    /// <summary>File name endings that <see cref="Save"/> knows, pictures included.</summary>
    public static IReadOnlyList<string> WritableExtensions { get; } = [".npy", ".npz", ".safetensors", ".idx", ".gz", ".raw", ".bin", .. PictureFile.WritableExtensions];

    /// <summary>
    /// Reads a tensor from an npy, npz, safetensors, idx or raw file. Pictures are not tensors until they are
    /// preprocessed: see <see cref="PictureFile"/> and <see cref="PictureTensor"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="name">Which tensor of a file that holds several; one that holds a single tensor needs none.</param>
    /// <param name="rawType">Type of the elements of a file that does not say itself; null refuses such files.</param>
    /// <exception cref="VkNetException">VKN6007: the kind of file is unknown, or several tensors and none of that name; otherwise as the format's own reader.</exception>
    public static Tensor Load(string path, string? name = null, TensorType? rawType = null)
    {
        switch (KindOf(path))
        {
            case ".npy": return NpyFile.Load(path);
            case ".idx": return IdxFile.Load(path);
            case ".npz":
                using (var archive = NpzFile.Open(path)) return archive.Read(Choose(path, name, archive.Names));
            case ".safetensors":
                using (var file = SafetensorsFile.Open(path)) return file.Read(Choose(path, name, file.Entries.Keys));
        }
        if (rawType is not null) return RawFile.Load(path, rawType);
        throw FileFault.Of("VKN6007", path, "it cannot be told what kind of tensor file this is", "npy, npz, safetensors and idx are recognised; for a raw file give the type and shape");
    }

    /// <summary>Writes a tensor in the format that the file's name asks for.</summary>
    /// <param name="path">A name that ends in one of <see cref="WritableExtensions"/>.</param>
    /// <param name="tensor">The values.</param>
    /// <param name="name">Its name in a file that keeps names.</param>
    /// <param name="range">Which values become black and white in a picture; 0 to 1 when null.</param>
    /// <exception cref="VkNetException">VKN6007: the ending is unknown; VKN6512: the tensor is no picture; VKN6302: idx cannot hold its type; VKN6003: the file cannot be written.</exception>
    public static void Save(string path, Tensor tensor, string name = "output", PictureRange? range = null)
    {
        var extension = Path.GetExtension(path).ToLowerInvariant();
        switch (extension)
        {
            case ".npy": NpyFile.Save(path, tensor); break;
            case ".npz": NpzFile.Save(path, [new(name, tensor)]); break;
            case ".safetensors": SafetensorsFile.Save(path, [new(name, tensor)]); break;
            case ".idx" or ".gz": IdxFile.Save(path, tensor); break;
            case ".raw" or ".bin": RawFile.Save(path, tensor); break;
            default:
                if (!PictureFile.WritableExtensions.Contains(extension))
                    throw FileFault.Of("VKN6007", path, $"tensors are not written as '{extension}'", $"name the file {string.Join(", ", WritableExtensions)}");
                PictureFile.Save(path, PictureTensor.ToPicture(tensor, range));
                break;
        }
    }

    // Content decides where it can; safetensors and idx have no first bytes of their own.
    private static string? KindOf(string path)
    {
        using var stream = InputFile.Open(path);
        Span<byte> start = stackalloc byte[6];
        if (stream.CanSeek)
        {
            try
            {
                start = start[..InputFile.ReadUpTo(stream, start)];
            }
            catch (IOException e)
            {
                throw FileFault.Reading(path, e);
            }
            if (start.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'])) return ".npy";
            if (start.StartsWith("PK"u8)) return ".npz";
            if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) return ".idx";
        }
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npy" or ".npz" or ".safetensors" or ".idx" => Path.GetExtension(path).ToLowerInvariant(),
            _ when path.EndsWith("-ubyte", StringComparison.Ordinal) => ".idx",
            _ => null,
        };
    }

    private static string Choose(string path, string? name, IEnumerable<string> names)
    {
        var known = names.ToList();
        if (name is not null && known.Contains(name)) return name;
        if (known.Count == 1) return known[0];
        throw FileFault.Of("VKN6007", path, name is null ? $"the file holds {known.Count} tensors" : $"the file holds {known.Count} tensors, but none named '{name}'", Suggestion.For(name ?? "", known));
    }
}
