using System.CommandLine;

namespace VkNet.Runner.Commands;

/// <summary>Options of the commands that load a graph. Each command makes its own set, because options belong to one command.</summary>
internal sealed class GraphOptions
{
    internal Argument<string> Graph { get; } = new("GRAPH") { Description = "A graph file (.yaml) or an ONNX model (.onnx)" };

    internal Option<string[]> Bind { get; } = new("--bind") { Description = "Size of a symbol, e.g. N=8", HelpName = "NAME=SIZE", AllowMultipleArgumentsPerToken = false };

    /// <summary>For commands that do not run the graph; not among <see cref="All"/>.</summary>
    internal Option<string[]> ShapeInput { get; } = new("--input") { Description = "A file for an input whose value or size the model's shapes depend on", HelpName = "NAME=FILE" };

    internal Option<string?> Weights { get; } = new("--weights") { Description = "Weights: safetensors or npz", HelpName = "FILE" };

    internal Option<ulong?> Init { get; } = new("--init") { Description = "Initialise parameters that have no values, with this seed", HelpName = "SEED" };

    internal Option<string?> Variant { get; } = new("--variant") { Description = "Take this kernel variant wherever a family has it", HelpName = "NAME" };

    internal Option<bool> Exact { get; } = new("--exact") { Description = "Refuse kernels that trade accuracy for speed" };

    internal Option<string> Precision { get; } = MakePrecision();

    internal Option<bool> NoFuse { get; } = new("--no-fuse") { Description = "Run every node by itself" };

    internal Option<bool> FullBarriers { get; } = new("--full-barriers") { Description = "A barrier before every call, to bisect trouble" };

    internal Option<string?> MemoryBudget { get; } = new("--memory-budget") { Description = "Most memory for activations; tensors are computed again where that helps", HelpName = "512MB" };

    internal IEnumerable<Symbol> All => [Graph, Bind, Weights, Init, Variant, Exact, Precision, NoFuse, FullBarriers, MemoryBudget];

    private static Option<string> MakePrecision()
    {
        var option = new Option<string>("--precision")
        {
            Description = "How weights of products and convolutions are stored: f32, or f16 for half the memory (sums stay f32)", HelpName = "f32|f16", DefaultValueFactory = _ => "f32",
        };
        option.AcceptOnlyFromAmong("f32", "f16");
        return option;
    }
}
