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
    private readonly SliceSelection.Places _places;
    private TensorSlice[] _slices;
    private bool _isTaken;
    private readonly List<SpecializationValue> _constants;
    private readonly byte[] _parameters;
    private double _flops;
    private double _bytes;

    internal DispatchBuilder(LoweringContext context, KernelDescriptor kernel)
    {
        _context = context;
        _kernel = kernel;
        _places = SliceSelection.Places.Of(kernel);
        _slices = new TensorSlice[_places.Count];
        _constants = new List<SpecializationValue>(kernel.Constants.Count);
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
        // What a call has been made of stays as it is.
        if (_isTaken) (_slices, _isTaken) = ((TensorSlice[])_slices.Clone(), false);
        _slices[_places.OfSlot(slot)] = slice;
        return this;
    }

    /// <summary>Sets a specialization constant (a constant of the kernel's generated <c>Constants</c>).</summary>
    public DispatchBuilder Constant(int id, long value) => Set(new SpecializationValue(id, unchecked((uint)value)));

    /// <summary>Sets a real specialization constant.</summary>
    public DispatchBuilder Constant(int id, float value) => Set(new SpecializationValue(id, BitConverter.SingleToUInt32Bits(value)));

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
        _context.Add(new DispatchCall
        {
            Node = _context.Node.Name,
            SourceNodes = _context.SourceNodes,
            Descriptor = _kernel,
            Constants = _context.Share(_constants),
            Slices = Slices(),
            Parameters = _context.Share(_parameters),
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

    // Sorted by number.
    private DispatchBuilder Set(SpecializationValue constant)
    {
        var place = 0;
        while (place < _constants.Count && _constants[place].Id < constant.Id) place++;
        if (place == _constants.Count) _constants.Add(constant);
        else if (_constants[place].Id == constant.Id) _constants[place] = constant;
        else _constants.Insert(place, constant);
        return this;
    }

    private TensorSlice[] Slices()
    {
        _isTaken = true;
        // Operands that no step reads must still be bound to something: Vulkan wants every statically used binding valid.
        TensorSlice filler = default;
        foreach (var place in _places.Read)
            if (_slices[place].Buffer is not null && filler.Buffer is null) filler = _slices[place];
        for (var i = 0; i < _slices.Length; i++)
        {
            if (_slices[i].Buffer is not null) continue;
            if (filler.Buffer is null || !_places.IsOperand(i)) throw new InvalidOperationException($"{_kernel.Name}: binding {_places.NameOf(i)} is not bound");
            _slices[i] = filler;
        }
        return _slices;
    }
}
