namespace VkNet.Graphs;

/// <summary>The kind of value an attribute holds, with its .NET type.</summary>
public enum AttributeKind
{
    /// <summary>A whole number (<see cref="long"/>).</summary>
    Integer,

    /// <summary>A list of whole numbers (<see cref="long"/>[]).</summary>
    Integers,

    /// <summary>A real number (<see cref="double"/>).</summary>
    Real,

    /// <summary>A list of real numbers (<see cref="double"/>[]).</summary>
    Reals,

    /// <summary>A word (<see cref="string"/>), often one of a few.</summary>
    Text,

    /// <summary>A list of words (<see cref="string"/>[]).</summary>
    Texts,

    /// <summary>A truth value (<see cref="bool"/>).</summary>
    Flag,

    /// <summary>A sub-graph (<see cref="Graph"/>): the body of a region such as <c>scan</c>.</summary>
    Body,
}
