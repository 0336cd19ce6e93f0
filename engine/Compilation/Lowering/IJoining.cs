using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>
/// Implemented by operators that put whole channels-last inputs side by side (concatenation of channels): an input that is made only for
/// this can be computed where it will lie, so that nothing is copied.
/// </summary>
public interface IJoining
{
    /// <summary>The first texel (four channels) of an input within every position of output 0; null when it does not lie on whole texels.</summary>
    int? TexelOf(Node node, int input);
}
