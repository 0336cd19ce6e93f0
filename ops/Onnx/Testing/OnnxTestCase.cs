namespace VkNet.Onnx.Testing;

/// <summary>One ONNX backend test: a folder with a model and data sets of inputs and expected outputs.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Folder">Its path.</param>
/// <param name="Tolerance">How near the outputs must come.</param>
public sealed record OnnxTestCase(string Name, string Folder, OnnxTolerance Tolerance)
{
    /// <summary>The model file.</summary>
    public string ModelFile => Path.Combine(Folder, "model.onnx");

    /// <summary>The data sets, in order.</summary>
    public IReadOnlyList<string> DataSets => [.. Directory.GetDirectories(Folder, "test_data_set_*").Order(StringComparer.Ordinal)];

    /// <summary>
    /// All cases in a folder and the folders in it, by name. A folder that holds <c>model.onnx</c> is a case. Those below a folder named
    /// <c>models</c> are whole models and have their tolerance; the others have that of single operators.
    /// </summary>
    /// <exception cref="VkNetException">VKN6001: there is no such folder; VKN3201: there are no cases in it.</exception>
    public static IReadOnlyList<OnnxTestCase> Find(string folder)
    {
        if (!Directory.Exists(folder)) throw new VkNetException("VKN6001", "the folder of ONNX tests does not exist", null, new SourceLocation(folder));
        var cases = Directory.EnumerateFiles(folder, "model.onnx", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8 })
            .Select(file => Path.GetDirectoryName(file)!)
            .Order(StringComparer.Ordinal)
            .Select(path => new OnnxTestCase(Path.GetFileName(path), path, IsWholeModel(path) ? OnnxTolerance.WholeModel : OnnxTolerance.SingleOperator))
            .ToList();
        return cases.Count > 0 ? cases : throw new VkNetException("VKN3201", "the folder holds no ONNX tests", "a test is a folder with model.onnx and folders test_data_set_N", new SourceLocation(folder));
    }

    private static bool IsWholeModel(string path) => Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) == "models";
}
