using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Pictures in folders, one folder per class in the order of their names. Pictures are read when they are wanted, cropped to the aspect
/// and resized; columns <c>images</c> f32 [C, H, W] of 0 to 1, and <c>labels</c>.
/// </summary>
public sealed class PictureFolderSource : IDataSource
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm"];
    private readonly string[] _files;
    private readonly int[] _labels;
    private readonly int _channels, _height, _width;

    /// <summary>Lists the pictures of a folder.</summary>
    /// <param name="folder">Its sub-folders are the classes; without any, its pictures are of one class.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="height">Rows that every picture is brought to.</param>
    /// <param name="width">Columns that every picture is brought to.</param>
    /// <exception cref="VkNetException">VKN5108: the folder is missing or holds no pictures.</exception>
    public PictureFolderSource(string folder, int channels, int height, int width)
    {
        if (!Directory.Exists(folder)) throw FileFault.Of("VKN5108", folder, "there is no such folder", $"it was looked for at {Path.GetFullPath(folder)}");
        var classes = Directory.GetDirectories(folder).Order(StringComparer.Ordinal).ToArray();
        var found = (classes.Length == 0 ? [folder] : classes).SelectMany((c, i) => Pictures(c).Select(f => (File: f, Label: i))).ToArray();
        if (found.Length == 0) throw FileFault.Of("VKN5108", folder, "the folder holds no pictures", $"one sub-folder per class, with files that end in {string.Join(", ", Extensions)}");
        Vocabulary = [.. classes.Select(c => Path.GetFileName(c)!)];
        _files = [.. found.Select(f => f.File)];
        _labels = [.. found.Select(f => f.Label)];
        (_channels, _height, _width) = (channels, height, width);
        Columns =
        [
            new DataColumn("images", TensorType.Float(channels, height, width)) { IsPicture = true },
            new DataColumn("labels", new TensorType(DataType.Int32, Shape.Scalar)) { Classes = Math.Max(1, classes.Length) },
        ];
    }

    /// <inheritdoc/>
    public long Count => _files.Length;

    /// <inheritdoc/>
    public IReadOnlyList<DataColumn> Columns { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <inheritdoc/>
    public void Read(int column, ReadOnlySpan<long> examples, Tensor batch)
    {
        var size = _channels * _height * _width;
        for (var i = 0; i < examples.Length; i++)
            if (column == 1) batch.Values<int>()[i] = _labels[examples[i]];
            else PictureTensor.FromPicture(PictureFile.Load(_files[examples[i]]), _channels, _height, _width).Values<float>().CopyTo(batch.Values<float>()[(i * size)..]);
    }

    private static IEnumerable<string> Pictures(string folder) =>
        Directory.GetFiles(folder).Where(f => Extensions.Contains(Path.GetExtension(f).ToLowerInvariant())).Order(StringComparer.Ordinal);
}
