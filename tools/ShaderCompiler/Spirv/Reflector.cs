namespace VkNet.ShaderCompiler.Spirv;

/// <summary>Reads a <see cref="KernelInterface"/> from a module that still has its names, and checks the binding conventions.</summary>
internal sealed class Reflector
{
    private const int ParameterSlot = 0;
    private const string ParameterBlock = "Parameters";
    private readonly SpirvTypes types;
    private readonly List<InterfaceBinding> bindings = [];
    private IReadOnlyList<InterfaceField> fields = [];
    private int parameterBytes;
    private int sharedBytes;

    private Reflector(SpirvModule module) => types = new SpirvTypes(module);

    /// <summary>Reads the interface.</summary>
    /// <exception cref="InvalidDataException">The interface breaks a convention; the message says which.</exception>
    public static KernelInterface Read(SpirvModule module)
    {
        var reflector = new Reflector(module);
        foreach (var variable in module.Instructions.Where(instruction => instruction.Op == SpirvOp.Variable)) reflector.ReadVariable(variable);
        int[] localSize = [1, 1, 1];
        foreach (var mode in module.Instructions.Where(instruction => instruction.Op == SpirvOp.ExecutionMode && instruction[1] == 17))
            localSize = [(int)mode[2], (int)mode[3], (int)mode[4]];
        var localSizeConstants = new int?[3];
        if (reflector.types.WorkgroupSize() is { } size)
        {
            for (var axis = 0; axis < 3; axis++)
            {
                localSize[axis] = (int)reflector.types.Value(size[axis]);
                localSizeConstants[axis] = (int?)reflector.types.Decoration(size[axis], SpirvDecoration.SpecId);
            }
        }
        var features = module.Instructions.Where(instruction => instruction.Op == SpirvOp.Capability)
            .Select(instruction => Capabilities.Feature(instruction[0])).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        return new KernelInterface(reflector.MergeAliases(), reflector.fields, reflector.parameterBytes, reflector.Constants(), localSize, localSizeConstants, reflector.sharedBytes, features);
    }

    private void ReadVariable(SpirvModule.Instruction variable)
    {
        const uint uniformConstant = 0, uniform = 2, workgroup = 4, pushConstant = 9, storageBuffer = 12;
        var id = variable[1];
        var pointee = types.Type(variable[0])[2];
        switch (variable[2])
        {
            case workgroup: sharedBytes += types.PackedBytes(pointee); break;
            case pushConstant: throw new InvalidDataException("push constants are not used here; put the values into the Parameters block");
            case uniform: ReadUniformBlock(id, pointee); break;
            case storageBuffer: AddBinding(id, types.Name(pointee), "StorageBuffer", Enumerable.Range(0, types.Type(pointee).Operands.Count - 1).Any(member => types.Decoration(pointee, member, SpirvDecoration.NonWritable) is null)); break;
            case uniformConstant: ReadImage(id, pointee); break;
        }
    }

    private void ReadUniformBlock(uint id, uint block)
    {
        if (types.Decoration(id, SpirvDecoration.Binding) != ParameterSlot || types.Name(block) != ParameterBlock)
            throw new InvalidDataException($"the uniform block '{types.Name(block)}' is not 'Parameters' at binding 0, the only one a kernel has");
        AddBinding(id, ParameterBlock, "UniformBuffer", writable: false);
        (fields, parameterBytes) = ParameterLayout.Read(types, block);
    }

    private void ReadImage(uint id, uint type)
    {
        const uint bufferDimension = 5, sampled = 1;
        var image = types.Type(type);
        if (image.Op == SpirvOp.TypeSampledImage) image = types.Type(image[1]);
        if (image.Op != SpirvOp.TypeImage || image[2] != bufferDimension) throw new InvalidDataException($"'{types.Name(id)}' is an image; kernels bind buffers and texel buffers only");
        var isSampled = image[6] == sampled;
        AddBinding(id, types.Name(id), isSampled ? "UniformTexelBuffer" : "StorageTexelBuffer", !isSampled && types.Decoration(id, SpirvDecoration.NonWritable) is null);
    }

    private void AddBinding(uint id, string name, string kind, bool writable)
    {
        if (types.Decoration(id, SpirvDecoration.DescriptorSet) is not 0u) throw new InvalidDataException($"'{name}' is not in descriptor set 0");
        if (name.Length == 0) throw new InvalidDataException("a binding has no name");
        var slot = (int)(types.Decoration(id, SpirvDecoration.Binding) ?? throw new InvalidDataException($"'{name}' has no binding number"));
        bindings.Add(new InterfaceBinding(slot, Names.Pascal(name), kind, writable));
    }

    /// <summary>
    /// A slot may be declared more than once, to read one buffer as vec4 and as float. The shortest name is the binding's;
    /// the others must start with it (<c>Source</c>, <c>SourceScalars</c>).
    /// </summary>
    private List<InterfaceBinding> MergeAliases()
    {
        var merged = new List<InterfaceBinding>();
        foreach (var slot in bindings.GroupBy(binding => binding.Slot).OrderBy(group => group.Key))
        {
            var main = slot.MinBy(binding => binding.Name.Length)!;
            foreach (var alias in slot)
            {
                if (alias.Kind != main.Kind || !alias.Name.StartsWith(main.Name, StringComparison.Ordinal))
                    throw new InvalidDataException($"'{alias.Name}' and '{main.Name}' share binding {slot.Key}; a second view must be of the same kind and its name start with the first's");
            }
            merged.Add(main with { Writable = slot.Any(alias => alias.Writable) });
        }
        if (merged.GroupBy(binding => binding.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"two bindings are named '{twice.Key}'");
        return merged;
    }

    private List<InterfaceConstant> Constants()
    {
        var result = new List<InterfaceConstant>();
        foreach (var constant in types.Constants)
        {
            if (types.Decoration(constant[1], SpirvDecoration.SpecId) is not { } id) continue;
            var name = types.Name(constant[1]);
            // A workgroup size given only as local_size_x_id has a constant without a name.
            if (name.Length == 0 && types.WorkgroupSize() is { } size) name = "LocalSize" + "XYZ"[size.ToList().IndexOf(constant[1])];
            result.Add(new InterfaceConstant((int)id, Names.Pascal(name), ParameterLayout.Scalar(types, constant[0], name), types.Value(constant[1])));
        }
        if (result.GroupBy(constant => constant.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"two specialization constants are named '{twice.Key}'");
        return [.. result.OrderBy(constant => constant.Id)];
    }
}
