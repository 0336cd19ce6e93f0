using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using VkNet.Devices.Spirv;
using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>
/// Makes each pipeline once per kernel, constants and subgroup size, in parallel where asked, and keeps the driver's
/// compiled code on disk between runs.
/// </summary>
internal sealed unsafe class PipelineStore
{
    private readonly NativeDevice _device;
    private readonly PipelineCacheFile? _file;
    private readonly PipelineCache _cache;
    private readonly ConcurrentDictionary<string, Lazy<KernelPipeline>> _pipelines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<(DescriptorSetLayout Set, PipelineLayout Pipeline)>> _layouts = new(StringComparer.Ordinal);
    private int _created;
    private int _saved;

    /// <summary>Reads the cache from disk.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="cacheFolder">Where the cache lies; null for none.</param>
    public PipelineStore(NativeDevice device, string? cacheFolder)
    {
        _device = device;
        _file = cacheFolder is null ? null : new PipelineCacheFile(cacheFolder, device.Profile, device.Logger);
        _cache = CreateCache(_file?.Read() ?? []);
    }

    /// <summary>Pipelines made so far.</summary>
    public int Count => Volatile.Read(ref _created);

    /// <summary>The pipeline for a kernel; made at the first call, and the same object afterwards. Thread-safe.</summary>
    /// <exception cref="VkNetException">VKN4016 when the device cannot run the kernel.</exception>
    public KernelPipeline Get(KernelDescriptor kernel, ReadOnlySpan<SpecializationValue> constants, int? subgroupSize)
    {
        var size = subgroupSize ?? kernel.Requirements.SubgroupSize;
        var key = Key(kernel, constants, size);
        if (_pipelines.TryGetValue(key, out var known)) return Value(_pipelines, key, known);
        var copy = constants.ToArray();
        return Value(_pipelines, key, _pipelines.GetOrAdd(key, _ => new Lazy<KernelPipeline>(() => Create(kernel, copy, size))));
    }

