using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>Loads the files given for a model's inputs: tensors as they are, pictures cropped, resized and converted for their input.</summary>
internal static class InputLoader
{
    internal static Dictionary<string, Tensor> Load(IReadOnlyList<InputDeclaration> inputs, IReadOnlyDictionary<string, string> files, IReadOnlyDictionary<string, long> symbols, PicturePreprocessing? preprocessing)
    {
        foreach (var name in files.Keys)
            if (inputs.All(i => i.Name != name))
                throw new VkNetException("VKN7004", $"the model has no input '{name}'", Suggestion.For(name, inputs.Select(i => i.Name)));
        var missing = inputs.Where(i => !files.ContainsKey(i.Name)).ToList();
        if (missing.Count > 0)
            throw new VkNetException("VKN7005", $"no file is given for the input{(missing.Count == 1 ? "" : "s")} {string.Join("; ", missing)}", $"add: {string.Join(" ", missing.Select(i => $"--input {i.Name}=FILE"))}");
        return inputs.ToDictionary(i => i.Name, i => LoadOne(i, files[i.Name], symbols, preprocessing), StringComparer.Ordinal);
    }

    private static Tensor LoadOne(InputDeclaration input, string path, IReadOnlyDictionary<string, long> symbols, PicturePreprocessing? preprocessing)
    {
        if (!File.Exists(path)) throw new VkNetException("VKN7003", $"there is no file '{path}' (given for input '{input.Name}')");
        if (IsPicture(path)) return LoadPicture(input, path, symbols, preprocessing);
        var concrete = input.Dimensions.All(d => d.Size is not null || symbols.ContainsKey(d.Symbol!));
        var tensor = TensorFile.Load(path, input.Name, concrete ? input.Bind(new Bindings { Symbols = symbols }) : null);
        return tensor.DataType == input.DataType ? tensor : tensor.Cast(input.DataType);
    }

    private static Tensor LoadPicture(InputDeclaration input, string path, IReadOnlyDictionary<string, long> symbols, PicturePreprocessing? preprocessing)
    {
        if (input.Dimensions.Count != 4) throw new VkNetException("VKN7006", $"a picture was given for '{input}', which is not of rank 4", "pictures fill inputs [N, C, H, W]");
        if (Size(0) is { } batch and not 1) throw new VkNetException("VKN7006", $"a picture was given for '{input}', but its batch size is {batch}", "bind the batch size to 1");
        var tensor = PictureTensor.FromPicture(PictureFile.Load(path), (int?)Size(1), (int?)Size(2), (int?)Size(3), preprocessing);
        return tensor.DataType == input.DataType ? tensor : tensor.Cast(input.DataType);

        long? Size(int axis) => input.Dimensions[axis].Size ?? (symbols.TryGetValue(input.Dimensions[axis].Symbol!, out var size) ? size : null);
    }

    private static bool IsPicture(string path)
    {
        Span<byte> start = stackalloc byte[16];
        using var stream = File.OpenRead(path);
        return PictureFile.Recognises(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }
}
