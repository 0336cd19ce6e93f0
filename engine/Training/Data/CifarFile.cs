using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Reads the binary files of CIFAR-10: records of one label byte and 3 x 32 x 32 bytes of red, green and blue.</summary>
public static class CifarFile
{
    private const int Side = 32, Pixels = 3 * Side * Side, Record = 1 + Pixels, ClassCount = 10;

    /// <summary>Loads files one after another.</summary>
    /// <param name="paths">The files, e.g. <c>data_batch_1.bin</c>.</param>
    /// <returns>A source of the columns <c>images</c> u8 [3, 32, 32] and <c>labels</c>.</returns>
    /// <exception cref="VkNetException">VKN6001, VKN6002: no such file, unreadable; VKN5104: a length that is no multiple of a record; VKN5103: a label above 9; VKN5102: no examples.</exception>
    public static TensorSource Load(IReadOnlyList<string> paths)
    {
        var contents = paths.Select(p => InputFile.Read(p, s => InputFile.ReadAll(s, p, Limits.MaximumTensorBytes))).ToList();
        for (var f = 0; f < contents.Count; f++)
            if (contents[f].Length == 0 || contents[f].Length % Record != 0)
                throw FileFault.Of("VKN5104", paths[f], $"the file has {contents[f].Length} bytes, which is no number of records of {Record}", "the file is cut short, or is not CIFAR-10's binary form (CIFAR-100 has two labels a record)");
        var count = contents.Sum(c => c.Length / Record);
        var (images, labels) = (Tensor.Zeros(DataType.UInt8, [count, 3, Side, Side]), Tensor.Zeros(DataType.UInt8, [count]));
        var example = 0;
        for (var f = 0; f < contents.Count; f++)
            for (var offset = 0; offset < contents[f].Length; offset += Record, example++)
            {
                var label = contents[f][offset];
                if (label >= ClassCount) throw FileFault.Of("VKN5103", paths[f], $"the label at byte {offset} is {label}, but CIFAR-10 has the classes 0 to {ClassCount - 1}", "the file is damaged, or is not CIFAR-10's binary form");
                labels.Values<byte>()[example] = label;
                contents[f].AsSpan(offset + 1, Pixels).CopyTo(images.Bytes()[(example * Pixels)..]);
            }
        return new TensorSource([(TensorSource.ColumnOf("images", images, isPicture: true), images), (TensorSource.ColumnOf("labels", labels) with { Classes = ClassCount }, labels)]);
    }
}
