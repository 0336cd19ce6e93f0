using System.Runtime.InteropServices;

namespace VkNet.Formats;

/// <summary>The few functions of libturbojpeg (the TurboJPEG API, version 2.0 or later) that decode a JPEG file, found at run time.</summary>
internal sealed unsafe class TurboJpeg
{
    private static readonly Lazy<TurboJpeg?> Loaded = new(TryLoad);

    /// <summary><c>tjhandle tjInitDecompress(void)</c>: null on failure.</summary>
    public readonly delegate* unmanaged[Cdecl]<void*> InitDecompress;

    /// <summary><c>tjDecompressHeader3(handle, data, size, width, height, subsampling, colourSpace)</c>: 0 on success.</summary>
    public readonly delegate* unmanaged[Cdecl]<void*, byte*, CULong, int*, int*, int*, int*, int> DecompressHeader;

    /// <summary><c>tjDecompress2(handle, data, size, destination, width, pitch, height, pixelFormat, flags)</c>: 0 on success.</summary>
    public readonly delegate* unmanaged[Cdecl]<void*, byte*, CULong, byte*, int, int, int, int, int, int> Decompress;

    /// <summary><c>tjGetErrorStr2(handle)</c>: what the last call complained of.</summary>
    public readonly delegate* unmanaged[Cdecl]<void*, byte*> GetErrorText;

    /// <summary><c>tjGetErrorCode(handle)</c>: 0 when that was a warning, and the pixels are there as far as they could be decoded.</summary>
    public readonly delegate* unmanaged[Cdecl]<void*, int> GetErrorCode;

    /// <summary><c>tjDestroy(handle)</c>.</summary>
    public readonly delegate* unmanaged[Cdecl]<void*, int> Destroy;

    private TurboJpeg(nint library)
    {
        InitDecompress = (delegate* unmanaged[Cdecl]<void*>)NativeLibrary.GetExport(library, "tjInitDecompress");
        DecompressHeader = (delegate* unmanaged[Cdecl]<void*, byte*, CULong, int*, int*, int*, int*, int>)NativeLibrary.GetExport(library, "tjDecompressHeader3");
        Decompress = (delegate* unmanaged[Cdecl]<void*, byte*, CULong, byte*, int, int, int, int, int, int>)NativeLibrary.GetExport(library, "tjDecompress2");
        GetErrorText = (delegate* unmanaged[Cdecl]<void*, byte*>)NativeLibrary.GetExport(library, "tjGetErrorStr2");
        GetErrorCode = (delegate* unmanaged[Cdecl]<void*, int>)NativeLibrary.GetExport(library, "tjGetErrorCode");
        Destroy = (delegate* unmanaged[Cdecl]<void*, int>)NativeLibrary.GetExport(library, "tjDestroy");
    }

    /// <summary>The library, or null where the system has none.</summary>
    public static TurboJpeg? Library => Loaded.Value;

    private static string[] Names =>
        OperatingSystem.IsWindows() ? ["turbojpeg.dll", "libturbojpeg.dll"]
        : OperatingSystem.IsMacOS() ? ["libturbojpeg.dylib", "/opt/homebrew/opt/jpeg-turbo/lib/libturbojpeg.dylib", "/usr/local/opt/jpeg-turbo/lib/libturbojpeg.dylib"]
        : ["libturbojpeg.so.0", "libturbojpeg.so"];

    private static TurboJpeg? TryLoad()
    {
        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library)) continue;
            try
            {
                return new TurboJpeg(library);
            }
            catch (EntryPointNotFoundException)
            {
                NativeLibrary.Free(library);
            }
        }
        return null;
    }
}
