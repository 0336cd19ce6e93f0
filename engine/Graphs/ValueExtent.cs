namespace VkNet.Graphs;

/// <summary>
/// Says that a value's size along one axis depends on data. Its shape holds the largest size possible; only the first elements along the
/// axis, as many as <paramref name="Count"/> says when the graph runs, are meant, and what lies behind them is not said.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="Count">One whole number, computed beside the value.</param>
public sealed record ValueExtent(int Axis, Value Count);
