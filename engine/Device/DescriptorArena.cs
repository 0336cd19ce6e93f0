using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>Descriptor sets for the dispatches of one recording, out of pools that grow in number as needed.</summary>
internal sealed unsafe class DescriptorArena(NativeDevice device)
{
    // Descriptors per pool; a kernel has a handful of bindings, so a pool serves some hundred dispatches.
    private const int SetsPerPool = 256;
    private const int PerTypePerPool = 1024;

    private static readonly BindingKind[] Kinds = Enum.GetValues<BindingKind>();
    private readonly List<DescriptorPool> _pools = [];
    private readonly int[] _left = new int[Kinds.Length];
    private int _setsLeft;

    /// <summary>A set for a kernel.</summary>
    public DescriptorSet Allocate(KernelPipeline pipeline)
    {
        Span<int> needs = stackalloc int[Kinds.Length];
        foreach (var binding in pipeline.Kernel.Bindings) needs[(int)binding.Kind]++;
        if (!Fits(needs)) AddPool(needs);
        var layout = pipeline.SetLayout;
        var info = new DescriptorSetAllocateInfo { SType = StructureType.DescriptorSetAllocateInfo, DescriptorPool = _pools[^1], DescriptorSetCount = 1, PSetLayouts = &layout };
        DescriptorSet set = default;
        device.Check(device.MayMake() ? device.Api.AllocateDescriptorSets(device.Handle, &info, &set) : Result.ErrorOutOfHostMemory, $"allocating descriptors for kernel {pipeline}");
        _setsLeft--;
        for (var i = 0; i < needs.Length; i++) _left[i] -= needs[i];
        return set;
    }

    /// <summary>Destroys all sets.</summary>
    public void Destroy()
    {
        foreach (var pool in _pools) device.Api.DestroyDescriptorPool(device.Handle, pool, null);
        _pools.Clear();
        _setsLeft = 0;
    }

    private bool Fits(ReadOnlySpan<int> needs)
    {
        if (_setsLeft == 0) return false;
        for (var i = 0; i < needs.Length; i++)
        {
            if (needs[i] > _left[i]) return false;
        }
        return true;
    }

    private void AddPool(ReadOnlySpan<int> needs)
    {
        var sizes = stackalloc DescriptorPoolSize[Kinds.Length];
        for (var i = 0; i < Kinds.Length; i++)
        {
            _left[i] = Math.Max(PerTypePerPool, needs[i]);
            sizes[i] = new DescriptorPoolSize { Type = DescriptorTypes.Of(Kinds[i]), DescriptorCount = (uint)_left[i] };
        }
        var info = new DescriptorPoolCreateInfo { SType = StructureType.DescriptorPoolCreateInfo, MaxSets = SetsPerPool, PoolSizeCount = (uint)Kinds.Length, PPoolSizes = sizes };
        DescriptorPool pool = default;
        device.Check(device.MayMake() ? device.Api.CreateDescriptorPool(device.Handle, &info, null, &pool) : Result.ErrorOutOfHostMemory, "creating a descriptor pool");
        _pools.Add(pool);
        _setsLeft = SetsPerPool;
    }
}
