using VkNet.Tensors;

namespace VkNet.Formats;

/// <summary>Turns pictures into the tensors that networks take, and tensors into pictures.</summary>
public static class PictureTensor
{
    // The luma of ITU-R BT.601, on the samples as they are.
    private const float RedWeight = 0.299f;
    private const float GreenWeight = 0.587f;
    private const float BlueWeight = 0.114f;

    /// <summary>
    /// Crops the middle of a picture to the wanted aspect, resizes it (bilinear, antialiased) and converts its samples.
    /// Grey is repeated for colour, colour is weighted to grey, alpha is left out.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <param name="channels">1 or 3; null for the picture's own.</param>
    /// <param name="height">Wanted rows; null for the picture's own.</param>
    /// <param name="width">Wanted columns; null for the picture's own.</param>
    /// <param name="preprocessing">How samples become numbers; <see cref="PicturePreprocessing.Unit"/> when null.</param>
    /// <returns>A float32 tensor of shape [1, channels, height, width].</returns>
    /// <exception cref="VkNetException">VKN6511: another number of channels, or no rows or columns; VKN6510: the preprocessing is for other channels; VKN6005: too large.</exception>
    public static Tensor FromPicture(Picture picture, int? channels = null, int? height = null, int? width = null, PicturePreprocessing? preprocessing = null)
    {
        preprocessing ??= PicturePreprocessing.Unit;
        var (c, h, w) = (channels ?? Math.Min(picture.Channels, 3), height ?? picture.Height, width ?? picture.Width);
        if (c is not (1 or 3) || h <= 0 || w <= 0)
            throw new VkNetException("VKN6511", $"a picture cannot fill a tensor of shape [1, {c}, {h}, {w}]", "a picture is 1 (grey) or 3 (red, green, blue) channels of at least one row and column");
        var type = FileTensor.CheckedType("picture", "the picture's tensor", DataType.Float32, [1, c, h, w]);
        var tensor = Tensor.Zeros(type);

        var (cropWidth, cropHeight) = Crop(picture, w, h);
        var (left, top) = ((picture.Width - cropWidth) / 2, (picture.Height - cropHeight) / 2);
        var (columns, rows) = (new ResizeAxis(cropWidth, w), new ResizeAxis(cropHeight, h));
        var affine = new (float Scale, float Offset)[c];
        for (var i = 0; i < c; i++)
        {
            var (mean, std) = preprocessing.Channel(i, c);
            affine[i] = (preprocessing.Range / std, -mean / std);
        }

        var values = tensor.Values<float>();
        var source = new float[cropWidth * picture.Channels];
        var converted = new float[cropWidth * c];
        // Rows already resized along x, as many as one target row can be made of; a row lies at its index modulo their number.
        var ring = new float[rows.Window][];
        for (var i = 0; i < ring.Length; i++) ring[i] = new float[w * c];
        var sum = new float[w * c];
        var next = 0;
        for (var y = 0; y < h; y++)
        {
            for (next = Math.Max(next, rows.Starts[y]); next < rows.Starts[y] + rows.Counts[y]; next++)
            {
                picture.ReadRow(top + next, left, source);
                ConvertChannels(source, picture.Channels, converted, c);
                ResizeRow(converted, c, columns, ring[next % ring.Length]);
            }
            BlendRows(rows.Weights(y), rows.Starts[y], ring, sum);
            for (var i = 0; i < c; i++)
            {
                var (scale, offset) = affine[i];
                var from = preprocessing.IsBgr ? c - 1 - i : i;
                var plane = values.Slice(((i * h) + y) * w, w);
                for (var x = 0; x < w; x++) plane[x] = (sum[(x * c) + from] * scale) + offset;
            }
        }
        return tensor;
    }

    /// <summary>Converts a stack of pictures of the network's own size, given as bytes, the way <see cref="FromPicture"/> converts samples.</summary>
    /// <param name="samples">u8 [N, C, H, W], red first when there are three channels.</param>
    /// <param name="preprocessing">How samples become numbers.</param>
    /// <returns>f32 of the same shape.</returns>
    /// <exception cref="VkNetException">VKN6510: the preprocessing is for other channels.</exception>
    public static Tensor FromSamples(Tensor samples, PicturePreprocessing preprocessing)
    {
        if (samples.DataType != DataType.UInt8 || samples.Shape.Rank != 4) throw new ArgumentException($"{samples.Type} is no stack of pictures", nameof(samples));
        var result = Tensor.Zeros(DataType.Float32, samples.Shape);
        var (channels, plane) = ((int)samples.Shape[1], (int)(samples.Shape[2] * samples.Shape[3]));
        var from = samples.Values<byte>();
        var to = result.Values<float>();
        for (var at = 0; at < to.Length; at += plane)
        {
            var channel = at / plane % channels;
            var (mean, std) = preprocessing.Channel(channel, channels);
            var (scale, offset) = (preprocessing.Range / (255 * std), -mean / std);
            // Of a stack in blue-green-red order, channel c is channel C - 1 - c of the same picture.
            var source = from.Slice(preprocessing.IsBgr ? at + ((channels - 1 - (2 * channel)) * plane) : at, plane);
            for (var i = 0; i < plane; i++) to[at + i] = (source[i] * scale) + offset;
        }
        return result;
    }

