using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Compiles a graph into an execution plan: passes, lowering, memory, barriers. Needs no device, only its profile.</summary>
public static class GraphCompiler
{
    /// <summary>Compiles.</summary>
    /// <exception cref="VkNetException">VKN4201, VKN4210 to VKN4212: the device cannot hold or run a part of the graph; VKN4202: it does not fit the memory budget.</exception>
    public static ExecutionPlan Compile(Graph graph, CompilerOptions options)
    {
        graph = Optimize(graph, options);
        return Recomputation.Fit(graph, options, g => PlanLayout.Layout(new GraphLowering(g, options).Lower(), options));
    }

    /// <summary>Runs the passes.</summary>
    internal static Graph Optimize(Graph graph, CompilerOptions options)
    {
        GraphVerifier.Verify(graph, "building");
        options.Observe?.Invoke("built", graph);
        foreach (var pass in Passes(options))
        {
            var result = pass.Run(graph, options);
            if (ReferenceEquals(result, graph)) continue;
            graph = result;
            GraphVerifier.Verify(graph, pass.Name);
            options.Observe?.Invoke(pass.Name, graph);
        }
        return graph;
    }

    private static IEnumerable<IGraphPass> Passes(CompilerOptions options)
    {
        yield return new DeadCode();
        if (options.Fuse) yield return new MovementSinking();
        yield return new Simplification();
        yield return new CommonSubexpressions();
        yield return new DeadCode();
        if (options.Fuse) yield return new ChannelAffineFolding();
        if (options.Fuse) yield return new HorizontalMerging();
        if (options.Fuse) yield return new Fusion();
        if (options.Fuse) yield return new PrologueFusion();
        if (options.ChannelsLast) yield return new LayoutAssignment();
        if (options.ReuseMemory) yield return new Scheduling();
    }
}
