using VkNet.Graphs;
using VkNet.Operators.Layout;

namespace VkNet.Operators;

/// <summary>The operators that come with VkNet. Adding one means a page and a line here.</summary>
public static class StandardOperators
{
    /// <summary>A registry of all of them; clone it to add your own.</summary>
    public static OperatorRegistry Registry { get; } = new OperatorRegistry()
        // Views and movement
        .Register(new Reshape());
}