    /// <summary>Writes a tensor's values as a picture.</summary>
    /// <param name="tensor">Shape [N, C, H, W], [C, H, W] or [H, W] with 1, 3 or 4 channels; any numeric type.</param>
    /// <param name="range">Which values become black and white; <see cref="PictureRange.Unit"/> when null. What is no number becomes black.</param>
    /// <param name="bitDepth">8 or 16.</param>
    /// <param name="item">Which of the N pictures.</param>
    /// <exception cref="VkNetException">VKN6512: the tensor has another shape, or no pixels, or there is no such item.</exception>
    public static Picture ToPicture(Tensor tensor, PictureRange? range = null, int bitDepth = 8, int item = 0)
    {
        if (bitDepth is not (8 or 16)) throw new ArgumentOutOfRangeException(nameof(bitDepth), bitDepth, "8 or 16");
        var shape = tensor.Shape;
        var channels = shape.Rank is 3 or 4 ? shape[-3] : 1;
        var items = shape.Rank == 4 ? shape[0] : 1;
        if (shape.Rank is < 2 or > 4 || channels is not (1 or 3 or 4) || tensor.Count == 0)
            throw new VkNetException("VKN6512", $"a tensor of shape {shape} cannot be written as a picture", "[N, C, H, W], [C, H, W] and [H, W] can, with 1, 3 or 4 channels; write it as .npy instead");
        if (item < 0 || item >= items) throw new VkNetException("VKN6512", $"picture {item} was asked of a tensor of shape {shape}, which holds {items}");

        var (c, h, w) = ((int)channels, (int)shape[-2], (int)shape[-1]);
        var single = tensor.DataType == DataType.Float32 ? tensor : tensor.Cast(DataType.Float32);
        var values = single.Values<float>().Slice(item * c * h * w, c * h * w);
        var (low, high) = range ?? PictureRange.Unit;
        var largest = bitDepth == 8 ? 255f : 65535f;
        var scale = largest / (high - low);
        var (bytes, words) = (new byte[bitDepth == 8 ? values.Length : 0], new ushort[bitDepth == 16 ? values.Length : 0]);
        for (var channel = 0; channel < c; channel++)
        {
            var plane = values.Slice(channel * h * w, h * w);
            for (var i = 0; i < plane.Length; i++)
            {
                var sample = float.IsNaN(plane[i]) ? 0 : Math.Clamp(((plane[i] - low) * scale) + 0.5f, 0, largest);
                if (bitDepth == 8) bytes[(i * c) + channel] = (byte)sample;
                else words[(i * c) + channel] = (ushort)sample;
            }
        }
        return bitDepth == 8 ? new Picture(w, h, c, bytes) : new Picture(w, h, c, words);
    }

    // The largest part of the picture that has the aspect width : height.
    private static (int Width, int Height) Crop(Picture picture, int width, int height)
    {
        var (across, down) = ((long)picture.Width * height, (long)picture.Height * width);
        return across >= down
            ? (Math.Clamp((int)Math.Round((double)down / height), 1, picture.Width), picture.Height)
            : (picture.Width, Math.Clamp((int)Math.Round((double)across / width), 1, picture.Height));
    }

    private static void ConvertChannels(ReadOnlySpan<float> source, int from, Span<float> target, int to)
    {
        for (var x = 0; x < target.Length / to; x++)
        {
            var pixel = source.Slice(x * from, from);
            if (to == 1) target[x] = from == 1 ? pixel[0] : (RedWeight * pixel[0]) + (GreenWeight * pixel[1]) + (BlueWeight * pixel[2]);
            else if (from == 1) target.Slice(x * 3, 3).Fill(pixel[0]);
            else pixel[..3].CopyTo(target.Slice(x * 3, 3));
        }
    }

    private static void ResizeRow(ReadOnlySpan<float> source, int channels, ResizeAxis axis, Span<float> target)
    {
        for (var x = 0; x < axis.Starts.Length; x++)
        {
            var weights = axis.Weights(x);
            var window = source.Slice(axis.Starts[x] * channels, weights.Length * channels);
            for (var c = 0; c < channels; c++)
            {
                float sum = 0;
                for (var k = 0; k < weights.Length; k++) sum += weights[k] * window[(k * channels) + c];
                target[(x * channels) + c] = sum;
            }
        }
    }

    private static void BlendRows(ReadOnlySpan<float> weights, int start, float[][] ring, Span<float> sum)
    {
        sum.Clear();
        for (var k = 0; k < weights.Length; k++)
        {
            var (row, weight) = (ring[(start + k) % ring.Length], weights[k]);
            for (var i = 0; i < sum.Length; i++) sum[i] += weight * row[i];
        }
    }
}
