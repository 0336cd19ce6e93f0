using System.Runtime.InteropServices;

namespace VkNet.Formats;

/// <summary>Decodes JPEG (baseline and progressive, grey and colour) through the system's libturbojpeg. Orientation tags and colour profiles are not applied.</summary>
internal static unsafe class JpegReader
{
    // Constants of turbojpeg.h: TJPF_RGB, TJPF_GRAY, TJCS_GRAY, TJCS_CMYK, TJFLAG_LIMITSCANS.
    private const int PixelFormatRgb = 0;
    private const int PixelFormatGrey = 6;
    private const int ColourSpaceGrey = 2;
    private const int ColourSpaceCmyk = 3;
    private const int LimitScans = 32768;

    // Every 8 x 8 block of every component takes at least one bit, so a byte never makes more than 512 pixels.
    private const int MostPixelsPerByte = 512;

    /// <summary>Whether a file starts like a JPEG.</summary>
    public static bool Recognises(ReadOnlySpan<byte> content) => content is [0xFF, 0xD8, 0xFF, ..];

    /// <summary>Decodes the bytes of a file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="file">The name for diagnostics.</param>
    /// <param name="library">The decoder; null where the system has none.</param>
    /// <exception cref="VkNetException">VKN6508: no libturbojpeg; VKN6503, VKN6505, VKN6509: cut short, too large, or refused by the library.</exception>
    public static Picture Read(byte[] content, string file, TurboJpeg? library)
    {
        if (library is null)
            throw FileFault.Of("VKN6508", file, "JPEG pictures are decoded by libturbojpeg, which this system has not", $"{HowToInstall}; or convert the picture to PNG");
        var handle = library.InitDecompress();
        if (handle is null) throw Refused(library, handle, file);
        try
        {
            fixed (byte* data = content)
                return Decode(library, handle, data, content.Length, file);
        }
        finally
        {
            library.Destroy(handle);
        }
    }

    private static string HowToInstall =>
        OperatingSystem.IsWindows() ? "install libjpeg-turbo (winget install libjpeg-turbo.libjpeg-turbo.VC) and put the folder of turbojpeg.dll on the PATH"
        : OperatingSystem.IsMacOS() ? "install it with: brew install jpeg-turbo"
        : "install it with: apt-get install libturbojpeg0 (Debian), libturbojpeg (Ubuntu), dnf install turbojpeg (Fedora)";

    private static Picture Decode(TurboJpeg library, void* handle, byte* data, int length, string file)
    {
        int declaredWidth, declaredHeight, subsampling, colourSpace;
        if (library.DecompressHeader(handle, data, new CULong((uint)length), &declaredWidth, &declaredHeight, &subsampling, &colourSpace) != 0) throw Refused(library, handle, file);
        var (width, height) = (declaredWidth, declaredHeight);
        // A file of tables alone passes for a header.
        if (width <= 0 || height <= 0) throw FileFault.Of("VKN6509", file, "the JPEG holds no picture");
        if (colourSpace >= ColourSpaceCmyk)
            throw FileFault.Of("VKN6509", file, "the picture is made for print (CMYK)", "convert it to RGB");
        var channels = colourSpace == ColourSpaceGrey ? 1 : 3;
        PictureLimits.Check(file, width, height, channels, () => (long)width * height / MostPixelsPerByte <= length);

        var samples = new byte[width * height * channels];
        fixed (byte* destination = samples)
        {
            var format = channels == 1 ? PixelFormatGrey : PixelFormatRgb;
            if (library.Decompress(handle, data, new CULong((uint)length), destination, width, width * channels, height, format, LimitScans) != 0)
                CheckComplaint(library, handle, file);
        }
        return new Picture(width, height, channels, samples);
    }

    // The library reports warnings like errors. Most do no harm (stray bytes between segments, odd version numbers)
    // and stand in many files; pixels that are missing or made up are an error here.
    private static void CheckComplaint(TurboJpeg library, void* handle, string file)
    {
        if (library.GetErrorCode(handle) != 0) throw Refused(library, handle, file);
        var text = ErrorText(library, handle);
        if (text.Contains("remature end", StringComparison.Ordinal) || text.Contains("bad Huffman code", StringComparison.Ordinal))
            throw FileFault.Of("VKN6503", file, $"the picture is cut short or damaged: {text}");
    }

    private static VkNetException Refused(TurboJpeg library, void* handle, string file) =>
        FileFault.Of("VKN6509", file, $"the JPEG cannot be decoded: {ErrorText(library, handle)}");

    private static string ErrorText(TurboJpeg library, void* handle) => Marshal.PtrToStringUTF8((nint)library.GetErrorText(handle)) ?? "no reason given";
}
