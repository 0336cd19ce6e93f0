namespace VkNet.Formats;

/// <summary>The checks of a picture's declared size that come before any allocation, the same for every format.</summary>
internal static class PictureLimits
{
    /// <summary>Checks declared sizes against <see cref="Limits"/> and against the bytes that are there to fill them.</summary>
    /// <param name="file">The name for diagnostics.</param>
    /// <param name="width">Declared pixels per row.</param>
    /// <param name="height">Declared rows.</param>
    /// <param name="channels">Channels to allocate.</param>
    /// <param name="holds">Whether the file's content can hold so many pixels at all, given the format's best compression.</param>
    /// <exception cref="VkNetException">VKN6505.</exception>
    public static void Check(string file, long width, long height, int channels, Func<bool> holds)
    {
        if (width <= 0 || height <= 0 || width > int.MaxValue || height > int.MaxValue)
            throw FileFault.Of("VKN6505", file, $"the picture declares {width} x {height} pixels");
        if (width > Limits.MaximumPicturePixels / height || width * height > Array.MaxLength / channels)
            throw FileFault.Of("VKN6505", file, $"the picture declares {width} x {height} pixels; at most {Math.Min(Limits.MaximumPicturePixels, Array.MaxLength / channels)} are accepted", "scale it down first, or raise VkNet.Limits.MaximumPicturePixels");
        if (!holds())
            throw FileFault.Of("VKN6505", file, $"the picture declares {width} x {height} pixels, far more than its data can hold", "the file is cut short, damaged or hostile");
    }
}
