using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>How an operator is run on a device. Implemented on the operator's own page.</summary>
public interface ILowering
{
    /// <summary>Writes the calls that compute the node: kernels, copies, or a view of an input.</summary>
    void Lower(LoweringContext context);

    /// <summary>Whether a pointwise program can be applied to output 0 inside the node's kernel.</summary>
    bool AcceptsEpilogue(Node node) => false;

    /// <summary>
    /// Whether a pointwise program over reals can be applied to the elements of input 0 as the node's kernels read them
    /// (<see cref="Node.Prologue"/>), with operands of input 0's shape and single elements.
    /// </summary>
    bool AcceptsPrologue(Node node) => false;

    /// <summary>How often the node's kernels read every element of input 0, and so run a prologue on it.</summary>
    int PrologueReads(Node node) => 1;

    /// <summary>Steps and operands of the epilogue that the node itself uses up (a bias), so that fusion leaves room for them.</summary>
    (int Steps, int Operands) EpilogueCost(Node node) => (0, 0);

    /// <summary>Whether a fused step's function is known to the node's kernels.</summary>
    bool AcceptsStep(Node node, PointwiseStep step) => EpilogueSteps.IsCommon(step.Opcode);

    /// <summary>
    /// Whether a fused step may read this tensor. The default takes reals of the output's shape, single elements, and one element per channel
    /// (axis 1).
    /// </summary>
    bool AcceptsOperand(Node node, Value operand) =>
        operand.DataType == DataType.Float32 && OperandShapes.Classify(node.Outputs[0].Shape, operand.Shape) is OperandShape.Full or OperandShape.Single or OperandShape.Channel;

    /// <summary>Whether output 0 is the memory of input 0, all of it, under another shape, whatever the layout.</summary>
    bool IsView(Node node) => false;

    /// <summary>Whether the node's kernels can write output 0, channels-last, into a part of a wider tensor's channels (<see cref="DeviceTensor.Part"/>).</summary>
    bool WritesParts(Node node) => false;

    /// <summary>Which layouts the node can work in.</summary>
    LayoutChoice Layouts(Node node, DeviceProfile profile) => LayoutChoice.Dense;

    /// <summary>
    /// The layout that input <paramref name="input"/> must have when the node works in <paramref name="layout"/>. The default asks it of every
    /// input of the rank of output 0 and leaves others dense.
    /// </summary>
    Layout InputLayout(Node node, int input, Layout layout) =>
        node.Inputs[input] is { } value && value.Shape.Rank == node.Outputs[0].Shape.Rank ? layout : Layout.Dense;

    /// <summary>Whether the node's kernels, working channels-last, can store output 0 dense, so that no conversion is needed behind the node.</summary>
    bool StoresDense(Node node) => false;

    /// <summary>Whether the node's kernels, working channels-last, can read input <paramref name="input"/> as it lies dense, at no more cost than a conversion in front of the node.</summary>
    bool ReadsDense(Node node, int input) => false;

    /// <summary>The layout of output <paramref name="output"/> when the node works in <paramref name="layout"/>; dense for results that are no activations.</summary>
    Layout OutputLayout(Node node, int output, Layout layout) => layout;
}

/// <summary>Which layouts an operator can work in.</summary>
public enum LayoutChoice
{
    /// <summary>Dense only.</summary>
    Dense,

    /// <summary>Either, without preference: it follows its neighbours.</summary>
    Either,

    /// <summary>Either, and channels-last is much faster on this device.</summary>
    PrefersChannelsLast,
}

/// <summary>Implemented by operators that are one pointwise function, so that they can be fused.</summary>
public interface IPointwise
{
    /// <summary>
    /// The function as a step over registers 0, 1, 2 standing for the node's inputs 0, 1, 2; null when it cannot be fused.
    /// </summary>
    PointwiseStep? ToStep(Node node);
}
