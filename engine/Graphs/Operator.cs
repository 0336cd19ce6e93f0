using VkNet.Tensors;

namespace VkNet.Graphs;

/// <summary>
/// One operator: everything about it stands on one page (its class) and one registry line. How it is run on a device is said by
/// implementing <c>VkNet.Compilation.ILowering</c> on the same class.
/// </summary>
public abstract class Operator
{
    /// <summary>The name in graph files: lower case with underscores.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence for the reference, with the formula and its source.</summary>
    public abstract string Summary { get; }

    /// <summary>The inputs in order.</summary>
    public abstract IReadOnlyList<OperandDefinition> Inputs { get; }

    /// <summary>The names of the outputs in order. The number a node really has is what <see cref="Infer"/> returns.</summary>
    public virtual IReadOnlyList<string> OutputNames => ["output"];

    /// <summary>What graph files call an output: its name, or its number where an operator has as many as a node wants.</summary>
    internal string OutputName(int index) => index < OutputNames.Count ? OutputNames[index] : index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The attributes.</summary>
    public virtual IReadOnlyList<AttributeDefinition> Attributes => [];

    /// <summary>Whether users may write it in graph files; false for operators that only passes emit.</summary>
    public virtual bool IsPublic => true;

    /// <summary>Whether it has a gradient rule.</summary>
    public virtual bool IsDifferentiable => false;

    /// <summary>Whether equal inputs always give equal outputs, so that constant nodes may be computed while building; false for generators of random numbers.</summary>
    public virtual bool IsFoldable => true;

    /// <summary>Whether it makes a constant out of attributes alone.</summary>
    public virtual bool IsConstantSource => false;

    /// <summary>Small applications of it for <c>vknet check</c>, which compares a device with <see cref="Evaluate"/>; together they reach every kernel of the operator.</summary>
    public virtual IReadOnlyList<OperatorSample> Samples => [];

    /// <summary>The shape rule: checks attributes and inputs and returns the types of the outputs.</summary>
    /// <exception cref="VkNetException">VKN2xxx: something does not fit; both shapes are shown and the rule is named.</exception>
    public abstract IReadOnlyList<TensorType> Infer(InferenceContext context);

    /// <summary>Computes the outputs on the host, in double or long.</summary>
    public abstract void Evaluate(HostContext context);

    /// <summary>
    /// The outputs, written with other operators, for an operator that has no kernels of its own: called when a node is added, after its
    /// shape rule, so that gradients, passes and devices see only what it is made of. Null (the default) for all others.
    /// </summary>
    public virtual IReadOnlyList<Value>? Decompose(DecompositionContext context) => null;

    /// <summary>The parameters that come into being when the inputs of that name are not given; called with the inputs that are.</summary>
    public virtual IReadOnlyList<ParameterDeclaration> DeclareParameters(InferenceContext context) => [];

    /// <summary>
    /// The gradient rule: given the gradients of the outputs, builds the gradients of the inputs from operators.
    /// Entry i of the result is the gradient of input i, or null where there is none.
    /// </summary>
    public virtual IReadOnlyList<Value?> Differentiate(GradientContext context) =>
        throw new VkNetException("VKN5001", $"{Name} '{context.Node.Name}' has no gradient rule", "cut the path with stop_gradient, or choose another operator", context.Node.Location);

    /// <summary>The index of the input that output 0 equals exactly, so that the node can be dropped (a transpose that moves nothing); null for most nodes.</summary>
    public virtual int? PassesThrough(Node node) => null;

    /// <summary>Whether output 0 holds the elements of input 0 in another order that the attributes alone decide, so that pointwise functions may come before or after.</summary>
    public virtual bool CommutesWithPointwise => false;

    /// <summary>
    /// The attributes of one node of this operator that, applied to the first input of <paramref name="producer"/> in place of its own first
    /// input, gives what <paramref name="node"/> gives after it (two transposes in a row, a convolution after zero padding); null when there is
    /// none. The producer may be of any operator.
    /// </summary>
    public virtual AttributeSet? MergeWith(Node node, Node producer) => null;

    /// <summary>
    /// Which outputs of a node have a size that depends on data (<see cref="Value.Extent"/>), one entry for each output, or none at all;
    /// null when an input has such a size and the operator cannot go on without knowing it. The default takes no such inputs.
    /// </summary>
    public virtual IReadOnlyList<ValueExtent?>? Extents(Node node) => node.Inputs.Any(i => i?.Extent is not null) ? null : [];

    /// <summary>
    /// Which places along the spatial axes (2 and on) of the inputs of output 0's rank each place of output 0 depends on; null, the default, when
    /// that is no window of fixed size.
    /// </summary>
    public virtual IReadOnlyList<WindowExtent>? Window(Node node) => null;

    /// <summary>The nominal cost; the default counts one operation per output element.</summary>
    public virtual OperatorCost Cost(Node node)
    {
        double bytes = 0, elements = 0;
        foreach (var input in node.Inputs) bytes += input is null ? 0 : 4.0 * input.Shape.ElementCount;
        foreach (var output in node.Outputs)
        {
            elements += output.Shape.ElementCount;
            bytes += 4.0 * output.Shape.ElementCount;
        }
        return new OperatorCost(elements, bytes);
    }

    /// <summary>The name of input <paramref name="index"/>; a variadic one repeats with its position.</summary>
    public string InputName(int index) =>
        index < Inputs.Count && !Inputs[index].Variadic ? Inputs[index].Name : $"{Inputs[^1].Name}[{index - Inputs.Count + 1}]";

    /// <summary>What input <paramref name="index"/> holds.</summary>
    public string InputSummary(int index) => Inputs[Math.Min(index, Inputs.Count - 1)].Summary;
}
