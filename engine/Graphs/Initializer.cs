using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// Makes initial values of parameters. The fan-in of a tensor [O, I, kernel...] is I times the kernel's volume, the fan-out O times it.
/// Every parameter has a random stream of its own, chosen by its name, so that adding one does not change another.
/// </summary>
public static class Initializer
{
    /// <summary>The initialisers' names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["zeros", "ones", "constant", "normal", "uniform", "xavier", "he", "orthogonal"];

    /// <summary>Makes the initial values of a parameter.</summary>
    /// <param name="name">The parameter's name; chooses the random stream.</param>
    /// <param name="type">Element type and shape.</param>
    /// <param name="options">Which initialiser.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="VkNetException">VKN1110: the initialiser is unknown.</exception>
    public static Tensor Create(string name, TensorType type, ParameterOptions options, ulong seed)
    {
        var random = new PhiloxRandom(seed, PhiloxRandom.StreamOf(name));
        var count = checked((int)type.Shape.ElementCount);
        var values = new double[count];
        var volume = type.Shape.Rank > 2 ? type.Shape.Product(2, type.Shape.Rank) : 1;
        var fanIn = Math.Max(1, type.Shape.Rank > 1 ? type.Shape[1] * volume : type.Shape.ElementCount);
        var fanOut = Math.Max(1, type.Shape.Rank > 0 ? type.Shape[0] * volume : 1);
        var scale = options.InitializerScale;
        switch (options.Initializer)
        {
            case "zeros": break;
            case "ones": Array.Fill(values, 1); break;
            case "constant": Array.Fill(values, scale); break;
            case "normal": Fill(() => scale * random.NextNormal()); break;
            case "uniform": Fill(() => scale * (2 * random.NextUniform() - 1)); break;
            // Glorot and Bengio 2010, uniform form: variance 2 / (fan-in + fan-out).
            case "xavier":
                var limit = scale * Math.Sqrt(6.0 / (fanIn + fanOut));
                Fill(() => limit * (2 * random.NextUniform() - 1));
                break;
            // He et al. 2015: variance 2 / fan-in.
            case "he":
                var deviation = scale * Math.Sqrt(2.0 / fanIn);
                Fill(() => deviation * random.NextNormal());
                break;
            case "orthogonal":
                Orthogonal(values, (int)(type.Shape.Rank > 0 ? type.Shape[0] : 1), scale, random);
                break;
            default:
                throw new VkNetException("VKN1110", $"unknown initialiser '{options.Initializer}' for parameter '{name}'", Suggestion.For(options.Initializer, Names));
        }
        var tensor = Tensor.Zeros(type);
        ElementConversion.StoreReals(tensor, values);
        return tensor;

        void Fill(Func<double> next)
        {
            for (var i = 0; i < values.Length; i++) values[i] = next();
        }
    }

    // Saxe et al. 2014: rows (or columns, whichever are fewer) orthonormal, by Gram-Schmidt with one re-orthogonalisation.
    private static void Orthogonal(double[] values, int rows, double scale, PhiloxRandom random)
    {
        if (values.Length == 0) return;
        var columns = values.Length / rows;
        var (vectors, length) = rows <= columns ? (rows, columns) : (columns, rows);
        var basis = new double[vectors][];
        for (var v = 0; v < vectors; v++)
        {
            var vector = new double[length];
            for (var i = 0; i < length; i++) vector[i] = random.NextNormal();
            for (var pass = 0; pass < 2; pass++)
                for (var u = 0; u < v; u++)
                {
                    double dot = 0;
                    for (var i = 0; i < length; i++) dot += vector[i] * basis[u][i];
                    for (var i = 0; i < length; i++) vector[i] -= dot * basis[u][i];
                }
            double norm = 0;
            for (var i = 0; i < length; i++) norm += vector[i] * vector[i];
            norm = Math.Sqrt(norm);
            for (var i = 0; i < length; i++) vector[i] /= norm;
            basis[v] = vector;
        }
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
                values[r * columns + c] = scale * (rows <= columns ? basis[r][c] : basis[c][r]);
    }
}
