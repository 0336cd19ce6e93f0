namespace VkNet.Formats;

/// <summary>
/// Reads pictures (PNG, JPEG, PGM and PPM, recognised by their first bytes) and writes them (PNG, PGM and PPM, by the
/// file's name). Declared sizes are checked against <see cref="Limits"/> and the file's length before anything is allocated.
/// </summary>
public static class PictureFile
{
    private static readonly (byte[] Start, string Name)[] OtherFormats =
    [
        ("GIF8"u8.ToArray(), "a GIF"), ("BM"u8.ToArray(), "a BMP"), ("RIFF"u8.ToArray(), "a WebP"), ([0x49, 0x49, 0x2A, 0], "a TIFF"), ([0x4D, 0x4D, 0, 0x2A], "a TIFF"),
        ("P1"u8.ToArray(), "a PBM"), ("P4"u8.ToArray(), "a PBM"), ("P7"u8.ToArray(), "a PAM"), ("<svg"u8.ToArray(), "an SVG"),
    ];

    /// <summary>File name endings that <see cref="Save(string, Picture)"/> knows.</summary>
    public static IReadOnlyList<string> WritableExtensions { get; } = [".png", ".pgm", ".ppm", ".pnm"];

    /// <summary>Reads a picture file.</summary>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN6004: beyond <see cref="Limits.MaximumPictureFileBytes"/>; VKN6501: of another format; VKN6503 to VKN6507: cut short, damaged or too large; VKN6508, VKN6509: JPEG without libturbojpeg, or refused by it.</exception>
    public static Picture Load(string path) => InputFile.Read(path, stream => Load(stream, path));

    /// <summary>Reads a picture from the stream's position to its end.</summary>
    /// <param name="stream">The content.</param>
    /// <param name="name">The name for diagnostics.</param>
    /// <inheritdoc cref="Load(string)" path="/exception"/>
    public static Picture Load(Stream stream, string name) => Decode(InputFile.ReadAll(stream, name, Limits.MaximumPictureFileBytes), name);

    /// <summary>Whether the bytes start like a picture that <see cref="Load(Stream, string)"/> reads.</summary>
    public static bool Recognises(ReadOnlySpan<byte> start) =>
        start.StartsWith(PngChunks.Signature) || JpegReader.Recognises(start) || PnmFile.Recognises(start);

    /// <summary>Writes a picture in the format that the file's name asks for: .png, .pgm (1 channel), .ppm (3 channels) or .pnm (either).</summary>
    /// <exception cref="VkNetException">VKN6502: the ending is unknown, or does not fit the channels; VKN6003: the file cannot be written.</exception>
    public static void Save(string path, Picture picture)
    {
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (!WritableExtensions.Contains(extension))
            throw FileFault.Of("VKN6502", path, $"pictures are not written as '{extension}'", $"name the file {string.Join(", ", WritableExtensions)}");
        if ((extension == ".pgm" && picture.Channels != 1) || (extension == ".ppm" && picture.Channels == 1))
            throw FileFault.Of("VKN6502", path, $"a {extension} file cannot hold a picture of {picture.Channels} channels", "name it .png or .pnm");
        AtomicFile.Write(path, stream =>
        {
            if (extension == ".png") PngWriter.Write(stream, picture);
            else PnmFile.Write(stream, picture);
        });
    }

    /// <summary>Writes a picture as PNG.</summary>
    public static void SavePng(Stream stream, Picture picture) => PngWriter.Write(stream, picture);

    private static Picture Decode(byte[] content, string name)
    {
        if (content.AsSpan().StartsWith(PngChunks.Signature)) return PngReader.Read(content, name);
        if (JpegReader.Recognises(content)) return JpegReader.Read(content, name, TurboJpeg.Library);
        if (PnmFile.Recognises(content)) return PnmFile.Read(content, name);
        var other = OtherFormats.FirstOrDefault(f => content.AsSpan().StartsWith(f.Start)).Name;
        throw FileFault.Of("VKN6501", name, other is null ? "this is no picture that VkNet knows" : $"this is {other} file", "PNG, JPEG, PGM and PPM are read; convert it to one of these");
    }
}
