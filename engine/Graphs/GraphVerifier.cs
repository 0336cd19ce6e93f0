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
        var defined = new HashSet<Value>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in graph.Inputs.Concat(graph.RunValues).Concat(graph.Parameters).Concat(graph.States.Select(s => s.Input)))
        {
            if (value.Producer is not null) Fail($"'{value.Name}' comes from outside but has a producer");
            defined.Add(value);
            names.Add(value.Name);
        }
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs)
                if (input is { Kind: not ValueKind.Constant } && !defined.Contains(input)) Fail($"node '{node.Name}' uses '{input.Name}' before it is assigned");
            VerifyTypes(node);
            for (var i = 0; i < node.Outputs.Count; i++)
            {
                var output = node.Outputs[i];
                if (output.Producer != node || output.OutputIndex != i) Fail($"'{output.Name}' does not know its producer '{node.Name}'");
                if (!defined.Add(output)) Fail($"'{output.Name}' is assigned twice");
                if (!names.Add(output.Name)) Fail($"the name '{output.Name}' stands for two values");
            }
            if ((node.Epilogue ?? node.Prologue) is { } program && node.Inputs.Count - node.EpilogueStart != program.OperandCount)
                Fail($"the program of '{node.Name}' has {program.OperandCount} operands, but {node.Inputs.Count - node.EpilogueStart} are given");
        }
        foreach (var (name, value) in graph.Outputs)
            if (value.Kind != ValueKind.Constant && !defined.Contains(value)) Fail($"output '{name}' is never assigned");
        foreach (var state in graph.States)
        {
            if (state.Output.Kind != ValueKind.Constant && !defined.Contains(state.Output)) Fail($"the next value of state '{state.Input.Name}' is never assigned");
            if (state.Input.Type != state.Output.Type) Fail($"state '{state.Input.Name}' changes its type");
        }

        void Fail(string message) => throw new InvalidOperationException($"after {after}: {message}\n{graph}");

        void VerifyTypes(Node node)
        {
            var types = node.Operator.Infer(new InferenceContext(node.Operator, node.Attributes, [.. node.Inputs.Take(node.OperatorInputCount)], node.Name, node.Location));
            if (types.Count != node.Outputs.Count) Fail($"node '{node.Name}' has {node.Outputs.Count} outputs, its operator gives {types.Count}");
            for (var i = 0; i < types.Count; i++)
                if (types[i].Shape != node.Outputs[i].Shape || (node.Epilogue is null && types[i] != node.Outputs[i].Type))
                    Fail($"'{node.Outputs[i].Name}' is {node.Outputs[i].Type}, but its operator gives {types[i]}");
        }
    }
}
