using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>Turns a segmentation's scores into a picture: every pixel in the colour of its likeliest class.</summary>
internal static class ClassMap
{
    /// <summary>Whether a tensor is a score for every class and pixel of one picture: [1, classes, rows, columns] with other than 1, 3 or 4 classes.</summary>
    internal static bool Fits(Tensor tensor) => tensor.Shape is { Rank: 4 } shape && tensor.DataType.IsFloat() && shape[0] == 1 && shape[1] > 1 && shape[1] is not (3 or 4) && shape[2] > 0 && shape[3] > 0;

    /// <summary>The picture.</summary>
    internal static Picture Of(Tensor scores)
    {
        var (classes, height, width) = (checked((int)scores.Shape[1]), checked((int)scores.Shape[2]), checked((int)scores.Shape[3]));
        var values = ElementConversion.LoadReals(scores);
        var plane = width * height;
        var samples = new byte[3 * plane];
        for (var pixel = 0; pixel < plane; pixel++)
        {
            var best = 0;
            for (var c = 1; c < classes; c++)
                if (values[c * plane + pixel] > values[best * plane + pixel]) best = c;
            var (red, green, blue) = Colour(best);
            (samples[3 * pixel], samples[3 * pixel + 1], samples[3 * pixel + 2]) = (red, green, blue);
        }
        return new Picture(width, height, 3, samples);
    }

    // The colours of PASCAL VOC: the bits of the class's number, three by three, from the highest bit of red, green and blue downwards.
    // Class 0, the background, is black.
    private static (byte Red, byte Green, byte Blue) Colour(int index)
    {
        int red = 0, green = 0, blue = 0;
        for (var bit = 7; bit >= 0 && index > 0; bit--, index >>= 3)
        {
            red |= (index & 1) << bit;
            green |= ((index >> 1) & 1) << bit;
            blue |= ((index >> 2) & 1) << bit;
        }
        return ((byte)red, (byte)green, (byte)blue);
    }
}
