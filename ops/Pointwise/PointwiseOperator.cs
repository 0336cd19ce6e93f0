using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Pointwise.Lowering;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;
using TensorLayout = VkNet.Graphs.Layout;

namespace VkNet.Operators.Pointwise;

/// <summary>
/// Base of the operators that compute every output element from one element of each input. Inputs are broadcast to a common shape under
/// NumPy's rule. A page gives the function on the host, its opcode for kernels, and its gradient.
/// </summary>
public abstract class PointwiseOperator : Operator, ILowering, IPointwise, IImportable, IExportable
{
    private readonly PointwiseOpcode _opcode;
    private readonly ElementFamilies _families;
    private readonly string? _onnxName;
    private readonly int _since;

    private protected PointwiseOperator(string name, string summary, PointwiseOpcode opcode, ElementFamilies families, string? onnxName, int since, IReadOnlyList<OperandDefinition> inputs)
    {
        Name = name;
        Summary = summary;
        Inputs = inputs;
        _opcode = opcode;
        _families = families;
        _onnxName = onnxName;
        _since = since;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WindowExtent>? Window(Node node) => WindowExtent.Pointwise(node.Outputs[0]);

    /// <inheritdoc/>
    public sealed override string Name { get; }

    /// <inheritdoc/>
    public sealed override string Summary { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<ImportRule> ImportRules => _onnxName is null ? [] :
    [
        ImportRule.Single(_onnxName, _since, node => node.Emit(Name, ImportAttributes(node), [.. ImportInputs(node)])),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        .. (_families & ElementFamilies.Real) == 0 ? [] : Shapes(s => Reals(s)).Append(new OperatorSample([.. Inputs.Select((_, i) => Of(SpecialNumbers(i)))])),
        .. (_families & ElementFamilies.Whole) == 0 ? [] : Shapes(s => Integers(-9, 9, s)),
        .. (_families & ElementFamilies.Truth) == 0 ? [] : Shapes(s => Truths(s)),
    ];

    /// <inheritdoc/>
    public virtual void Export(ExportNode node)
    {
        if (_onnxName is null || _since > ExportNode.Opset) node.Refuse("ONNX has no such operator");
        else node.Result(_onnxName, node.Inputs, [.. ExportAttributes(node.Node.Attributes)]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var shape = Broadcasting.Common(Enumerable.Range(0, context.InputCount).Select(context.ShapeOf));
        if (shape is null)
            context.Fail("VKN2120", $"the shapes {string.Join(" and ", Enumerable.Range(0, context.InputCount).Select(context.ShapeOf))} do not broadcast to one another", "counted from the last axis, sizes must be equal or 1");
        return [new TensorType(CheckTypes(context), shape!)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var maps = Enumerable.Range(0, context.InputCount).Select(i => Broadcasting.Map(context.ShapeOf(i), context.Output(0).Shape)).ToArray();
        var count = checked((int)context.Output(0).Shape.ElementCount);
        if (Enumerable.Range(0, context.InputCount).Any(i => context.Input(i).DataType.IsFloat()))
        {
            var inputs = Enumerable.Range(0, context.InputCount).Select(context.Reals).ToArray();
            var (result, arguments) = (new double[count], new double[inputs.Length]);
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < arguments.Length; j++) arguments[j] = inputs[j][maps[j] is { } map ? map[i] : i];
                result[i] = Compute(arguments, context.Attributes);
            }
            context.SetReals(0, result);
        }
        else
        {
            var inputs = Enumerable.Range(0, context.InputCount).Select(context.Integers).ToArray();
            var (result, arguments) = (new long[count], new long[inputs.Length]);
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < arguments.Length; j++) arguments[j] = inputs[j][maps[j] is { } map ? map[i] : i];
                result[i] = Compute(arguments, context.Attributes);
            }
            context.SetIntegers(0, result);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ValueExtent?>? Extents(Node node)
    {
        ValueExtent? common = null;
        var rank = node.Outputs[0].Shape.Rank;
        foreach (var input in node.Inputs.OfType<Value>())
        {
            if (input.Extent is not { } extent) continue;
            var aligned = extent with { Axis = extent.Axis + rank - input.Shape.Rank };
            if (common is not null && common != aligned) return null;
            common = aligned;
        }
        if (common is null) return [];
        // What goes along with it must be one element along that axis, or be cut to the same size.
        foreach (var input in node.Inputs.OfType<Value>())
            if (common.Axis - rank + input.Shape.Rank is var axis && (input.Extent is null ? axis >= 0 && input.Shape[axis] != 1 : input.Shape[axis] != node.Outputs[0].Shape[common.Axis])) return null;
        return [common];
    }

    /// <inheritdoc/>
    public virtual PointwiseStep? ToStep(Node node) => WrapOf(node) != 0 ? null : OwnStep(node);

    /// <inheritdoc/>
    public virtual void Lower(LoweringContext context) => PointwiseLowering.Lower(context, OwnStep(context.Node), WrapOf(context.Node), ResultOf(context.Node));

    /// <inheritdoc/>
    public bool AcceptsEpilogue(Node node) => WrapOf(node) == 0 && !ChangesFamily(node);

    /// <inheritdoc/>
    public (int Steps, int Operands) EpilogueCost(Node node) => (OwnStep(node) is null ? 0 : 1, Math.Min(node.OperatorInputCount, node.Inputs.Count) - 1);

    /// <inheritdoc/>
    public bool AcceptsStep(Node node, PointwiseStep step) => true;

    /// <inheritdoc/>
    public bool AcceptsOperand(Node node, Value operand) => Shape.Broadcast(operand.Shape, node.Outputs[0].Shape) == node.Outputs[0].Shape;

    /// <inheritdoc/>
    public LayoutChoice Layouts(Node node, DeviceProfile profile) => node.Outputs[0].DataType.IsFloat() && node.Outputs[0].Shape.Rank >= 3 ? LayoutChoice.Either : LayoutChoice.Dense;

    /// <inheritdoc/>
    public TensorLayout InputLayout(Node node, int input, TensorLayout layout)
    {
        // Whole numbers stay dense; so do constants that are broadcast: the kernel reads them by their own strides.
        if (node.Inputs[input] is not { } value || value.Shape.Rank != node.Outputs[0].Shape.Rank || !value.DataType.IsFloat()) return TensorLayout.Dense;
        return value.Shape != node.Outputs[0].Shape && value.Kind is ValueKind.Constant or ValueKind.Parameter ? TensorLayout.Dense : layout;
    }

    /// <summary>The function on reals. Truth values and whole numbers among the inputs are converted.</summary>
    private protected abstract double Compute(ReadOnlySpan<double> x, AttributeSet attributes);

    /// <summary>The function on whole numbers and truth values, where the operator takes them.</summary>
    private protected virtual long Compute(ReadOnlySpan<long> x, AttributeSet attributes) => throw new NotSupportedException($"{Name} is not defined on whole numbers");

    /// <summary>The type of the result for inputs of the given type.</summary>
    private protected virtual DataType ResultType(DataType input, AttributeSet attributes) => input;

    /// <summary>The step's numbers.</summary>
    private protected virtual (double Alpha, double Beta) Numbers(AttributeSet attributes) => default;

    /// <summary>The attributes of a node of a foreign model.</summary>
    private protected virtual AttributeSet ImportAttributes(ImportNode node) => AttributeSet.Empty;

    /// <summary>The attributes of a node of an ONNX model of the same name.</summary>
    private protected virtual IEnumerable<(string Name, object Value)> ExportAttributes(AttributeSet attributes) => [];

    /// <summary>The inputs of a node of a foreign model.</summary>
    private protected virtual IEnumerable<Value> ImportInputs(ImportNode node) => Enumerable.Range(0, Inputs.Count).Select(node.Input);

    /// <summary>The node's own function as a step over registers 0, 1, 2 for its inputs; null where its input is the result.</summary>
    private protected virtual PointwiseStep? OwnStep(Node node)
    {
        var (alpha, beta) = Numbers(node.Attributes);
        var whole = node.Inputs.Take(node.OperatorInputCount).OfType<Value>().All(v => !v.DataType.IsFloat());
        return new PointwiseStep((int)_opcode, 0, Inputs.Count > 1 ? 1 : 0, Inputs.Count > 2 ? 2 : 0, ToSingle(alpha, whole), ToSingle(beta, whole));
    }

    /// <summary>Which type the inputs share; refuses others.</summary>
    private protected virtual DataType CheckTypes(InferenceContext context)
    {
        var type = context.Input(0).DataType;
        for (var i = 1; i < context.InputCount; i++)
            if (context.Input(i).DataType != type)
                context.Fail("VKN2121", $"its inputs are {context.Input(0)} and {context.Input(i)}, but must be of one type", "insert a cast");
        RequireFamily(context, 0, _families);
        return ResultType(type, context.Attributes);
    }

    // Once with equal shapes, and broadcast both ways where there are several inputs.
    private IEnumerable<OperatorSample> Shapes(Func<long[], SampleInput> make)
    {
        yield return new([.. Inputs.Select(_ => make([3, 5, 7]))]);
        if (Inputs.Count > 1) yield return new([.. Inputs.Select((_, i) => make(i % 2 == 0 ? [2, 1, 67] : [5, 1]))]);
    }

    // Each pair of special numbers meets once: NaN, infinities and signed zeros go through every operator as IEEE 754 says.
    private static Tensor SpecialNumbers(int input)
    {
        float[] numbers = [0, -0f, 1, -1, 0.5f, -0.5f, 3, -3, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        var values = new float[numbers.Length * numbers.Length];
        for (var i = 0; i < values.Length; i++) values[i] = numbers[input % 2 == 0 ? i % numbers.Length : i / numbers.Length];
        return Tensor.From(values);
    }

    private protected static void RequireFamily(InferenceContext context, int input, ElementFamilies families)
    {
        if ((families & ElementFamily.Of(context.Input(input).DataType)) == 0)
            context.Fail("VKN2122", $"input '{context.Operator.InputName(input)}' is {context.Input(input)}, but {ElementFamily.Describe(families)} is needed", "insert a cast");
    }

    // Whole-number steps carry their numbers as the bits of 32-bit integers.
    private protected static float ToSingle(double number, bool whole) =>
        whole ? BitConverter.Int32BitsToSingle((int)Math.Clamp(number, int.MinValue, int.MaxValue)) : (float)number;

    /// <summary>The type of the operator's own result, which a fused program may change.</summary>
    private protected virtual DataType ResultOf(Node node) => ResultType(node.Inputs[0]!.DataType, node.Attributes);

    /// <summary>
    /// Results of 8- and 16-bit types are cut to their width after the step: to that many bits, signed when negative. 0 for other types.
    /// </summary>
    private protected virtual int WrapOf(Node node) => ResultOf(node) switch
    {
        DataType.UInt8 => 8,
        DataType.Int8 => -8,
        DataType.UInt16 => 16,
        DataType.Int16 => -16,
        _ => 0,
    };

    /// <summary>Reals and whole numbers are computed in different registers, so a program cannot go on in the other family.</summary>
    private protected bool ChangesFamily(Node node)
    {
        var families = node.Inputs.Take(node.OperatorInputCount).OfType<Value>().Select(v => ElementFamily.Of(v.DataType)).Append(ElementFamily.Of(ResultOf(node)));
        var all = families.Aggregate((ElementFamilies)0, (a, b) => a | b);
        return (all & ElementFamilies.Number) == ElementFamilies.Number;
    }
}
