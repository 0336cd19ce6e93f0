namespace VkNet.Formats;

/// <summary>The colour types of PNG, by their numbers in the file.</summary>
internal enum PngColour
{
    /// <summary>One grey sample.</summary>
    Grey = 0,

    /// <summary>Red, green and blue.</summary>
    Rgb = 2,

    /// <summary>An index into the palette.</summary>
    Palette = 3,

    /// <summary>Grey and alpha.</summary>
    GreyAlpha = 4,

    /// <summary>Red, green, blue and alpha.</summary>
    Rgba = 6,
}
