using System.Diagnostics.CodeAnalysis;

namespace VkNet.Graphs;

/// <summary>The operators a graph may use, by name. Thread-safe for reading once filled.</summary>
public sealed class OperatorRegistry
{
    private readonly Dictionary<string, Operator> _operators = new(StringComparer.Ordinal);

    /// <summary>All operators, by name.</summary>
    public IEnumerable<Operator> Operators => _operators.Values.OrderBy(o => o.Name, StringComparer.Ordinal);

    /// <summary>Adds an operator; user code may add its own.</summary>
    /// <exception cref="ArgumentException">An operator of that name is registered already.</exception>
    public OperatorRegistry Register(Operator @operator)
    {
        if (!_operators.TryAdd(@operator.Name, @operator)) throw new ArgumentException($"an operator named '{@operator.Name}' is registered already", nameof(@operator));
        return this;
    }

    /// <summary>Finds an operator by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Operator? @operator) => _operators.TryGetValue(name, out @operator);

    /// <summary>Finds an operator by name.</summary>
    /// <exception cref="VkNetException">VKN1101: there is none; the nearest name is offered.</exception>
    public Operator Get(string name, SourceLocation? location = null) =>
        _operators.TryGetValue(name, out var found)
            ? found
            : throw new VkNetException("VKN1101", $"unknown operator '{name}'", Suggestion.For(name, _operators.Values.Where(o => o.IsPublic).Select(o => o.Name)), location);

    /// <summary>A registry with the same operators, to which more can be added.</summary>
    public OperatorRegistry Clone()
    {
        var copy = new OperatorRegistry();
        foreach (var @operator in _operators.Values) copy.Register(@operator);
        return copy;
    }
}
