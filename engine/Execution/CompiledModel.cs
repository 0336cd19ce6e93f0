using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>
/// A plan with its weights on a device: pipelines are made, constants are uploaded, packed and folded. Sessions run it; any number of them
/// may exist at once, from any threads.
/// </summary>
public sealed class CompiledModel : IDisposable
{
    private int _disposed;

    private readonly SharedConstants.Lease? _lease;

    private CompiledModel(ComputeDevice device, ExecutionPlan plan, ArenaSet weights, DeviceBuffer? parameters, IWeightSource source, SharedConstants.Lease? lease)
    {
        _lease = lease;
        Device = device;
        Plan = plan;
        Weights = weights;
        Parameters = parameters;
        Source = source;
    }

    /// <summary>The device.</summary>
    public ComputeDevice Device { get; }

    /// <summary>The plan.</summary>
    public ExecutionPlan Plan { get; }

    internal ArenaSet Weights { get; }

    internal DeviceBuffer? Parameters { get; }

    internal IWeightSource Source { get; }

    /// <summary>Binds, compiles and loads a model in one step.</summary>
    /// <param name="device">Where it will run.</param>
    /// <param name="model">The model.</param>
    /// <param name="bindings">Sizes of its symbols and values of its value-bound inputs; null when it has none.</param>
    /// <param name="weights">Its parameters; null when it has none or carries them itself.</param>
    /// <param name="configure">Changes to the compiler's options.</param>
    public static CompiledModel Load(ComputeDevice device, ModelDefinition model, Bindings? bindings = null, IWeightSource? weights = null, Func<CompilerOptions, CompilerOptions>? configure = null) =>
        Load(device, Compile(device, model, bindings, configure), weights);

    /// <summary>Binds, compiles and loads a model without blocking the caller's thread.</summary>
    /// <param name="device">Where it will run.</param>
    /// <param name="model">The model.</param>
    /// <param name="bindings">Sizes of its symbols and values of its value-bound inputs; null when it has none.</param>
    /// <param name="weights">Its parameters; null when it has none or carries them itself.</param>
    /// <param name="configure">Changes to the compiler's options.</param>
    /// <param name="cancellation">Abandons it between compiling and loading, or before.</param>
    public static Task<CompiledModel> LoadAsync(ComputeDevice device, ModelDefinition model, Bindings? bindings = null, IWeightSource? weights = null, Func<CompilerOptions, CompilerOptions>? configure = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(model);
        return Task.Run(
            () =>
            {
                var plan = Compile(device, model, bindings, configure);
                cancellation.ThrowIfCancellationRequested();
                return Load(device, plan, weights);
            },
            cancellation);
    }

    /// <summary>Loads a plan: checks its weights, makes its pipelines, uploads and packs its constants.</summary>
    /// <exception cref="VkNetException">VKN6401: parameters without values; VKN6402: a parameter of another shape; VKN4xxx: the device cannot.</exception>
    public static CompiledModel Load(ComputeDevice device, ExecutionPlan plan, IWeightSource? weights = null) => Make(device, plan, weights, null);

    /// <summary>Loads a plan whose constants are shared with other plans of the same model.</summary>
    internal static CompiledModel Load(ComputeDevice device, ExecutionPlan plan, IWeightSource weights, SharedConstants shared)
    {
        lock (shared.Loading)
        {
            var lease = shared.Acquire(plan);
            try
            {
                return Make(device, plan, weights, lease);
            }
            catch
            {
                lease?.Dispose();
                throw;
            }
        }
    }

    private static CompiledModel Make(ComputeDevice device, ExecutionPlan plan, IWeightSource? weights, SharedConstants.Lease? lease)
    {
        CheckPipelines(plan);
        var source = weights ?? TensorWeights.Empty;
        var (calls, wanted) = lease is null ? (plan.Setup.Calls, null) : lease.SetUp(plan);
        var values = CollectConstants(plan, source, wanted);
        DeviceBuffer? parameters = null, setupParameters = null;
        ArenaSet? resident = null, setup = null;
        try
        {
            var section = plan.Setup with { Calls = calls };
            PlanRecorder.Prepare(device, section, plan.Main);
            resident = lease is null ? new ArenaSet(device, plan, null, MemoryBlock.Weights) : new ArenaSet(lease);
            if (values.Count > 0 || calls.Count > 0) setup = new ArenaSet(device, plan, resident, MemoryBlock.Setup);
            if (calls.Count > 0) setupParameters = UploadParameters(device, section, plan.Name);
            parameters = UploadParameters(device, plan.Main, plan.Name);
            foreach (var (buffer, tensor) in values)
                BufferTransfer.Upload(device, setup!.Locate(plan, new TensorSlice(buffer, 0, buffer.Bytes)), span => DeviceElements.Encode(tensor, span, buffer.Name));
            if (calls.Count > 0)
            {
                var recordings = PlanRecorder.Record(device, plan, section, setup!, setupParameters, fullBarriers: lease is not null);
                try
                {
                    device.Wait(device.Submit([.. recordings]));
                }
                finally
                {
                    foreach (var recording in recordings) recording.Dispose();
                }
            }
            return new CompiledModel(device, plan, resident, parameters, source, lease);
        }
        catch
        {
            resident?.Dispose();
            parameters?.Dispose();
            throw;
        }
        finally
        {
            setup?.Dispose();
            setupParameters?.Dispose();
        }
    }

