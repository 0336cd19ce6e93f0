using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Lets parameters follow others, over the weights being trained.</summary>
internal sealed class CopyRunner : IDisposable
{
    private readonly CompiledModel _model;
    private readonly InferenceSession _session;
    private readonly WeightStore _store;
    private readonly List<(string From, string To)> _pairs;

    internal CopyRunner(ComputeDevice device, RecipeCopy copy, Graph model, WeightStore store)
    {
        (Copy, _store) = (copy, store);
        _pairs = Pairs(copy, model);
        var types = model.Parameters.ToDictionary(p => p.Name, p => p.Type);
        var builder = new GraphBuilder(model.Registry, $"copy {copy.From} to {copy.To}");
        var sources = _pairs.Select(p => builder.Parameter(p.From, types[p.From])).ToList();
        var targets = _pairs.Select(p => builder.Parameter(p.To, types[p.To])).ToList();
        var moved = builder.Add(builder.Registry.Get("moving_average"), AttributeSet.Empty.With("decay", 1 - copy.Rate), [.. targets, .. sources]);
        for (var i = 0; i < targets.Count; i++)
        {
            builder.SetState(sources[i], sources[i]);
            builder.SetState(targets[i], moved[i]);
        }
        _model = CompiledModel.Load(device, GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = device.Profile, Training = true, MayFollow = store.MayFollow }));
        _session = _model.CreateSession(store, 1);
    }

    internal RecipeCopy Copy { get; }

    /// <summary>Makes the targets equal to the sources, as they are at the start.</summary>
    internal void Begin()
    {
        foreach (var (from, to) in _pairs) _store.Write(to, _store.Read(from));
    }

    internal void Run() => _session.Run([], []);

    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
    }

    private static List<(string From, string To)> Pairs(RecipeCopy copy, Graph model)
    {
        var names = model.Parameters.ToDictionary(p => p.Name, p => p.Type);
        var pairs = new List<(string, string)>();
        var star = copy.From.IndexOf('*', StringComparison.Ordinal);
        foreach (var from in names.Keys.Where(n => ParameterChoice.Fits(n, copy.From)))
        {
            var middle = star < 0 ? "" : from.Substring(star, from.Length - copy.From.Length + 1);
            var to = copy.To.Replace("*", middle, StringComparison.Ordinal);
            if (!names.TryGetValue(to, out var type)) throw new VkNetException("VKN5015", $"'copy' wants to put '{from}' into '{to}', but the model has no such parameter", Suggestion.For(to, names.Keys));
            if (type != names[from]) throw new VkNetException("VKN5015", $"'copy' wants to put '{from}' {names[from]} into '{to}' {type}", "both must be of one type");
            pairs.Add((from, to));
        }
        return pairs.Count > 0 ? pairs : throw new VkNetException("VKN5015", $"'copy' names '{copy.From}', but the model has no such parameter", Suggestion.For(copy.From, names.Keys));
    }
}
