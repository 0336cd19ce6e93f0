using Microsoft.Extensions.Logging;
using VkNet.Shaders;

namespace VkNet.Devices;

/// <summary>
/// An opened Vulkan device. Thread-safe. It may be disposed before or after the models and sessions on it: each of them
/// keeps what it needs until it is disposed itself, and using it afterwards throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed class ComputeDevice : IDisposable
{
    private readonly NativeDevice _native;
    private readonly ValidationSink? _sink;
    private int _disposed;

    private ComputeDevice(NativeDevice native, DeviceInfo info, ValidationSink? sink)
    {
        _native = native;
        _sink = sink;
        Info = info;
        native.OnLost = exception => Lost?.Invoke(this, new DeviceLostEventArgs(exception));
    }

    /// <summary>Raised once, on the thread that noticed it, when the device has stopped working. Everything on it is gone; open it again.</summary>
    public event EventHandler<DeviceLostEventArgs>? Lost;

    /// <summary>Its entry in the list of devices.</summary>
    public DeviceInfo Info { get; }

    /// <summary>What it can do.</summary>
    public DeviceProfile Profile => Info.Profile;

    /// <summary>The device memory allocated.</summary>
    public MemoryStatistics Memory => _native.Memory.Statistics;

    /// <summary>Whether the device has stopped working.</summary>
    public bool IsLost => _native.IsLost;

    /// <summary>Whether <see cref="Dispose"/> has been called.</summary>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>What the validation layer has said so far; empty without <see cref="DeviceOptions.Validation"/>.</summary>
    public IReadOnlyList<ValidationMessage> ValidationMessages => _sink?.Messages ?? [];

    /// <summary>The Vulkan device; for the rest of the engine.</summary>
    internal NativeDevice Native => _native;

    /// <summary>Pipelines made so far.</summary>
    internal int PipelineCount => _native.Pipelines.Count;

    /// <summary>The number of the last submission that has completed.</summary>
    internal ulong Completed => Use(static native => native.Submission.Completed);

    /// <summary>The devices of all drivers present, best first.</summary>
    /// <exception cref="VkNetException">VKN4001 no Vulkan loader, VKN4002 no driver.</exception>
    public static IReadOnlyList<DeviceInfo> List()
    {
        using var instance = new VulkanInstance(CacheFolders.Find(), sink: null);
        return Survey(instance, DeviceSettings.Read(new DeviceOptions()).Disabled).Infos;
    }

    /// <summary>Opens a device.</summary>
    /// <param name="options">Which one, and how; null takes the best one, and what the environment says.</param>
    /// <exception cref="VkNetException">VKN4001 to VKN4008: none, none that fits, or a setting that cannot be read.</exception>
    public static ComputeDevice Open(DeviceOptions? options = null)
    {
        options ??= new DeviceOptions();
        return Open(options, DeviceSettings.Read(options));
    }

    /// <summary>Lets go of the device. It is closed when everything made from it has been disposed too. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _native.Dispose();
    }

    /// <summary>Allocates a buffer; see <see cref="MemoryAllocator.Allocate"/>.</summary>
    internal DeviceBuffer AllocateBuffer(long bytes, BufferPurpose purpose, string label)
    {
        using var use = new Lease(this);
        return _native.Memory.Allocate(bytes, purpose, label);
    }

    /// <summary>The pipeline for a kernel; see <see cref="PipelineStore.Get"/>.</summary>
    internal KernelPipeline GetPipeline(KernelDescriptor kernel, ReadOnlySpan<SpecializationValue> constants, int? subgroupSize = null)
    {
        using var use = new Lease(this);
        return _native.Pipelines.Get(kernel, constants, subgroupSize);
    }

    /// <summary>
    /// Makes several pipelines on all cores, and has the driver finish their code, so that the first run is as fast as the
    /// next; they come in the order of the requests.
    /// </summary>
    internal KernelPipeline[] PreparePipelines(IReadOnlyList<PipelineRequest> requests)
    {
        using var use = new Lease(this);
        var pipelines = _native.Pipelines.Prepare(requests);
        PipelineWarmUp.Run(this, pipelines);
        return pipelines;
    }

    /// <summary>Begins a recording.</summary>
    /// <param name="label">Its name in diagnostics and debuggers.</param>
    /// <param name="timestamps">How many timestamps it may write.</param>
    internal CommandRecorder BeginRecording(string label, int timestamps = 0)
    {
        using var use = new Lease(this);
        return new CommandRecorder(_native, label, timestamps);
    }

    /// <summary>Submits recordings, to run in order after everything submitted before; returns the number to wait for.</summary>
    internal ulong Submit(ReadOnlySpan<CommandRecording> recordings)
    {
        using var use = new Lease(this);
        return _native.Submission.Submit(recordings);
    }

    /// <summary>Submits one recording; returns the number to wait for.</summary>
    internal ulong Submit(CommandRecording recording) => Submit(new ReadOnlySpan<CommandRecording>(in recording));

    /// <summary>Blocks until a submission has completed; cancelling abandons the wait, never the work.</summary>
    internal void Wait(ulong submission, CancellationToken cancellation = default)
    {
        using var use = new Lease(this);
        _native.Submission.Wait(submission, Timeout.InfiniteTimeSpan, cancellation);
    }

    /// <summary>Blocks until a submission has completed; false when the time ran out.</summary>
    internal bool TryWait(ulong submission, TimeSpan timeout, CancellationToken cancellation = default)
    {
        using var use = new Lease(this);
        return _native.Submission.Wait(submission, timeout, cancellation);
    }

    /// <summary>A task that completes when a submission has; cancelling abandons the wait, never the work.</summary>
    internal Task WaitAsync(ulong submission, CancellationToken cancellation = default)
    {
        using var use = new Lease(this);
        return _native.Submission.WaitAsync(submission, cancellation);
    }

    /// <summary>Writes bytes into a buffer, directly where it is mapped, else by staged copies, and waits for them.</summary>
    internal void Write(DeviceBuffer buffer, long offset, ReadOnlySpan<byte> data)
    {
        using var use = new Lease(this);
        DeviceTransfers.Write(this, buffer, offset, data);
    }

    /// <summary>Reads bytes of a buffer, directly where it is mapped, else by staged copies. Work that writes them must have completed.</summary>
    internal void Read(DeviceBuffer buffer, long offset, Span<byte> data)
    {
        using var use = new Lease(this);
        DeviceTransfers.Read(this, buffer, offset, data);
    }

    /// <summary>Opens a device of this process once more, with the same features, without validation, limits and caches.</summary>
    internal static ComputeDevice OpenPlain(DeviceInfo info)
    {
        var disabled = DeviceFeatures.All.Where(f => !info.Profile.Has(f)).Append(DeviceFeatures.DiskCache).ToHashSet(StringComparer.Ordinal);
        return Open(new DeviceOptions(), new DeviceSettings(info.Index.ToString(System.Globalization.CultureInfo.InvariantCulture), RequireHardware: false, Validation: false, MemoryLimit: null, disabled));
    }

    private static ComputeDevice Open(DeviceOptions options, DeviceSettings settings)
    {
        var sink = settings.Validation ? new ValidationSink(options.OnValidationMessage, options.Logger) : null;
        var instance = new VulkanInstance(CacheFolders.Find(options.CacheFolder), sink);
        DeviceInfo info;
        PhysicalDevice physical;
        try
        {
            var (infos, handles) = Survey(instance, settings.Disabled);
            info = DeviceChoice.Choose(infos, settings.Selector, settings.RequireHardware);
            physical = handles[info.Index];
        }
        catch
        {
            instance.Dispose();
            throw;
        }
        var native = new NativeDevice(instance, physical, info.Profile, options, settings.MemoryLimit);
        options.Logger?.LogInformation("Device {Device}{Software}", info, info.IsSoftware ? ": a software driver" : "");
        foreach (var quirk in DriverQuirk.Of(info.Profile)) options.Logger?.LogInformation("{Driver} {Quirk}: {Remedy}", quirk.Driver, quirk.What, quirk.Remedy);
        return new ComputeDevice(native, info, sink);
    }

    private static (IReadOnlyList<DeviceInfo> Infos, PhysicalDevice[] Handles) Survey(VulkanInstance instance, IReadOnlySet<string> disabled)
    {
        var handles = instance.PhysicalDevices();
        var read = handles.Select(h => ProfileReader.Read(instance.Api, instance.Handle, h, disabled)).ToArray();
        var order = DeviceChoice.Order(read);
        // Order keeps the profile objects, so each device is found again by its own.
        return (order, [.. order.Select(info => handles[Array.FindIndex(read, r => ReferenceEquals(r.Profile, info.Profile))])]);
    }

    private T Use<T>(Func<NativeDevice, T> action)
    {
        using var use = new Lease(this);
        return action(_native);
    }

    // Keeps the native device during a call, and refuses calls after Dispose.
    private readonly ref struct Lease
    {
        private readonly NativeDevice _native;

        public Lease(ComputeDevice device)
        {
            ObjectDisposedException.ThrowIf(device.IsDisposed, device);
            device._native.Acquire();
            _native = device._native;
        }

        public void Dispose() => _native.Release();
    }
}
