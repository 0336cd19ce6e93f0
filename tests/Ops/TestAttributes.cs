using VkNet.Graphs;

namespace VkNet.Tests.Ops;

/// <summary>Short forms for attributes in tests.</summary>
internal static class TestAttributes
{
    /// <summary>A set with one list of whole numbers.</summary>
    internal static AttributeSet Of(string name, params long[] values) => AttributeSet.Empty.With(name, values);

    /// <summary>A copy with another list of whole numbers.</summary>
    internal static AttributeSet And(this AttributeSet set, string name, params long[] values) => set.With(name, values);
}
