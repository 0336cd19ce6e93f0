using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Tests.Compilation;

/// <summary>
/// An operator whose traits a test chooses, so that the compiler is tested without any real operator. All inputs are of the output's shape
/// (or broadcast to it); the host evaluator adds them up.
/// </summary>
internal class StubOperator(string name, int inputs) : Operator, ILowering
{
    /// <summary>Tells nodes apart that would otherwise be computed once.</summary>
    public static AttributeDefinition<string> Tag { get; } = new("tag", "tells nodes apart", "");

    /// <summary>Whether pointwise steps may be applied in its kernel.</summary>
    public bool Epilogue { get; init; }

    /// <summary>Whether its output may take over its first input's memory.</summary>
    public bool InPlace { get; init; }

    /// <summary>Number of outputs, each of the first input's shape.</summary>
    public int OutputCount { get; init; } = 1;

    /// <summary>Whether its output is a view of its first input.</summary>
    public bool View { get; init; }

    /// <summary>The output's shape from the first input's; null for the same.</summary>
    public Func<Shape, Shape>? Reshape { get; init; }

    /// <summary>Element type of the output; null for the first input's.</summary>
    public DataType? ResultType { get; init; }

    /// <summary>Which layouts it works in.</summary>
    public LayoutChoice Choice { get; init; }

    /// <summary>Whether it can store its output dense while it works channels-last.</summary>
    public bool StoreDense { get; init; }

    /// <summary>Whether it can read its first input dense while it works channels-last.</summary>
    public bool ReadDense { get; init; }

    public override string Name => name;

    /// <summary>Whether it gives other results every time.</summary>
    public bool Random { get; init; }

    /// <summary>Whether it gives back its input as it is.</summary>
    public bool Nothing { get; init; }

    public override bool IsFoldable => !Random;

    public override IReadOnlyList<AttributeDefinition> Attributes => [Tag];

    public override string Summary => "a stand-in";

    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [.. Enumerable.Range(0, inputs).Select(i => new OperandDefinition($"x{i}", "any"))];

    public override IReadOnlyList<string> OutputNames => [.. Enumerable.Range(0, OutputCount).Select(i => $"y{i}")];

    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var shape = context.ShapeOf(0);
        var type = new TensorType(ResultType ?? context.Input(0).DataType, Reshape?.Invoke(shape) ?? shape);
        return [.. Enumerable.Repeat(type, OutputCount)];
    }

    public override void Evaluate(HostContext context)
    {
        for (var o = 0; o < OutputCount; o++)
        {
            var sum = new double[context.Output(o).Shape.ElementCount];
            for (var i = 0; i < context.InputCount; i++)
            {
                var values = context.Reals(i);
                for (var e = 0; e < sum.Length; e++) sum[e] += values[e % values.Length];
            }
            context.SetReals(o, sum);
        }
    }

    public void Lower(LoweringContext context)
    {
        if (View)
        {
            context.Alias(0, context.Input(0));
            return;
        }
        var kernel = StubKernels.Make(Name, inputs, OutputCount, Epilogue);
        var dispatch = context.Dispatch(kernel).Parameters(new StubParameters { Count = (uint)context.Output(0).Shape.ElementCount });
        for (var i = 0; i < inputs; i++) dispatch.Bind(1 + i, context.Input(i));
        for (var o = 0; o < OutputCount; o++) dispatch.Bind(1 + inputs + o, context.Output(o));
        if (InPlace && context.Epilogue is null) context.MayRunInPlace(0, context.Input(0));
        if (Epilogue)
            dispatch.Epilogue(context.Epilogue, [.. Enumerable.Range(0, context.Epilogue?.OperandCount ?? 0).Select(i => new EpilogueOperand(context.EpilogueInput(i), OperandMode.Full))]);
        dispatch.Run(1);
    }

    public override int? PassesThrough(Node node) => Nothing ? 0 : null;

    public bool AcceptsEpilogue(Node node) => Epilogue;

    public bool IsView(Node node) => View;

    public LayoutChoice Layouts(Node node, DeviceProfile profile) => Choice;

    public bool StoresDense(Node node) => StoreDense;

    public bool ReadsDense(Node node, int input) => ReadDense && input == 0;
}
