using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Recurrent;

/// <summary>The activation of a gate, with the numbers that some of them have.</summary>
/// <param name="Code">Which function.</param>
/// <param name="Alpha">Its first number.</param>
/// <param name="Beta">Its second number.</param>
internal readonly record struct GateActivation(RecurrentActivation Code, double Alpha, double Beta)
{
    // In the order of the codes.
    private static readonly (string Name, string OnnxName, RecurrentActivation Code, double? Alpha, double? Beta)[] Table =
    [
        ("sigmoid", "Sigmoid", RecurrentActivation.Sigmoid, null, null),
        ("tanh", "Tanh", RecurrentActivation.Tanh, null, null),
        ("relu", "Relu", RecurrentActivation.Relu, null, null),
        ("affine", "Affine", RecurrentActivation.Affine, 1, 0),
        ("leaky_relu", "LeakyRelu", RecurrentActivation.LeakyRelu, 0.01, null),
        ("thresholded_relu", "ThresholdedRelu", RecurrentActivation.ThresholdedRelu, 1, null),
        ("scaled_tanh", "ScaledTanh", RecurrentActivation.ScaledTanh, 1, 1),
        ("hard_sigmoid", "HardSigmoid", RecurrentActivation.HardSigmoid, 0.2, 0.5),
        ("elu", "Elu", RecurrentActivation.Elu, 1, null),
        ("softsign", "Softsign", RecurrentActivation.Softsign, null, null),
        ("softplus", "Softplus", RecurrentActivation.Softplus, null, null),
    ];

    /// <summary>Whether the function has a first number.</summary>
    internal bool HasAlpha => Row.Alpha is not null;

    /// <summary>Whether the function has a second number.</summary>
    internal bool HasBeta => Row.Beta is not null;

    private (string Name, string OnnxName, RecurrentActivation Code, double? Alpha, double? Beta) Row => Table[(int)Code];

    /// <summary>The names that graph files use.</summary>
    internal static IEnumerable<string> Names => Table.Select(t => t.Name);

    /// <summary>The graph file's name of an activation of ONNX, in whatever case; null for an unknown one.</summary>
    internal static string? FromOnnx(string name)
    {
        foreach (var row in Table)
            if (row.OnnxName.Equals(name, StringComparison.OrdinalIgnoreCase)) return row.Name;
        return null;
    }

    /// <summary>
    /// Activations by name with their numbers: of the lists, each activation that has a first (second) number takes the next one, as in ONNX.
    /// </summary>
    /// <exception cref="KeyNotFoundException">An unknown name.</exception>
    internal static GateActivation[] Of(IReadOnlyList<string> names, IReadOnlyList<double>? alphas, IReadOnlyList<double>? betas)
    {
        var (nextAlpha, nextBeta) = (0, 0);
        return [.. names.Select(name =>
        {
            var index = Array.FindIndex(Table, t => t.Name == name);
            if (index < 0) throw new KeyNotFoundException(name);
            var row = Table[index];
            return new GateActivation(row.Code, Take(row.Alpha, alphas, ref nextAlpha), Take(row.Beta, betas, ref nextBeta));
        })];

        static double Take(double? number, IReadOnlyList<double>? given, ref int next) =>
            number is not { } value ? 0 : given is not null && next < given.Count ? given[next++] : value;
    }

    /// <summary>The function.</summary>
    internal double Apply(double x) => Code switch
    {
        RecurrentActivation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        RecurrentActivation.Tanh => Math.Tanh(x),
        RecurrentActivation.Relu => Math.Max(x, 0),
        RecurrentActivation.Affine => Alpha * x + Beta,
        RecurrentActivation.LeakyRelu => x < 0 ? Alpha * x : x,
        RecurrentActivation.ThresholdedRelu => x < Alpha ? 0 : x,
        RecurrentActivation.ScaledTanh => Alpha * Math.Tanh(Beta * x),
        RecurrentActivation.HardSigmoid => double.IsNaN(x) ? x : Math.Clamp(Alpha * x + Beta, 0, 1),
        RecurrentActivation.Elu => x < 0 ? Alpha * (Math.Exp(x) - 1) : x,
        RecurrentActivation.Softsign => x / (1 + Math.Abs(x)),
        _ => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x))),
    };

    /// <summary>The derivative where the result is <paramref name="y"/>.</summary>
    internal double Slope(double y) => Code switch
    {
        RecurrentActivation.Sigmoid => y * (1 - y),
        RecurrentActivation.Tanh => 1 - y * y,
        RecurrentActivation.Relu => y > 0 ? 1 : 0,
        RecurrentActivation.Affine => Alpha,
        RecurrentActivation.LeakyRelu => y < 0 ? Alpha : 1,
        RecurrentActivation.ThresholdedRelu => y == 0 ? 0 : 1,
        RecurrentActivation.ScaledTanh => Beta * (Alpha - y * y / Alpha),
        RecurrentActivation.HardSigmoid => y is > 0 and < 1 ? Alpha : 0,
        RecurrentActivation.Elu => y < 0 ? y + Alpha : 1,
        RecurrentActivation.Softsign => (1 - Math.Abs(y)) * (1 - Math.Abs(y)),
        _ => 1 - Math.Exp(-y),
    };
}