    /// <summary>Makes several pipelines on all cores, then saves the cache when any of them was new.</summary>
    public KernelPipeline[] Prepare(IReadOnlyList<PipelineRequest> requests)
    {
        var made = new KernelPipeline[requests.Count];
        try
        {
            Parallel.For(0, requests.Count, i => made[i] = Get(requests[i].Kernel, requests[i].Constants.ToArray(), requests[i].SubgroupSize));
        }
        catch (AggregateException e)
        {
            // The first fault is the one the user can act on.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
        Save();
        return made;
    }

    /// <summary>Writes the cache when pipelines were made since the last time. Failing to is no error.</summary>
    public void Save()
    {
        var created = Volatile.Read(ref _created);
        if (_file is null || Interlocked.Exchange(ref _saved, created) == created) return;
        try
        {
            lock (_file) Merge(_file);
        }
        catch (VkNetException e) when (!_device.IsLost)
        {
            _device.Logger?.LogWarning("The pipeline cache was not saved: {Reason}", e.Message);
        }
    }

    /// <summary>Saves the cache and destroys everything; called when the device is destroyed.</summary>
    public void Destroy()
    {
        if (!_device.IsLost) Save();
        var (api, handle) = (_device.Api, _device.Handle);
        foreach (var pipeline in Made(_pipelines)) api.DestroyPipeline(handle, pipeline.Handle, null);
        foreach (var (set, layout) in Made(_layouts))
        {
            api.DestroyPipelineLayout(handle, layout, null);
            api.DestroyDescriptorSetLayout(handle, set, null);
        }
        api.DestroyPipelineCache(handle, _cache, null);
    }

    // Another process may have added to the file meanwhile; keep what it has. The cache in use is only read here:
    // other threads may be making pipelines with it, and the target of a merge must be nobody else's.
    private void Merge(PipelineCacheFile file)
    {
        var merged = CreateCache(file.Read() ?? []);
        try
        {
            var own = _cache;
            if (_device.Api.MergePipelineCaches(_device.Handle, merged, 1, &own) == Result.Success && Data(merged) is { } data) file.Write(data);
        }
        finally
        {
            _device.Api.DestroyPipelineCache(_device.Handle, merged, null);
        }
    }

    private static IEnumerable<T> Made<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(ConcurrentDictionary<string, Lazy<T>> all) =>
        all.Values.Where(v => v.IsValueCreated).Select(v => v.Value);

    private static string Key(KernelDescriptor kernel, ReadOnlySpan<SpecializationValue> constants, int? subgroupSize)
    {
        var key = new StringBuilder(kernel.Hash).Append(' ').Append(subgroupSize ?? 0);
        foreach (var constant in constants) key.Append(CultureInfo.InvariantCulture, $" {constant.Id}={constant.Value:x}");
        return key.ToString();
    }

    // A failure is not kept: the next call tries again.
    private static T Value<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(ConcurrentDictionary<string, Lazy<T>> all, string key, Lazy<T> lazy)
    {
        try
        {
            return lazy.Value;
        }
        catch
        {
            all.TryRemove(KeyValuePair.Create(key, lazy));
            throw;
        }
    }

    private byte[]? Data(PipelineCache cache)
    {
        nuint size = 0;
        if (_device.Api.GetPipelineCacheData(_device.Handle, cache, &size, null) != Result.Success || size == 0 || size > int.MaxValue) return null;
        var data = new byte[(int)size];
        fixed (byte* first = data)
        {
            if (_device.Api.GetPipelineCacheData(_device.Handle, cache, &size, first) != Result.Success) return null;
        }
        return data[..(int)size];
    }

    private PipelineCache CreateCache(byte[] data)
    {
        fixed (byte* first = data)
        {
            var info = new PipelineCacheCreateInfo { SType = StructureType.PipelineCacheCreateInfo, InitialDataSize = (nuint)data.Length, PInitialData = first };
            PipelineCache cache = default;
            _device.Check(_device.MayMake() ? _device.Api.CreatePipelineCache(_device.Handle, &info, null, &cache) : Result.ErrorOutOfHostMemory, "creating the pipeline cache");
            return cache;
        }
    }

    private KernelPipeline Create(KernelDescriptor kernel, SpecializationValue[] constants, int? subgroupSize)
    {
        _device.ThrowIfLost();
        var profile = _device.Profile;
        if (profile.WhyNot(kernel) is { } reason) throw DeviceErrors.KernelUnsupported(kernel.ToString(), profile.Name, reason);
        if (subgroupSize is { } wanted && !profile.OffersSubgroupSize(wanted))
        {
            throw DeviceErrors.KernelUnsupported(kernel.ToString(), profile.Name, $"needs subgroups of {wanted}, the device has {profile.SubgroupSize}");
        }
        var bindings = LayoutKey(kernel);
        var (setLayout, layout) = Value(_layouts, bindings, _layouts.GetOrAdd(bindings, _ => new Lazy<(DescriptorSetLayout Set, PipelineLayout Pipeline)>(() => CreateLayout(kernel))));
        var pipeline = CreatePipeline(kernel, constants, subgroupSize, layout);
        _device.SetName(ObjectType.Pipeline, pipeline.Handle, kernel.ToString());
        Interlocked.Increment(ref _created);
        _device.Logger?.LogDebug("Pipeline {Kernel} made", kernel);
        return new KernelPipeline(_device, new PipelineRequest(kernel, constants, subgroupSize), pipeline, layout, setLayout);
    }

    private ShaderModule CreateModule(KernelDescriptor kernel, uint[] words)
    {
        fixed (uint* code = words)
        {
            var info = new ShaderModuleCreateInfo { SType = StructureType.ShaderModuleCreateInfo, CodeSize = (nuint)words.Length * sizeof(uint), PCode = code };
            ShaderModule module = default;
            _device.Check(_device.MayMake() ? _device.Api.CreateShaderModule(_device.Handle, &info, null, &module) : Result.ErrorOutOfHostMemory, $"loading kernel {kernel}");
            return module;
        }
    }

    private static string LayoutKey(KernelDescriptor kernel) =>
        string.Join(' ', kernel.Bindings.Select(b => $"{b.Slot}:{(int)b.Kind}"));

    private (DescriptorSetLayout Set, PipelineLayout Pipeline) CreateLayout(KernelDescriptor kernel)
    {
        var bindings = new DescriptorSetLayoutBinding[kernel.Bindings.Count];
        for (var i = 0; i < bindings.Length; i++)
        {
            bindings[i] = new DescriptorSetLayoutBinding
            {
                Binding = (uint)kernel.Bindings[i].Slot,
                DescriptorType = DescriptorTypes.Of(kernel.Bindings[i].Kind),
                DescriptorCount = 1,
                StageFlags = ShaderStageFlags.ComputeBit,
            };
        }
        DescriptorSetLayout set = default;
        fixed (DescriptorSetLayoutBinding* first = bindings)
        {
            var setInfo = new DescriptorSetLayoutCreateInfo { SType = StructureType.DescriptorSetLayoutCreateInfo, BindingCount = (uint)bindings.Length, PBindings = first };
            _device.Check(_device.MayMake() ? _device.Api.CreateDescriptorSetLayout(_device.Handle, &setInfo, null, &set) : Result.ErrorOutOfHostMemory, $"creating the layout of kernel {kernel}");
        }
        var info = new PipelineLayoutCreateInfo { SType = StructureType.PipelineLayoutCreateInfo, SetLayoutCount = 1, PSetLayouts = &set };
        PipelineLayout layout = default;
        var result = _device.MayMake() ? _device.Api.CreatePipelineLayout(_device.Handle, &info, null, &layout) : Result.ErrorOutOfHostMemory;
        if (result != Result.Success) _device.Api.DestroyDescriptorSetLayout(_device.Handle, set, null);
        _device.Check(result, $"creating the layout of kernel {kernel}");
        return (set, layout);
    }

    private Pipeline CreatePipeline(KernelDescriptor kernel, SpecializationValue[] constants, int? subgroupSize, PipelineLayout layout)
    {
        var width = LocalWidth(kernel, constants);
        // SPIR-V is a sequence of 32-bit words, which a slice of a byte array need not be aligned to.
        var words = new uint[kernel.Spirv.Length / sizeof(uint)];
        kernel.Spirv.Span.CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(words.AsSpan()));
        return KernelSpecializer.Specialize(words, constants, DriverQuirk.CompilesForParameters.Applies(_device.Profile.DriverName)) is { } specialized ? CreatePipeline(kernel, [], specialized, subgroupSize, width, layout) : CreatePipeline(kernel, constants, words, subgroupSize, width, layout);
    }

