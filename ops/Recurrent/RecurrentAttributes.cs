using VkNet.Graphs;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Recurrent;

/// <summary>The attributes that recurrent layers, their sequences and the gradients of these share.</summary>
internal static class RecurrentAttributes
{
    /// <summary>Which way sequences are read.</summary>
    public static AttributeDefinition<string> Direction { get; } = new("direction", "Which way sequences are read; 'bidirectional' gives both results side by side.", "forward") { Choices = ["forward", "reverse", "bidirectional"] };

    /// <summary>Whether the batch is the first axis.</summary>
    public static AttributeDefinition<bool> BatchFirst { get; } = new("batch_first", "Whether sequences are [N, T, ...]; else [T, N, ...].", true);

    /// <summary>The gates' activations.</summary>
    public static AttributeDefinition<string[]> Activations { get; } = new("activations", $"The activations: for rnn f, for lstm f (gates), g (candidate), h (output), for gru f and g; once, or once for each direction. Of {string.Join(", ", GateActivation.Names)}.");

    /// <summary>Their first numbers.</summary>
    public static AttributeDefinition<double[]> Alphas { get; } = new("activation_alpha", "The first numbers of those activations that have one, in order.");

    /// <summary>Their second numbers.</summary>
    public static AttributeDefinition<double[]> Betas { get; } = new("activation_beta", "The second numbers of those activations that have two, in order.");

    /// <summary>Bound on what enters the gates.</summary>
    public static AttributeDefinition<double> Clip { get; } = new("clip", "What enters the gates is limited to -clip ... clip; 0 for no limit.", 0.0);

    /// <summary>Whether the forget gate is one minus the input gate.</summary>
    public static AttributeDefinition<bool> InputForget { get; } = new("input_forget", "Whether the forget gate is one minus the input gate.", false);

    /// <summary>The order in which gates stand in weights.</summary>
    public static AttributeDefinition<string> GateOrder { get; } = new("gates", "The order in which input, output, forget and cell gate stand in the weights: 'iofc' as ONNX, 'ifco' as PyTorch, 'ifoc'; any order of the four letters.", "iofc");

    /// <summary>Where the reset gate acts.</summary>
    public static AttributeDefinition<bool> ResetAfter { get; } = new("reset_after", "Whether the reset gate acts on the state's product with the weights; else on the state before it.", false);

    /// <summary>The number of directions.</summary>
    public static int DirectionsOf(AttributeSet attributes) => attributes.Get(Direction) == "bidirectional" ? 2 : 1;

    /// <summary>Bit d says whether direction d runs backwards.</summary>
    public static int ReversedOf(AttributeSet attributes) => attributes.Get(Direction) switch { "reverse" => 1, "bidirectional" => 2, _ => 0 };

    /// <summary>Number of gates.</summary>
    public static int GatesOf(RecurrentKind kind) => kind switch { RecurrentKind.Rnn => 1, RecurrentKind.Lstm => 4, _ => 3 };

    /// <summary>Numbers saved per unit for the gradient.</summary>
    public static int SavedOf(RecurrentKind kind) => kind == RecurrentKind.Rnn ? 1 : 4;

    /// <summary>The activations of one direction when none are named.</summary>
    public static string[] DefaultActivations(RecurrentKind kind) => kind switch { RecurrentKind.Rnn => ["tanh"], RecurrentKind.Lstm => ["sigmoid", "tanh", "tanh"], _ => ["sigmoid", "tanh"] };

    /// <summary>The activations of one direction.</summary>
    public static GateActivation[] ActivationsOf(RecurrentKind kind, AttributeSet attributes) =>
        GateActivation.Of(attributes.Get(Activations) ?? DefaultActivations(kind), attributes.Get(Alphas), attributes.Get(Betas));

    /// <summary>Where the input, output, forget and cell gate of an lstm stand.</summary>
    public static int[] GatesInOrder(AttributeSet attributes) => [.. "iofc".Select(gate => attributes.Get(GateOrder).IndexOf(gate, StringComparison.Ordinal))];

    /// <summary>The kernels' name of a cell.</summary>
    public static RecurrentCell CellOf(RecurrentKind kind, AttributeSet attributes) => kind switch
    {
        RecurrentKind.Rnn => RecurrentCell.Elman,
        RecurrentKind.Lstm => RecurrentCell.Lstm,
        _ => attributes.Get(ResetAfter) ? RecurrentCell.GruAfter : RecurrentCell.GruBefore,
    };

    /// <summary>Refuses activations and gate orders that are none.</summary>
    public static void Check(RecurrentKind kind, InferenceContext context, int directions)
    {
        var wanted = DefaultActivations(kind).Length;
        if (context.Get(Activations) is { } names)
        {
            if (names.FirstOrDefault(n => !GateActivation.Names.Contains(n)) is { } unknown) context.Fail("VKN2720", $"'{unknown}' is no activation", Suggestion.For(unknown, GateActivation.Names));
            if (names.Length != wanted && names.Length != wanted * directions) context.Fail("VKN2721", $"{names.Length} activations are given, but {wanted}{(directions > 1 ? $" or {wanted * directions}" : "")} are needed", "one for each kind of gate, for each direction");
        }
        if (kind == RecurrentKind.Lstm && context.Get(GateOrder) is var order && string.Concat(order.Order()) != "cfio") context.Fail("VKN2722", $"'gates' is '{order}'", "an order of the letters i, o, f, c, e.g. iofc");
        if (!(context.Get(Clip) >= 0)) context.Fail("VKN2723", $"'clip' is {context.Get(Clip)}", "it is a positive bound, or 0 for none");
    }
}
