using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>Writes outputs to files, pictures with a range that fits their values.</summary>
internal static class OutputWriter
{
    /// <summary>Checks names and endings before anything runs, so that a long run is not lost to a misspelt name.</summary>
    internal static void Check(IReadOnlyDictionary<string, string> files, IReadOnlyCollection<string> outputs)
    {
        foreach (var (name, path) in files)
        {
            if (!outputs.Contains(name)) throw new VkNetException("VKN7007", $"the model has no output '{name}'", Suggestion.For(name, outputs));
            if (!TensorFile.WritableExtensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
                throw new VkNetException("VKN7008", $"output '{name}': files are not written as '{Path.GetExtension(path)}'", $"name the file {string.Join(", ", TensorFile.WritableExtensions)}");
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            if (!Directory.Exists(folder)) throw new VkNetException("VKN7009", $"output '{name}': there is no folder '{folder}'", "make it first");
        }
    }

    /// <summary>Writes one output and says how on <paramref name="error"/>.</summary>
    internal static void Write(string name, Tensor tensor, string path, TextWriter error)
    {
        if (!PictureFile.WritableExtensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
        {
            TensorFile.Save(path, tensor, name);
            error.WriteLine($"wrote {path}: {tensor.Type}");
            return;
        }
        if (ClassMap.Fits(tensor))
        {
            PictureFile.Save(path, ClassMap.Of(tensor));
            error.WriteLine($"wrote {path}: the likeliest of {tensor.Shape[1]} classes at every pixel");
            return;
        }
        var range = FitRange(tensor);
        TensorFile.Save(path, tensor, name, range);
        error.WriteLine($"wrote {path}: black is {range.Low}, white is {range.High}");
    }

    // Pictures come as 0..1 or 0..255; bands of a pyramid and gradients lie about zero, which then is middle grey.
    private static PictureRange FitRange(Tensor tensor)
    {
        var statistics = TensorStatistics.Of(tensor);
        if (statistics.Minimum < -0.02 * Math.Max(0, statistics.Maximum))
        {
            var reach = (float)Math.Max(-statistics.Minimum, statistics.Maximum);
            return reach <= 0.5f ? PictureRange.Symmetric : new PictureRange(-reach, reach);
        }
        return statistics.Maximum > 8 ? PictureRange.Byte : PictureRange.Unit;
    }
}
