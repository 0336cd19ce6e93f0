namespace VkNet.Graphs;

/// <summary>Declares one attribute of an operator: what graph files may write, what the schema lists and what code reads through <see cref="AttributeSet"/>.</summary>
public abstract class AttributeDefinition
{
    private protected AttributeDefinition(string name, AttributeKind kind, string summary, bool required)
    {
        Name = name;
        Kind = kind;
        Summary = summary;
        Required = required;
    }

    /// <summary>The key in a graph file.</summary>
    public string Name { get; }

    /// <summary>The kind of value.</summary>
    public AttributeKind Kind { get; }

    /// <summary>One sentence for the reference and the schema.</summary>
    public string Summary { get; }

    /// <summary>Whether a node without it is refused.</summary>
    public bool Required { get; }

    /// <summary>The value taken when the attribute is not given; null when there is none.</summary>
    public abstract object? DefaultValue { get; }

    /// <summary>The words allowed in a <see cref="AttributeKind.Text"/>; empty when any is.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The least whole number allowed (each element of a list); null when any is.</summary>
    public long? Minimum { get; init; }

    /// <summary>For <see cref="AttributeKind.Integers"/>: whether a single number may stand for a list of equal ones.</summary>
    public bool ScalarAllowed { get; init; }

    /// <summary>For <see cref="AttributeKind.Integers"/>: the text attribute that is set when a word stands in place of the numbers, e.g. <c>padding: same</c>.</summary>
    public AttributeDefinition<string>? Words { get; init; }
}

/// <summary>A typed attribute declaration.</summary>
/// <typeparam name="T">long, long[], double, double[], string, string[], bool or <see cref="Graph"/>.</typeparam>
public sealed class AttributeDefinition<T> : AttributeDefinition
{
    /// <summary>Declares an attribute; without a default it is required unless <paramref name="required"/> is false, when reading it gives <paramref name="defaultValue"/>.</summary>
    public AttributeDefinition(string name, string summary, T? defaultValue = default, bool required = false)
        : base(name, KindOf(), summary, required) => Default = defaultValue;

    /// <summary>The default value.</summary>
    public T? Default { get; }

    /// <inheritdoc/>
    public override object? DefaultValue => Default;

    private static AttributeKind KindOf() =>
        typeof(T) == typeof(long) || typeof(T) == typeof(long?) ? AttributeKind.Integer :
        typeof(T) == typeof(long[]) ? AttributeKind.Integers :
        typeof(T) == typeof(double) || typeof(T) == typeof(double?) ? AttributeKind.Real :
        typeof(T) == typeof(double[]) ? AttributeKind.Reals :
        typeof(T) == typeof(string) ? AttributeKind.Text :
        typeof(T) == typeof(string[]) ? AttributeKind.Texts :
        typeof(T) == typeof(bool) || typeof(T) == typeof(bool?) ? AttributeKind.Flag :
        typeof(T) == typeof(Graph) ? AttributeKind.Body :
        throw new ArgumentException($"attributes cannot hold {typeof(T).Name}");
}
