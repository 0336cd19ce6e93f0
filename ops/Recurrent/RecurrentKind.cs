namespace VkNet.Operators.Recurrent;

/// <summary>The recurrent layers.</summary>
public enum RecurrentKind
{
    /// <summary>Elman's layer (1990): h = f(W x + R h + b).</summary>
    Rnn,

    /// <summary>Long short-term memory (Hochreiter, Schmidhuber 1997; forget gates: Gers, Schmidhuber, Cummins 2000).</summary>
    Lstm,

    /// <summary>Gated recurrent unit (Cho et al., 2014).</summary>
    Gru,
}
