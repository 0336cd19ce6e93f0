using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VkNet.Graphs;
using VkNet.Shaders;

namespace VkNet.Compilation;

/// <summary>Collects one kernel call: parameters, tensors by binding slot, specialization constants, epilogue and workgroups.</summary>
public sealed class DispatchBuilder
{
    private readonly LoweringContext _context;
    private readonly KernelDescriptor _kernel;
    private readonly Dictionary<int, TensorSlice> _slices = [];
    private readonly SortedDictionary<int, uint> _constants = [];
    private readonly byte[] _parameters;
    private double _flops;
    private double _bytes;

    internal DispatchBuilder(LoweringContext context, KernelDescriptor kernel)
    {
        _context = context;
        _kernel = kernel;
        _parameters = new byte[kernel.ParameterBytes];
    }

    /// <summary>Sets the parameter block from the generated struct of the kernel.</summary>
    public DispatchBuilder Parameters<T>(in T parameters) where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() != _parameters.Length)
            throw new ArgumentException($"{_kernel.Name} takes {_parameters.Length} parameter bytes, not {Unsafe.SizeOf<T>()}");
        MemoryMarshal.Write(_parameters, in parameters);
        return this;
    }

    /// <summary>Binds a tensor to a slot (a constant of the kernel's generated <c>Bindings</c>).</summary>
    public DispatchBuilder Bind(int slot, DeviceTensor tensor) => Bind(slot, tensor.Slice);

    /// <summary>Binds a range to a slot.</summary>
    public DispatchBuilder Bind(int slot, TensorSlice slice)
    {
        _slices[slot] = slice;
        return this;
    }

    /// <summary>Sets a specialization constant (a constant of the kernel's generated <c>Constants</c>).</summary>
    public DispatchBuilder Constant(int id, long value)
    {
        _constants[id] = unchecked((uint)value);
        return this;
    }

    /// <summary>Sets a real specialization constant.</summary>
    public DispatchBuilder Constant(int id, float value)
    {
        _constants[id] = BitConverter.SingleToUInt32Bits(value);
        return this;
    }

    /// <summary>States what the call costs nominally.</summary>
    public DispatchBuilder Cost(double flops, double bytes)
    {
        (_flops, _bytes) = (flops, bytes);
        return this;
    }

    /// <summary>
    /// Applies a pointwise program to the results: sets its steps, operands and numbers. Call after <see cref="Parameters{T}"/>.
    /// </summary>
    /// <param name="program">The program; null or empty leaves results as they are.</param>
    /// <param name="operands">The program's tensor operands with the way each is indexed.</param>
    /// <param name="primaryInteger">Whether the primary value is stored as a whole number or truth value.</param>
    /// <param name="outputInteger">Whether the result is stored as a whole number or truth value.</param>
    public DispatchBuilder Epilogue(PointwiseProgram? program, IReadOnlyList<EpilogueOperand> operands, bool primaryInteger = false, bool outputInteger = false)
    {
        EpilogueEncoding.Apply(this, _kernel, program ?? PointwiseProgram.Identity, operands, primaryInteger, outputInteger, _parameters);
        return this;
    }

    /// <summary>Adds the call.</summary>
    public void Run(long groupsX, long groupsY = 1, long groupsZ = 1)
    {
        if (groupsX == 0 || groupsY == 0 || groupsZ == 0) return;
        var limits = _context.Profile.MaxWorkgroupCount;
        if (groupsX > limits.X || groupsY > limits.Y || groupsZ > limits.Z)
            throw new VkNetException("VKN4210", $"{_context.Node.Operator.Name} '{_context.Node.Name}' needs {groupsX} x {groupsY} x {groupsZ} workgroups of kernel {_kernel.Name}; the device allows {limits.X} x {limits.Y} x {limits.Z}", "the tensor is too large for this device", _context.Node.Location, ErrorKind.Device);
        var bindings = _kernel.Bindings.Where(b => b.Kind != BindingKind.UniformBuffer).ToList();
        // Operands that no step reads must still be bound to something: Vulkan wants every statically used binding valid.
        var filler = bindings.Where(b => !b.Writable && _slices.ContainsKey(b.Slot)).Select(b => (TensorSlice?)_slices[b.Slot]).FirstOrDefault();
        var slices = bindings.Select(b => _slices.TryGetValue(b.Slot, out var slice) ? slice
            : b.Name.StartsWith("Operand", StringComparison.Ordinal) && filler is { } f ? f
            : throw new InvalidOperationException($"{_kernel.Name}: binding {b.Name} is not bound")).ToArray();
        _context.Add(new DispatchCall
        {
            Node = _context.Node.Name,
            SourceNodes = _context.SourceNodes,
            Descriptor = _kernel,
            Constants = [.. _constants.Select(c => new SpecializationValue(c.Key, c.Value))],
            Slices = slices,
            Parameters = _parameters,
            Groups = ((uint)groupsX, (uint)groupsY, (uint)groupsZ),
            Flops = _flops,
            Bytes = _bytes,
        });
    }

    /// <summary>Adds the call over <paramref name="items"/> work items of a kernel that derives a linear index from x and y.</summary>
    /// <param name="items">Number of work items (invocations that do something).</param>
    /// <param name="groupSize">Invocations per workgroup.</param>
    public void RunLinear(long items, int groupSize)
    {
        var groups = (items + groupSize - 1) / groupSize;
        var width = Math.Min(groups, Math.Min(_context.Profile.MaxWorkgroupCount.X, 32768));
        if (groups == 0) return;
        Run(width, (groups + width - 1) / width);
    }
}
