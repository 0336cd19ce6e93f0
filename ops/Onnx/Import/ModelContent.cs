using VkNet.Graphs;
using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>A model read and checked, ready to be built for any bindings, from several threads.</summary>
internal sealed class ModelContent
{
    /// <summary>Checks a model as far as that is possible without sizes.</summary>
    /// <exception cref="VkNetException">VKN3xxx: it is malformed, or uses what VkNet does not know.</exception>
    public ModelContent(ModelProto model, OperatorRegistry registry, ModelSource source)
    {
        if (model.Graph is null) throw source.Fault("VKN3004", "the file holds no graph", "this is no ONNX model, or one that was cut short");
        Source = source;
        Registry = registry;
        Opsets = Opsets.Of(model, source);
        Rules = new RuleIndex(registry);
        Bodies = new BodyCache(source);
        Functions = new FunctionTable(model, Opsets, Bodies, source);
        Main = Bodies.Get(model.Graph);
        Main.RequireClosed(source);
        Name = model.Graph.Name != "" ? model.Graph.Name : Path.GetFileNameWithoutExtension(source.Name);
        Inputs = DeclaredInputs.Read(model.Graph, Main, source);
        CheckOutputs(model.Graph);
        MissingOperators.Check(this, Main, Opsets);
    }

    /// <summary>Where it was read from.</summary>
    public ModelSource Source { get; }

    /// <summary>The operators it is translated to.</summary>
    public OperatorRegistry Registry { get; }

    /// <summary>The graph's name, or the file's.</summary>
    public string Name { get; }

    /// <summary>The declared inputs.</summary>
    public IReadOnlyList<InputDeclaration> Inputs { get; }

    /// <summary>The main graph.</summary>
    public Body Main { get; }

    /// <summary>The operator sets of the main graph.</summary>
    public Opsets Opsets { get; }

    /// <summary>The functions.</summary>
    public FunctionTable Functions { get; }

    /// <summary>How operators are translated.</summary>
    public RuleIndex Rules { get; }

    /// <summary>The prepared graphs.</summary>
    public BodyCache Bodies { get; }

    /// <summary>Builds the graph.</summary>
    public Graph Build(Bindings bindings)
    {
        var builder = new GraphBuilder(Registry, Name, bindings);
        var scope = new Scope(Main, null, builder, Source.Location);
        foreach (var input in Inputs) scope.Assign(input.Name, builder.Input(input.Name, input.Bind(bindings), Source.Location));
        var results = new GraphImport(this, builder).Run(Main, scope, Frame.Main(Opsets));
        for (var i = 0; i < results.Count; i++) builder.Output(Main.Outputs[i], results[i]);
        return builder.Build();
    }

    private void CheckOutputs(GraphProto graph)
    {
        if (graph.Output.Count == 0) Source.Fail("VKN3004", $"{Main.What} has no outputs");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var output in graph.Output)
        {
            if (output.Name == "" || !names.Add(output.Name)) Source.Fail("VKN3006", $"{Main.What} has two outputs named '{output.Name}', or one without a name");
            if (output.Type is { ValueCase: not (TypeProto.ValueOneofCase.None or TypeProto.ValueOneofCase.TensorType) } type)
                Source.Fail("VKN3005", $"output '{output.Name}' is {DeclaredInputs.Describe(type)}, which VkNet cannot hold", "only tensors can be outputs");
        }
    }
}
