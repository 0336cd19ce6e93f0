using System.Collections.Immutable;
using System.Globalization;

namespace VkNet.Graphs;

/// <summary>The attribute values of one node: an immutable map from name to value. Values are those of <see cref="AttributeKind"/>.</summary>
public sealed class AttributeSet
{
    private readonly ImmutableSortedDictionary<string, object> _values;
    private int _hash;

    private AttributeSet(ImmutableSortedDictionary<string, object> values) => _values = values;

    /// <summary>No attributes.</summary>
    public static AttributeSet Empty { get; } = new(ImmutableSortedDictionary.Create<string, object>(StringComparer.Ordinal));

    /// <summary>The names that have values.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>The names and values.</summary>
    public IEnumerable<KeyValuePair<string, object>> Values => _values;

    /// <summary>Equal for equal attribute sets; computed once.</summary>
    internal int ContentHash => _hash != 0 || _values.IsEmpty ? _hash : _hash = ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether the attribute was given.</summary>
    public bool Has(AttributeDefinition definition) => _values.ContainsKey(definition.Name);

    /// <summary>The value, or the definition's default when it was not given.</summary>
    public T Get<T>(AttributeDefinition<T> definition) => _values.TryGetValue(definition.Name, out var value) ? (T)value : definition.Default!;

    /// <summary>The value under a name, or null.</summary>
    public object? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>A copy with one value set; null leaves the attribute out.</summary>
    public AttributeSet With<T>(AttributeDefinition<T> definition, T? value) => new(value is null ? _values.Remove(definition.Name) : _values.SetItem(definition.Name, value));

    /// <summary>A copy with one value set by name; readers use it after checking the value against the definition.</summary>
    public AttributeSet With(string name, object value) => new(_values.SetItem(name, value));

    /// <summary>A text that is equal exactly for equal attribute sets; used to find common sub-expressions and in listings.</summary>
    public override string ToString() => string.Join(", ", _values.Select(v => $"{v.Key}={Format(v.Value)}"));

    private static string Format(object value) => value switch
    {
        long[] list => "[" + string.Join(",", list) + "]",
        double[] list => "[" + string.Join(",", list.Select(v => v.ToString("R", CultureInfo.InvariantCulture))) + "]",
        string[] list => "[" + string.Join(",", list) + "]",
        double v => v.ToString("R", CultureInfo.InvariantCulture),
        bool v => v ? "true" : "false",
        Graph body => $"body#{System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(body)}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
