using VkNet.Graphs;

namespace VkNet.Compilation;

/// <summary>Compiles a graph into an execution plan: passes, lowering, memory, barriers. Needs no device, only its profile.</summary>
public static class GraphCompiler
{
    /// <summary>Compiles.</summary>
    /// <exception cref="VkNetException">
    /// VKN4201, VKN4210 to VKN4213: the device cannot hold or run a part of the graph; VKN4202: it does not fit the memory budget.
    /// </exception>
    public static ExecutionPlan Compile(Graph graph, CompilerOptions options)
    {
        CheckIndices(graph);
        try
        {
            graph = Optimize(graph, options);
            return Recomputation.Fit(graph, options, g => PlanLayout.Layout(new GraphLowering(g, options).Lower(), options));
        }
        catch (OverflowException e)
        {
            throw new VkNetException("VKN4213", $"'{graph.Name}' cannot be compiled: sizes in it overflow", "use smaller sizes", kind: ErrorKind.Device, inner: e);
        }
    }

    /// <summary>Runs the passes.</summary>
    internal static Graph Optimize(Graph graph, CompilerOptions options)
    {
        GraphVerifier.Verify(graph, "building");
        GraphVerifier.VerifyNames(graph, "building");
        options.Observe?.Invoke("built", graph);
        foreach (var pass in Passes(options))
        {
            var result = pass.Run(graph, options);
            if (ReferenceEquals(result, graph)) continue;
            graph = result;
            GraphVerifier.Verify(graph, pass.Name);
            options.Observe?.Invoke(pass.Name, graph);
        }
        GraphVerifier.VerifyNames(graph, "all passes");
        return graph;
    }

    // Kernels number elements in 32 bits, also those of tensors that fusion leaves without memory. What a pass adds is at most as large as
    // the tensors around it, and what lowering adds has its memory checked by the layout.
    private static void CheckIndices(Graph graph)
    {
        foreach (var input in graph.Inputs.Concat(graph.Parameters).Concat(graph.States.Select(s => s.Input))) Check(input, null);
        foreach (var node in graph.Nodes)
            for (var i = 0; i < node.Outputs.Count; i++) Check(node.Outputs[i], node);

        static void Check(Value value, Node? node)
        {
            if (value.Shape.ElementCount > int.MaxValue)
                throw new VkNetException("VKN4213", $"{(node is null ? $"'{value.Name}'" : $"{node.Operator.Name} '{node.Name}': its result")} {value.Type} has {value.Shape.ElementCount} elements; kernels number at most {int.MaxValue}", "use smaller sizes, or cut the tensor into parts", node?.Location, ErrorKind.Device);
        }
    }

    private static IEnumerable<IGraphPass> Passes(CompilerOptions options)
    {
        var deadCode = new DeadCode();
        yield return deadCode;
        if (options.Fuse) yield return new MovementSinking();
        yield return new Simplification();
        yield return new CommonSubexpressions();
        yield return deadCode;
        if (options.Fuse) yield return new ChannelAffineFolding();
        if (options.Fuse) yield return new HorizontalMerging();
        if (options.Fuse) yield return new Fusion();
        if (options.Fuse) yield return new PrologueFusion();
        if (options.ChannelsLast) yield return new LayoutAssignment();
        if (options.Fuse) yield return new ReadThroughFusion();
        if (options.Fuse) yield return new ConversionFusion();
        if (options.Fuse) yield return new CallMerging();
        if (options.ReuseMemory) yield return new Scheduling();
    }
}