    private Pipeline CreatePipeline(KernelDescriptor kernel, SpecializationValue[] constants, uint[] spirv, int? subgroupSize, int width, PipelineLayout layout)
    {
        var entries = new SpecializationMapEntry[constants.Length];
        var values = new uint[constants.Length];
        for (var i = 0; i < constants.Length; i++)
        {
            entries[i] = new SpecializationMapEntry { ConstantID = (uint)constants[i].Id, Offset = (uint)(i * sizeof(uint)), Size = sizeof(uint) };
            values[i] = constants[i].Value;
        }
        var controlled = subgroupSize is not null && _device.Profile.Has(DeviceFeatures.SubgroupSizeControl);
        var required = new PipelineShaderStageRequiredSubgroupSizeCreateInfo
        {
            SType = StructureType.PipelineShaderStageRequiredSubgroupSizeCreateInfo,
            RequiredSubgroupSize = (uint)(subgroupSize ?? 0),
        };
        var module = CreateModule(kernel, spirv);
        fixed (SpecializationMapEntry* map = entries)
        fixed (uint* data = values)
        fixed (byte* main = "main\0"u8)
        {
            var specialization = new SpecializationInfo { MapEntryCount = (uint)entries.Length, PMapEntries = map, DataSize = (nuint)(values.Length * sizeof(uint)), PData = data };
            var info = new ComputePipelineCreateInfo
            {
                SType = StructureType.ComputePipelineCreateInfo,
                Layout = layout,
                Stage = new PipelineShaderStageCreateInfo
                {
                    SType = StructureType.PipelineShaderStageCreateInfo,
                    PNext = controlled ? &required : null,
                    Flags = controlled && width % subgroupSize == 0 ? PipelineShaderStageCreateFlags.RequireFullSubgroupsBit : PipelineShaderStageCreateFlags.None,
                    Stage = ShaderStageFlags.ComputeBit,
                    Module = module,
                    PName = main,
                    PSpecializationInfo = constants.Length > 0 ? &specialization : null,
                },
            };
            Pipeline pipeline = default;
            var result = _device.MayMake() ? _device.Api.CreateComputePipelines(_device.Handle, _cache, 1, &info, null, &pipeline) : Result.ErrorOutOfHostMemory;
            _device.Api.DestroyShaderModule(_device.Handle, module, null);
            _device.Check(result, $"compiling kernel {kernel}");
            return pipeline;
        }
    }

    private static int LocalWidth(KernelDescriptor kernel, SpecializationValue[] constants)
    {
        if (kernel.LocalSize.XConstant is not { } id) return kernel.LocalSize.X;
        foreach (var constant in constants)
        {
            if (constant.Id == id) return (int)constant.Value;
        }
        return kernel.LocalSize.X;
    }
}
