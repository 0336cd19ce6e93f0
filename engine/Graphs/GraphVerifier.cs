namespace VkNet.Graphs;

/// <summary>Checks that a graph is well formed. Runs between all passes; a failure is a fault of VkNet, not of the user.</summary>
public static class GraphVerifier
{
    /// <summary>Throws if a value is used before it is assigned, assigned twice, or not of the type its operator's shape rule gives.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="after">What ran just before, for the message.</param>
    /// <exception cref="InvalidOperationException">The graph is malformed.</exception>
    public static void Verify(Graph graph, string after)
    {
        var defined = new NumberTable<Value>();
        foreach (var value in graph.Inputs.Concat(graph.RunValues).Concat(graph.Parameters).Concat(graph.States.Select(s => s.Input)))
        {
            if (value.Producer is not null) Fail($"'{value.Name}' comes from outside but has a producer");
            defined[value.Number] = value;
        }
        foreach (var node in graph.Nodes)
        {
            for (var i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is { Kind: not ValueKind.Constant } input && defined[input.Number] != input) Fail($"node '{node.Name}' uses '{input.Name}' before it is assigned");
            if (!node.HasVerifiedTypes) VerifyTypes(node);
            for (var i = 0; i < node.Outputs.Count; i++)
            {
                var output = node.Outputs[i];
                if (output.Producer != node || output.OutputIndex != i) Fail($"'{output.Name}' does not know its producer '{node.Name}'");
                if (defined[output.Number] is not null) Fail($"'{output.Name}' is assigned twice");
                defined[output.Number] = output;
            }
            if ((node.Epilogue ?? node.Prologue) is { } program && node.Inputs.Count - node.EpilogueStart != program.OperandCount)
                Fail($"the program of '{node.Name}' has {program.OperandCount} operands, but {node.Inputs.Count - node.EpilogueStart} are given");
        }
        foreach (var (name, value) in graph.Outputs)
            if (value.Kind != ValueKind.Constant && defined[value.Number] != value) Fail($"output '{name}' is never assigned");
        foreach (var state in graph.States)
        {
            if (state.Output.Kind != ValueKind.Constant && defined[state.Output.Number] != state.Output) Fail($"the next value of state '{state.Input.Name}' is never assigned");
            if (state.Input.Type != state.Output.Type) Fail($"state '{state.Input.Name}' changes its type");
        }

        void Fail(string message) => GraphVerifier.Fail(graph, after, message);

        void VerifyTypes(Node node)
        {
            var types = node.Operator.Infer(new InferenceContext(node.Operator, node.Attributes, node.OperatorInputCount == node.Inputs.Count ? node.Inputs : [.. node.Inputs.Take(node.OperatorInputCount)], node.Name, node.Location));
            if (types.Count != node.Outputs.Count) Fail($"node '{node.Name}' has {node.Outputs.Count} outputs, its operator gives {types.Count}");
            for (var i = 0; i < types.Count; i++)
                if (types[i].Shape != node.Outputs[i].Shape || (node.Epilogue is null && types[i] != node.Outputs[i].Type))
                    Fail($"'{node.Outputs[i].Name}' is {node.Outputs[i].Type}, but its operator gives {types[i]}");
            node.HasVerifiedTypes = true;
        }
    }

    /// <summary>Throws if a name stands for two values, as <see cref="Verify"/> does for other faults. Names only serve listings, so looking before and after all passes is enough.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="after">What ran just before, for the message.</param>
    /// <exception cref="InvalidOperationException">Two values have one name.</exception>
    internal static void VerifyNames(Graph graph, string after)
    {
        var names = new HashSet<string>(graph.Nodes.Count, StringComparer.Ordinal);
        foreach (var value in graph.Inputs.Concat(graph.RunValues).Concat(graph.Parameters).Concat(graph.States.Select(s => s.Input))) names.Add(value.Name);
        foreach (var node in graph.Nodes)
            for (var i = 0; i < node.Outputs.Count; i++)
                if (!names.Add(node.Outputs[i].Name)) Fail(graph, after, $"the name '{node.Outputs[i].Name}' stands for two values");
    }

    private static void Fail(Graph graph, string after, string message) => throw new InvalidOperationException($"after {after}: {message}\n{graph}");
}
