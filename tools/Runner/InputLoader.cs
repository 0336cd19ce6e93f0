using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>Loads the files given for a model's inputs: tensors as they are, pictures cropped, resized and converted for their input.</summary>
internal static class InputLoader
{
    /// <summary>Loads a file for every input of a model.</summary>
    /// <exception cref="VkNetException">VKN7003 to VKN7006: a file is missing, not wanted, or no picture fits there; VKN3, VKN6: it cannot be read.</exception>
    internal static Dictionary<string, Tensor> Load(IReadOnlyList<InputDeclaration> inputs, IReadOnlyDictionary<string, string> files, IReadOnlyDictionary<string, long> symbols, PicturePreprocessing? preprocessing)
    {
        RequireKnown(inputs, files);
        var missing = inputs.Where(i => !files.ContainsKey(i.Name)).ToList();
        if (missing.Count > 0)
            throw new VkNetException("VKN7005", $"no file is given for the input{(missing.Count == 1 ? "" : "s")} {string.Join("; ", missing)}", $"add: {string.Join(" ", missing.Select(i => $"--input {i.Name}=FILE"))}");
        return LoadGiven(inputs, files, symbols, preprocessing);
    }

    /// <summary>Loads the files given, which need not be all that the model wants.</summary>
    /// <exception cref="VkNetException">As for <see cref="Load"/>.</exception>
    internal static Dictionary<string, Tensor> LoadGiven(IReadOnlyList<InputDeclaration> inputs, IReadOnlyDictionary<string, string> files, IReadOnlyDictionary<string, long> symbols, PicturePreprocessing? preprocessing)
    {
        RequireKnown(inputs, files);
        return inputs.Where(i => files.ContainsKey(i.Name)).ToDictionary(i => i.Name, i => LoadOne(i, files[i.Name], symbols, preprocessing), StringComparer.Ordinal);
    }

    private static void RequireKnown(IReadOnlyList<InputDeclaration> inputs, IReadOnlyDictionary<string, string> files)
    {
        foreach (var name in files.Keys)
            if (inputs.All(i => i.Name != name))
                throw new VkNetException("VKN7004", $"the model has no input '{name}'", Suggestion.For(name, inputs.Select(i => i.Name)));
    }

    private static Tensor LoadOne(InputDeclaration input, string path, IReadOnlyDictionary<string, long> symbols, PicturePreprocessing? preprocessing)
    {
        if (!File.Exists(path)) throw new VkNetException("VKN7003", $"there is no file '{path}' (given for input '{input.Name}')");
        if (IsPicture(path)) return LoadPicture(input, path, symbols, preprocessing);
        if (path.EndsWith(".pb", StringComparison.OrdinalIgnoreCase)) return Fit(OnnxTensorFile.Read(path), input, preprocessing);
        var concrete = input.Dimensions.All(d => d.Size is not null || symbols.ContainsKey(d.Symbol!));
        var tensor = TensorFile.Load(path, input.Name, concrete ? input.Bind(new Bindings { Symbols = symbols }) : null);
        return Fit(tensor, input, preprocessing);
    }

    // Bytes given to a rank-4 input of reals are a stack of pictures, grey ones when they are of rank 3; they are converted if that is
    // asked for, and are plain numbers otherwise.
    private static Tensor Fit(Tensor tensor, InputDeclaration input, PicturePreprocessing? preprocessing)
    {
        if (tensor.DataType == DataType.UInt8 && input.DataType.IsFloat() && input.Dimensions.Count == 4)
        {
            if (tensor.Shape.Rank == 3) tensor = tensor.Reshape([tensor.Shape[0], 1, tensor.Shape[1], tensor.Shape[2]]);
            if (preprocessing is not null && tensor.Shape.Rank == 4) tensor = PictureTensor.FromSamples(tensor, preprocessing);
        }
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
