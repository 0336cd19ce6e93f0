using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>The operator sets that a model or a function imports: domain to version.</summary>
internal sealed class Opsets
{
    private readonly Dictionary<string, long> _versions;

    private Opsets(Dictionary<string, long> versions) => _versions = versions;

    /// <summary>The standard domain has two names; the short one is used throughout.</summary>
    public static string Normalize(string domain) => domain == "ai.onnx" ? "" : domain;

    /// <summary>Reads a model's imports.</summary>
    /// <exception cref="VkNetException">VKN3004: none is given, or the standard one is newer than this version of VkNet knows.</exception>
    public static Opsets Of(ModelProto model, ModelSource source)
    {
        // Files from before format version 3 could leave the imports out; then opset 1 was meant.
        if (model.OpsetImport.Count == 0 && (!model.HasIrVersion || model.IrVersion >= 3))
            source.Fail("VKN3004", "the model does not say which operator sets it uses (opset_import)", "the file is damaged, or was written by a faulty exporter");
        var versions = new Dictionary<string, long>(StringComparer.Ordinal) { [""] = 1 };
        Collect(model.OpsetImport, versions, source);
        return new Opsets(versions);
    }

    /// <summary>Reads a function's imports; what it leaves out it takes from the model.</summary>
    public static Opsets Of(FunctionProto function, Opsets model, ModelSource source)
    {
        var versions = new Dictionary<string, long>(model._versions, StringComparer.Ordinal);
        Collect(function.OpsetImport, versions, source);
        return new Opsets(versions);
    }

    /// <summary>The version of a domain; 1 when it is not imported.</summary>
    public int Version(string domain) => (int)_versions.GetValueOrDefault(domain, 1);

    private static void Collect(IEnumerable<OperatorSetIdProto> imports, Dictionary<string, long> versions, ModelSource source)
    {
        foreach (var import in imports)
        {
            var domain = Normalize(import.Domain);
            if (domain == "" && import.Version > OnnxModel.LatestOpset)
                source.Fail("VKN3004", $"the model uses opset {import.Version}; VkNet knows opsets up to {OnnxModel.LatestOpset}", $"export it with opset {OnnxModel.LatestOpset} or earlier");
            if (import.Version is < 1 or > int.MaxValue) source.Fail("VKN3004", $"{import.Version} is no version of the operator set '{(domain == "" ? "ai.onnx" : domain)}'");
            versions[domain] = import.Version;
        }
    }
}
