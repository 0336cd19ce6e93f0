using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>A step of the compiler: takes a graph and gives another that computes the same.</summary>
internal interface IGraphPass
{
    /// <summary>Shown in listings.</summary>
    string Name { get; }

    /// <summary>Rewrites the graph; returns it unchanged when there is nothing to do.</summary>
    Graph Run(Graph graph, CompilerOptions options);
}
