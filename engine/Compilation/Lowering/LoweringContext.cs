using System.Runtime.InteropServices;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Shaders;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>What an operator's lowering sees: the node, its tensors as they lie on the device, and ways to write calls.</summary>
public sealed class LoweringContext
{
    private readonly GraphLowering _lowering;
    private Dictionary<(VirtualBuffer Buffer, long Offset, string Format), DeviceTensor>? _packs;

    internal LoweringContext(GraphLowering lowering, Node node, bool isConstant)
    {
        _lowering = lowering;
        Node = node;
        IsSetup = isConstant;
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>The device's facts.</summary>
    public DeviceProfile Profile => _lowering.Options.Profile;

    /// <summary>How the graph is compiled.</summary>
    public CompilerOptions Options => _lowering.Options;

    /// <summary>The kernel variant to take where a family has it and it suits the node: the one asked for, else the one that tuning found; null leaves the choice free.</summary>
    public string? Variant => Options.Variant ?? Options.Tuning?.Find(Node);

    /// <summary>The program to apply to output 0 before storing; null when there is none.</summary>
    public PointwiseProgram? Epilogue => Node.Epilogue;

    internal bool IsSetup { get; private set; }

    internal IReadOnlyList<string> SourceNodes => Node.FusedNames.Count > 0 ? Node.FusedNames : [Node.Name];

    /// <summary>Whether input <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < Node.OperatorInputCount && Node.Inputs[index] is not null;

    /// <summary>Reads an attribute, or its default.</summary>
    public T Get<T>(AttributeDefinition<T> definition) => Node.Get(definition);

    /// <summary>Input <paramref name="index"/> on the device.</summary>
    public DeviceTensor Input(int index) => _lowering.TensorOf(Node.Inputs[index]!);

    /// <summary>The program to apply to the elements of input 0 (or of the one that <see cref="IReadsThrough"/> names) as they are read; null when there is none. Its operands are those of <see cref="EpilogueInput"/>.</summary>
    public PointwiseProgram? Prologue => Node.Prologue;

    /// <summary>Tensor operand <paramref name="index"/> of the epilogue or prologue.</summary>
    public DeviceTensor EpilogueInput(int index) => _lowering.TensorOf(Node.Inputs[Node.EpilogueStart + index]!);

    /// <summary>Output <paramref name="index"/> on the device; made on first use.</summary>
    public DeviceTensor Output(int index) => _lowering.MakeOutput(Node.Outputs[index], IsSetup);

    /// <summary>Makes output <paramref name="index"/> a view of a range of a tensor: no call is needed.</summary>
    /// <param name="index">Which output.</param>
    /// <param name="source">The tensor viewed.</param>
    /// <param name="byteOffset">First byte within it; a multiple of the device's buffer alignment.</param>
    public void Alias(int index, DeviceTensor source, long byteOffset = 0)
    {
        var value = Node.Outputs[index];
        _lowering.SetTensor(value, new DeviceTensor(source.Buffer, source.Offset + byteOffset, value.Type, value.Layout));
    }

    /// <summary>Allows output <paramref name="output"/> to take over the memory of an input that is read for the last time here, element by element.</summary>
    public void MayRunInPlace(int output, DeviceTensor input)
    {
        var target = Output(output);
        if (input.Buffer.Kind == BufferKind.Activation && target.Buffer.Kind == BufferKind.Activation && input.Offset == 0 && target.Offset == 0 && input.Part is null && target.Part is null
            && input.Buffer.Parts.Count == 0 && target.Buffer.Parts.Count == 0
            && input.Buffer.Bytes == target.Buffer.Bytes) target.Buffer.MayReplace ??= input.Buffer;
    }

    /// <summary>
    /// Makes an output the new value of a carried input in the input's own memory: the node's kernel reads and writes it in place.
    /// </summary>
    /// <param name="output">Which output.</param>
    /// <param name="input">Which input; the values must be of one type.</param>
    /// <returns>
    /// The tensor to bind for both reading and writing. It is the carried tensor itself where this node is the last to read it; otherwise a
    /// copy, made by a call of its own.
    /// </returns>
    public DeviceTensor UpdateInPlace(int output, int input)
    {
        var (source, result) = (Input(input), Node.Outputs[output]);
        if (source.Buffer.Kind == BufferKind.State && _lowering.IsDonated(Node.Inputs[input]!, result, Node))
        {
            Alias(output, source);
            return source;
        }
        var target = Output(output);
        Copy(source, target);
        return target;
    }

    /// <summary>Prepares a region's body, whose calls are to be written into this plan.</summary>
    /// <param name="body">The body, which stands alone.</param>
    /// <param name="isInvariant">For each input of it, whether it is the same in every step.</param>
    public BodyLowering EnterBody(Graph body, IReadOnlyList<bool> isInvariant) => new(_lowering, body, isInvariant);

    /// <summary>Memory needed only by this node.</summary>
    /// <param name="purpose">Shown in listings.</param>
    /// <param name="type">Element type and shape.</param>
    public DeviceTensor Workspace(string purpose, TensorType type)
    {
        var name = $"{Node.Name}/{purpose}";
        return new DeviceTensor(_lowering.NewBuffer(name, IsSetup ? BufferKind.Constant : BufferKind.Activation, DeviceTensor.SizeOf(type, Layout.Dense)), 0, type, Layout.Dense);
    }

    /// <summary>A constant that the lowering computes from shapes and attributes: a table of places or weights.</summary>
    /// <param name="purpose">Shown in listings.</param>
    /// <param name="data">The elements.</param>
    public DeviceTensor Table(string purpose, Tensor data) =>
        new(_lowering.NewBuffer($"{Node.Name}/{purpose}", BufferKind.Constant, DeviceTensor.SizeOf(data.Type, Layout.Dense), data), 0, data.Type, Layout.Dense);

    /// <summary>
    /// A rearranged copy of a tensor (packed weights). When the tensor is constant the rearranging calls run once, when the model is loaded,
    /// and equal requests share one copy; otherwise they run in every replay.
    /// </summary>
    /// <param name="source">The tensor.</param>
    /// <param name="format">Names the arrangement completely, sizes included; part of the sharing key.</param>
    /// <param name="type">Element type and shape of the copy.</param>
    /// <param name="pack">Writes the calls that fill the copy.</param>
    public DeviceTensor Packed(DeviceTensor source, string format, TensorType type, Action<DeviceTensor> pack)
    {
        if (!source.IsConstant)
        {
            _packs ??= [];
            if (_packs.TryGetValue((source.Buffer, source.Offset, format), out var earlier)) return earlier;
            var packed = Workspace(format, type);
            pack(packed);
            // A node's inputs do not change while it runs, so one copy serves all of its calls.
            if (_packs.Values.Any(p => p.Buffer == source.Buffer) || Node.Inputs.Any(i => i is not null && _lowering.TensorOf(i).Buffer == source.Buffer)) _packs[(source.Buffer, source.Offset, format)] = packed;
            return packed;
        }
        var key = (source.Buffer, source.Offset, format);
        if (_lowering.Packs.TryGetValue(key, out var existing)) return existing;
        var result = new DeviceTensor(_lowering.NewBuffer($"{source.Buffer.Name}/{format}", BufferKind.Constant, DeviceTensor.SizeOf(type, Layout.Dense)), 0, type, Layout.Dense);
        var before = IsSetup;
        IsSetup = true;
        pack(result);
        IsSetup = before;
        return _lowering.Packs[key] = result;
    }

    /// <summary>The first of the variants that the device can run and that the options allow.</summary>
    /// <param name="variants">Variants in order of preference.</param>
    /// <param name="texelTensors">Tensors that a texel variant reads as texels; each must fit the device's texel limit, as must the operands of a fused program.</param>
    /// <exception cref="VkNetException">VKN4211: none can.</exception>
    public KernelDescriptor Choose(IEnumerable<KernelDescriptor> variants, params ReadOnlySpan<DeviceTensor> texelTensors)
    {
        var largest = 0L;
        foreach (var tensor in texelTensors) largest = Math.Max(largest, tensor.Bytes);
        for (var i = 0; i < Node.Inputs.Count - Node.EpilogueStart; i++) largest = Math.Max(largest, EpilogueInput(i).Bytes);
        var wanted = Variant;
        KernelDescriptor? first = null;
        foreach (var variant in variants)
        {
            if ((first is not null && variant.Variant != wanted) || Profile.WhyNot(variant) is not null || (variant.Requirements.Texels && largest / 16 > Profile.MaxTexelBufferElements)) continue;
            if (wanted is null || variant.Variant == wanted) return variant;
            first ??= variant;
        }
        return first ?? throw new VkNetException("VKN4211", $"{Node.Operator.Name} '{Node.Name}': no variant of its kernel runs on {Profile.Name}", null, Node.Location, ErrorKind.Device);
    }

    /// <summary>Starts a kernel call.</summary>
    public DispatchBuilder Dispatch(KernelDescriptor kernel) => new(this, kernel);

    /// <summary>Copies a whole tensor to another of equal size.</summary>
    public void Copy(DeviceTensor source, DeviceTensor destination) =>
        Add(new CopyCall { Node = Node.Name, SourceNodes = SourceNodes, Source = source.Slice, Destination = destination.Slice, Bytes = 2.0 * source.Bytes });

    /// <summary>Fills a tensor with a 32-bit pattern.</summary>
    public void Fill(DeviceTensor destination, uint pattern = 0) =>
        Add(new FillCall { Node = Node.Name, SourceNodes = SourceNodes, Destination = destination.Slice, Pattern = pattern, Bytes = destination.Bytes });

    /// <summary>An array of these values, shared with other calls.</summary>
    internal SpecializationValue[] Share(List<SpecializationValue> constants) => _lowering.SharedConstants.Share(CollectionsMarshal.AsSpan(constants));

    /// <summary>An array of these bytes, shared with other calls.</summary>
    internal byte[] Share(byte[] parameters) => _lowering.SharedParameters.Share(parameters);

    internal void Add(PlanCall call) => (IsSetup ? _lowering.Setup : _lowering.Main).Add(call);
}
