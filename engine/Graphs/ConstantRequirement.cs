using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>Asks for the value of something that must be known while a graph is built.</summary>
public static class ConstantRequirement
{
    /// <summary>Returns the value's tensor if it is constant.</summary>
    /// <param name="value">The value asked for.</param>
    /// <param name="purpose">What needs it, e.g. <c>the shape of Reshape 'r1'</c>; begins the message.</param>
    /// <param name="location">Where.</param>
    /// <exception cref="ValueNeededException">It depends only on small inputs: bind their values.</exception>
    /// <exception cref="VkNetException">VKN2012: it depends on data that is not known before a run.</exception>
    public static Tensor Require(Value value, string purpose, SourceLocation? location = null)
    {
        if (value.Constant is { } tensor) return tensor;
        var sources = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<Value>();
        var pending = new Stack<Value>([value]);
        while (pending.TryPop(out var current))
        {
            if (!seen.Add(current) || current.Kind == ValueKind.Constant) continue;
            if (current.Kind == ValueKind.Input && current.Shape.ElementCount <= Bindings.LargestValue) sources.Add(current.Name);
            else if (current.Kind != ValueKind.Result)
                throw new VkNetException("VKN2012", $"{purpose} depends on {current.Kind.ToString().ToLowerInvariant()} '{current.Name}' ({current.Type}), whose values are not known when the graph is compiled", "a static graph needs it as a constant, or computed from shapes or small inputs", location);
            else
                foreach (var input in current.Producer!.Inputs)
                    if (input is not null) pending.Push(input);
        }
        throw new ValueNeededException([.. sources], purpose, location);
    }
}
