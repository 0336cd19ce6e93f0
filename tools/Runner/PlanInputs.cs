using VkNet.Compilation;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Runner;

/// <summary>Loads the files given for the inputs of a compiled plan.</summary>
internal static class PlanInputs
{
    internal static IReadOnlyDictionary<string, Tensor> Load(ExecutionPlan plan, IReadOnlyDictionary<string, string> files, PicturePreprocessing? preprocessing)
    {
        var declared = plan.Inputs.Select(i => Declare(i.Key, i.Value.Type)).ToList();
        // A value that the plan was compiled for need not be given; if it is, the session compares it.
        var bound = plan.BoundValues.Where(b => files.ContainsKey(b.Key)).Select(b => Declare(b.Key, b.Value.Type));
        return InputLoader.Load([.. declared, .. bound], files, new Dictionary<string, long>(), preprocessing);
    }

    private static InputDeclaration Declare(string name, TensorType type) => new(name, type.DataType, [.. type.Shape.Select(s => new Dimension(s, null))]);
}
