using VkNet.Operators;
using VkNet.Training;

namespace VkNet.Tests.Training;

/// <summary>A recipe with its graph in a folder of its own: XOR by two layers, unless a test says otherwise.</summary>
internal sealed class RecipeFolder : IDisposable
{
    internal const string Graph = """
        version: 1
        graph: xor
        inputs:
          x: {shape: [N, 2]}
        nodes:
          hidden: {op: dense, input: x, units: 8, activation: tanh}
          y: {op: dense, input: hidden, units: 1}
        outputs: [y]
        """;

    internal const string Recipe = """
        version: 1
        train: xor.yaml
        data:
          train: {source: inline, columns: {points: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [[0], [1], [1], [0]]}}
          feed: {x: points, t: targets}
        nodes:
          difference: {op: sub, inputs: [y, t]}
          squared: {op: square, input: difference}
          magnitude: {op: abs, input: difference}
        loss: {op: reduce_mean, input: squared}
        metrics: {distance: {op: reduce_mean, input: magnitude}}
        optimizer: {op: adam, lr: 0.05}
        batch: 4
        epochs: 60
        """;

    private readonly ScratchFolder _folder = new();

    internal RecipeFolder(string? recipe = null, string? graph = null)
    {
        File.WriteAllText(_folder["xor.yaml"], graph ?? Graph);
        File.WriteAllText(Path, recipe ?? Recipe);
    }

    internal string Path => _folder["xor.train.yaml"];

    internal string this[string name] => _folder[name];

    internal Recipe Load(params (string Key, string Value)[] settings) =>
        RecipeFile.Load(Path, StandardOperators.Registry, new RecipeOptions { Overrides = [.. settings.Select(s => new KeyValuePair<string, string>(s.Key, s.Value))] });

    public void Dispose() => _folder.Dispose();
}
