using System.Runtime.InteropServices;
using System.Text;

namespace VkNet.Devices;

/// <summary>A Vulkan instance with its loader, and with the validation layer when that is asked for.</summary>
internal sealed unsafe class VulkanInstance : IDisposable
{
    private const string ValidationLayer = "VK_LAYER_KHRONOS_validation";
    private const string ValidationFeatures = "VK_EXT_validation_features";
    private const string PortabilityEnumeration = "VK_KHR_portability_enumeration";

    // Earlier layers change their table of labels without a lock when a command buffer goes, and end the process when another
    // thread records meanwhile (Vulkan-ValidationLayers, issue 5172).
    private const uint LayerOfSafeLabels = (1u << 22) | (3u << 12) | 243;

    private readonly ExtDebugUtils? _debugUtils;
    private readonly DebugUtilsMessengerEXT _messenger;
    private readonly GCHandle _sinkHandle;

    /// <summary>Loads Vulkan and makes an instance.</summary>
    /// <param name="cacheFolder">VkNet's cache folder, for the software driver's own cache.</param>
    /// <param name="sink">Receives validation messages; null runs without the layer.</param>
    public VulkanInstance(string? cacheFolder, ValidationSink? sink)
    {
        Api = OpenApi(cacheFolder);
        try
        {
            uint? layer = null;
            if (sink is not null) layer = VersionOf(ValidationLayer) ?? throw DeviceErrors.NoValidationLayer();
            uint version = Vk.Version11;
            VulkanResults.Check(Api.EnumerateInstanceVersion(&version), "asking for the loader's Vulkan version");
            var extensions = new List<string>();
            var hasDebugUtils = Api.IsInstanceExtensionPresent(ExtDebugUtils.ExtensionName);
            if (hasDebugUtils) extensions.Add(ExtDebugUtils.ExtensionName);
            var portability = Api.IsInstanceExtensionPresent(PortabilityEnumeration);
            if (portability) extensions.Add(PortabilityEnumeration);
            if (sink is not null)
            {
                extensions.Add(ValidationFeatures);
                _sinkHandle = GCHandle.Alloc(sink);
            }
            Handle = Create(extensions, sink is null ? [] : [ValidationLayer], portability);
            if (hasDebugUtils && Api.TryGetInstanceExtension<ExtDebugUtils>(Handle, out var debugUtils)) _debugUtils = debugUtils;
            Labels = layer is null or >= LayerOfSafeLabels ? _debugUtils : null;
            if (sink is not null && _debugUtils is not null)
            {
                var messengerInfo = MessengerInfo(null);
                DebugUtilsMessengerEXT messenger;
                VulkanResults.Check(_debugUtils.CreateDebugUtilsMessenger(Handle, &messengerInfo, null, &messenger), "creating the debug messenger");
                _messenger = messenger;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The commands of this instance.</summary>
    public Vk Api { get; }

    /// <summary>The instance.</summary>
    public Instance Handle { get; private set; }

    /// <summary>The commands that name objects; null where the loader has none.</summary>
    public ExtDebugUtils? DebugUtils => _debugUtils;

    /// <summary>The commands that label commands; null where the loader has none, or the validation layer cannot bear them.</summary>
    public ExtDebugUtils? Labels { get; }

    /// <summary>The commands of this instance in an object of their own, into which a device's commands can be loaded.</summary>
    public Vk ApiForDevice()
    {
        var api = Vk.GetApi();
        api.CurrentInstance = Handle;
        return api;
    }

    /// <summary>The devices of all drivers present, in the loader's order.</summary>
    public PhysicalDevice[] PhysicalDevices()
    {
        uint count = 0;
        var result = Api.EnumeratePhysicalDevices(Handle, &count, null);
        if (result == Result.ErrorInitializationFailed) return [];
        VulkanResults.Check(result, "listing the devices");
        var devices = new PhysicalDevice[count];
        fixed (PhysicalDevice* first = devices) VulkanResults.Check(Api.EnumeratePhysicalDevices(Handle, &count, first), "listing the devices");
        return devices[..(int)count];
    }

    /// <summary>Destroys the instance; what the layer still has to say reaches the sink during this call.</summary>
    public void Dispose()
    {
        if (Handle.Handle != 0)
        {
            if (_messenger.Handle != 0) _debugUtils!.DestroyDebugUtilsMessenger(Handle, _messenger, null);
            Api.DestroyInstance(Handle, null);
            Handle = default;
        }
        if (_sinkHandle.IsAllocated) _sinkHandle.Free();
        Api.Dispose();
    }

    private static Vk OpenApi(string? cacheFolder)
    {
        SoftwareDriverEnvironment.Apply(cacheFolder);
        try
        {
            return Vk.GetApi();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw DeviceErrors.NoLoader(string.Join(", ", Vk.LibraryNames), e);
        }
    }

    private Instance Create(List<string> extensions, string[] layers, bool portability)
    {
        var extensionNames = Utf8Array(extensions);
        var layerNames = Utf8Array(layers);
        try
        {
            fixed (byte* name = "VkNet\0"u8)
            {
                var application = new ApplicationInfo
                {
                    SType = StructureType.ApplicationInfo,
                    PApplicationName = name,
                    PEngineName = name,
                    ApiVersion = Vk.Version13,
                };
                var enabled = ValidationFeatureEnableEXT.SynchronizationValidationExt;
                var features = new ValidationFeaturesEXT
                {
                    SType = StructureType.ValidationFeaturesExt,
                    EnabledValidationFeatureCount = 1,
                    PEnabledValidationFeatures = &enabled,
                };
                // Chained here so that messages about creating and destroying the instance itself are heard too.
                var messenger = MessengerInfo(&features);
                var info = new InstanceCreateInfo
                {
                    SType = StructureType.InstanceCreateInfo,
                    PNext = layers.Length > 0 ? &messenger : null,
                    Flags = portability ? InstanceCreateFlags.EnumeratePortabilityBitKhr : InstanceCreateFlags.None,
                    PApplicationInfo = &application,
                    EnabledLayerCount = (uint)layers.Length,
                    PpEnabledLayerNames = layerNames,
                    EnabledExtensionCount = (uint)extensions.Count,
                    PpEnabledExtensionNames = extensionNames,
                };
                Instance instance;
                var result = Api.CreateInstance(&info, null, &instance);
                if (result is Result.ErrorIncompatibleDriver or Result.ErrorInitializationFailed) throw DeviceErrors.NoDevice("no driver is installed, or none could be loaded");
                VulkanResults.Check(result, "creating the Vulkan instance");
                return instance;
            }
        }
        finally
        {
            FreeUtf8Array(extensionNames, extensions.Count);
            FreeUtf8Array(layerNames, layers.Length);
        }
    }

    private DebugUtilsMessengerCreateInfoEXT MessengerInfo(void* next) => new()
    {
        SType = StructureType.DebugUtilsMessengerCreateInfoExt,
        PNext = next,
        MessageSeverity = DebugUtilsMessageSeverityFlagsEXT.WarningBitExt | DebugUtilsMessageSeverityFlagsEXT.ErrorBitExt,
        MessageType = DebugUtilsMessageTypeFlagsEXT.ValidationBitExt,
        PfnUserCallback = ValidationSink.Callback,
        PUserData = _sinkHandle.IsAllocated ? (void*)GCHandle.ToIntPtr(_sinkHandle) : null,
    };

    // The Vulkan version that a layer was written for; null where there is none of this name.
    private uint? VersionOf(string name)
    {
        uint count = 0;
        VulkanResults.Check(Api.EnumerateInstanceLayerProperties(&count, null), "listing the layers");
        var layers = new LayerProperties[count];
        fixed (LayerProperties* first = layers) VulkanResults.Check(Api.EnumerateInstanceLayerProperties(&count, first), "listing the layers");
        foreach (ref var layer in layers.AsSpan())
        {
            fixed (byte* text = layer.LayerName)
            {
                if (Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)) == name) return layer.SpecVersion;
            }
        }
        return null;
    }

    /// <summary>Zero-terminated copies of some texts in native memory, for the name lists of create-info structures.</summary>
    internal static byte** Utf8Array(IReadOnlyList<string> texts)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(texts.Count, 1), (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++) array[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return array;
    }

    /// <summary>Frees what <see cref="Utf8Array"/> made.</summary>
    internal static void FreeUtf8Array(byte** array, int count)
    {
        for (var i = 0; i < count; i++) Marshal.FreeCoTaskMem((nint)array[i]);
        NativeMemory.Free(array);
    }
}
