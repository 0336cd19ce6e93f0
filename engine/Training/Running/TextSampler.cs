using System.Text;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Lets a recurrent model of text write: it is run for one token at a time, its state carried along, and each token is drawn from what it gives.</summary>
public sealed class TextSampler : IDisposable
{
    private readonly CompiledModel _model;
    private readonly InferenceSession _session;
    private readonly IReadOnlyList<string> _vocabulary;
    private readonly Tensor _token;
    private readonly Tensor[] _outputs;

    /// <summary>Compiles the model of a recipe for one stream and one token.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="recipe">The recipe; its training data know the vocabulary.</param>
    /// <param name="weights">The weights.</param>
    /// <exception cref="VkNetException">VKN5210: the data have no vocabulary, or the model does not give a score for each of its tokens.</exception>
    public TextSampler(ComputeDevice device, Recipe recipe, IWeightSource weights)
    {
        _vocabulary = recipe.Data.Train.Source.Vocabulary;
        if (_vocabulary.Count == 0 || !recipe.Data.Train.Source.IsSequence || recipe.Model.Inputs.Count != 1)
            throw new VkNetException("VKN5210", "the recipe trains no model of text", "sampling needs a source of text and a model with the tokens as its only input");
        var symbols = new Dictionary<string, long>(recipe.Bind, StringComparer.Ordinal);
        foreach (var symbol in recipe.Model.Symbols) symbols.TryAdd(symbol, 1);
        var options = new CompilerOptions { Profile = device.Profile };
        _model = CompiledModel.Load(device, GraphCompiler.Compile(recipe.Model.Build(new Bindings { Symbols = symbols }), options), weights);
        _session = _model.CreateSession(1);
        _outputs = _session.AllocateOutputs();
        _token = Tensor.Zeros(_model.Plan.Inputs[0].Value.Type);
        if (_token.Count == 1 && _outputs[0].Count == _vocabulary.Count) return;
        Dispose();
        throw new VkNetException("VKN5210", $"for one token the model takes {_token.Type} and gives {_outputs[0].Type}, but the text has {_vocabulary.Count} different characters", "bind the size of the vocabulary in the recipe, and let the other sizes be symbols");
    }

    /// <summary>Writes.</summary>
    /// <param name="prompt">What it reads first; its first character is made up when empty.</param>
    /// <param name="length">Tokens to write.</param>
    /// <param name="temperature">Scores are divided by it: below 1 likely tokens become likelier; 0 takes the likeliest.</param>
    /// <param name="seed">Chooses the random numbers.</param>
    /// <returns>The tokens, as they are drawn.</returns>
    /// <exception cref="VkNetException">VKN5211: the prompt has a character that the text never has.</exception>
    public IEnumerable<string> Write(string prompt, int length, double temperature, ulong seed)
    {
        var known = _vocabulary.Select((token, i) => (token, i)).ToDictionary(p => p.token, p => p.i, StringComparer.Ordinal);
        var read = prompt.EnumerateRunes().Select(r => known.TryGetValue(r.ToString(), out var number)
            ? number
            : throw new VkNetException("VKN5211", $"the model has never seen the character '{r}' of the prompt", $"it knows {string.Concat(_vocabulary).ReplaceLineEndings(" ")}")).ToList();
        return Draw(read, length, temperature, seed);
    }

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
    }

    private IEnumerable<string> Draw(List<int> read, int length, double temperature, ulong seed)
    {
        var random = new PhiloxRandom(seed, PhiloxRandom.StreamOf("generate"));
        _session.ResetStates();
        if (read.Count == 0) read.Add(random.NextInteger(_vocabulary.Count));
        foreach (var token in read.SkipLast(1)) Run(token);
        var last = read[^1];
        for (var i = 0; i < length; i++)
        {
            Run(last);
            last = Choose(_outputs[0].Values<float>(), temperature, random.NextUniform());
            yield return _vocabulary[last];
        }
    }

    private void Run(int token)
    {
        ElementConversion.StoreIntegers(_token, [token]);
        _session.Run([_token], _outputs);
    }

    private static int Choose(ReadOnlySpan<float> scores, double temperature, double uniform)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        if (!(temperature > 0)) return best;
        double total = 0;
        foreach (var score in scores) total += Math.Exp((score - scores[best]) / temperature);
        var left = uniform * total;
        for (var i = 0; i < scores.Length; i++)
        {
            left -= Math.Exp((scores[i] - scores[best]) / temperature);
            if (left < 0) return i;
        }
        return best;
    }
}