    /// <summary>Starts a session.</summary>
    /// <param name="slots">Runs that may be in flight at once, each with inputs and outputs of its own.</param>
    /// <param name="profile">Whether every call is timed.</param>
    public InferenceSession CreateSession(int slots = 2, bool profile = false)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return new InferenceSession(this, slots, profile);
    }

    /// <summary>Starts a session whose carried tensors lie in a store that other sessions share, also those of other plans.</summary>
    /// <param name="store">Holds the carried tensors by name; those it has not are added, and keep what the store's owner gives them.</param>
    /// <param name="slots">Runs that may be in flight at once.</param>
    /// <param name="profile">Whether every call is timed.</param>
    /// <exception cref="VkNetException">VKN4017: the store is on another device.</exception>
    public InferenceSession CreateSession(WeightStore store, int slots = 2, bool profile = false)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (store.Device != Device)
            throw new VkNetException("VKN4017", $"the store's tensors are on {store.Device.Profile.Name}, the model '{Plan.Name}' is on another opening of a device ({Device.Profile.Name})", "make the store on the model's device; to move weights, read them from one and write them to the other", kind: ErrorKind.Input);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return new InferenceSession(this, slots, profile, store);
    }

    /// <summary>Frees the weights. Sessions that still run keep what they need until they are disposed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        Weights.Dispose();
        _lease?.Dispose();
        Parameters?.Dispose();
    }

    private static ExecutionPlan Compile(ComputeDevice device, ModelDefinition model, Bindings? bindings, Func<CompilerOptions, CompilerOptions>? configure)
    {
        var options = new CompilerOptions { Profile = device.Profile, Tuning = TuningTable.Load(device.Profile) };
        return GraphCompiler.Compile(model.Build(bindings ?? Bindings.Empty), configure?.Invoke(options) ?? options);
    }

    private static void CheckPipelines(ExecutionPlan plan)
    {
        if (plan.Setup.Calls.Count + plan.Main.Calls.Count <= Limits.MaximumPipelines) return;
        var kernels = plan.Setup.Calls.Concat(plan.Main.Calls).OfType<DispatchCall>().Select(c => (c.Descriptor.Hash, string.Join(' ', c.Constants))).Distinct().Count();
        if (kernels > Limits.MaximumPipelines) throw DeviceErrors.TooManyPipelines(plan.Name, kernels, Limits.MaximumPipelines);
    }

    private static DeviceBuffer? UploadParameters(ComputeDevice device, PlanSection section, string name)
    {
        if (section.Parameters.Length == 0) return null;
        var buffer = device.AllocateBuffer(section.Parameters.Length, BufferPurpose.HostShared, $"{name} parameters");
        try
        {
            section.Parameters.CopyTo(buffer.Bytes(0, section.Parameters.Length));
            buffer.Flush(0, section.Parameters.Length);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    private static List<(VirtualBuffer Buffer, Tensor Data)> CollectConstants(ExecutionPlan plan, IWeightSource source, HashSet<VirtualBuffer>? wanted)
    {
        var values = new List<(VirtualBuffer, Tensor)>();
        var missing = new List<string>();
        foreach (var (buffer, place) in plan.Placements)
        {
            if (place.Block is not (MemoryBlock.Weights or MemoryBlock.Setup) || wanted?.Contains(buffer) == false) continue;
            if (buffer.Data is { } data) values.Add((buffer, data));
            else if (buffer.Parameter is { } parameter)
            {
                if (FindParameter(source, parameter) is { } tensor) values.Add((buffer, tensor));
                else missing.Add($"{parameter.Name} {parameter.Type}");
            }
        }
        if (missing.Count > 0) throw MissingWeights(missing, source);
        return values;
    }

    internal static Tensor? FindParameter(IWeightSource source, Value parameter)
    {
        var tensor = source.Find(parameter);
        if (tensor is not null && tensor.Shape != parameter.Shape)
            throw new VkNetException("VKN6402", $"parameter '{parameter.Name}' has shape {parameter.Shape}, but the weights give {tensor.Shape}", "the weights belong to another model, or to other sizes of this one");
        return tensor;
    }

    internal static VkNetException MissingWeights(List<string> missing, IWeightSource source)
    {
        var names = source.Names.ToList();
        var first = missing[0].Split(' ')[0];
        return new VkNetException("VKN6401", $"{missing.Count} parameter{(missing.Count == 1 ? " has" : "s have")} no values: {string.Join(", ", missing.Take(5))}{(missing.Count > 5 ? ", ..." : "")}",
            names.Count == 0 ? "give weights (--weights FILE), or initialise them (--init SEED)" : $"the weights have no '{first}': {Suggestion.For(first, names)}");
    }
}
