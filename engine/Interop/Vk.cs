using System.Runtime.InteropServices;
using System.Text;

namespace VkNet.Interop.Vulkan;

/// <summary>
/// The Vulkan commands, loaded at run time. One object serves one instance and one device: commands of a device are
/// looked up in its driver, so two devices of different drivers need an object each.
/// The generated part holds one function pointer and the overloads per command.
/// </summary>
internal sealed unsafe partial class Vk : IDisposable
{
    private readonly nint _library;
    private readonly delegate* unmanaged<Instance, byte*, nint> _getInstanceProcAddr;
    private delegate* unmanaged<Device, byte*, nint> _getDeviceProcAddr;
    private Instance? _instance;
    private Device? _device;

    private Vk(nint library)
    {
        _library = library;
        _getInstanceProcAddr = (delegate* unmanaged<Instance, byte*, nint>)NativeLibrary.GetExport(library, "vkGetInstanceProcAddr");
        LoadGlobal(default);
    }

    public static Version32 Version11 => new(1, 1);

    public static Version32 Version12 => new(1, 2);

    public static Version32 Version13 => new(1, 3);

    /// <summary>The file names under which the Vulkan loader is looked for on this operating system, in order.</summary>
    public static IReadOnlyList<string> LibraryNames { get; } =
        OperatingSystem.IsWindows() ? ["vulkan-1.dll"] :
        OperatingSystem.IsMacOS() || OperatingSystem.IsIOS()
            ? ["libvulkan.1.dylib", "libvulkan.dylib", "/usr/local/lib/libvulkan.1.dylib", "/opt/homebrew/lib/libvulkan.1.dylib", "libMoltenVK.dylib"] :
        OperatingSystem.IsAndroid() ? ["libvulkan.so"] :
        ["libvulkan.so.1", "libvulkan.so"];

    /// <summary>The instance whose commands are loaded; setting it loads them.</summary>
    public Instance? CurrentInstance
    {
        get => _instance;
        set
        {
            _instance = value;
            if (value is not { } instance) return;
            LoadInstance(instance);
            _getDeviceProcAddr = (delegate* unmanaged<Device, byte*, nint>)Load(instance, "vkGetDeviceProcAddr\0"u8);
        }
    }

    /// <summary>The device whose commands are loaded; setting it loads them.</summary>
    public Device? CurrentDevice
    {
        get => _device;
        set
        {
            _device = value;
            if (value is { } device) LoadDevice(device);
        }
    }

    /// <summary>Opens the Vulkan loader.</summary>
    /// <exception cref="DllNotFoundException">No loader is installed.</exception>
    public static Vk GetApi()
    {
        foreach (var name in LibraryNames)
        {
            if (NativeLibrary.TryLoad(name, out var library)) return new Vk(library);
        }
        throw new DllNotFoundException("no Vulkan loader; tried " + string.Join(", ", LibraryNames));
    }

    /// <summary>Whether the loader or a driver offers an instance extension.</summary>
    public bool IsInstanceExtensionPresent(string extension)
    {
        uint count = 0;
        EnumerateInstanceExtensionProperties((byte*)null, &count, null);
        var properties = new ExtensionProperties[count];
        fixed (ExtensionProperties* first = properties) EnumerateInstanceExtensionProperties((byte*)null, &count, first);
        return Contains(properties, extension);
    }

    /// <summary>Whether a device offers an extension.</summary>
    public bool IsDeviceExtensionPresent(PhysicalDevice device, string extension)
    {
        uint count = 0;
        EnumerateDeviceExtensionProperties(device, null, &count, null);
        var properties = new ExtensionProperties[count];
        fixed (ExtensionProperties* first = properties) EnumerateDeviceExtensionProperties(device, null, &count, first);
        return Contains(properties, extension);
    }

    /// <summary>Loads the commands of an instance extension (Silk.NET finds the class by reflection; the generated factory needs none).</summary>
    public bool TryGetInstanceExtension<T>(Instance instance, out T extension)
        where T : NativeExtension<Vk>
    {
        extension = (T)ExtensionFactory.Create(typeof(T), name => Load(instance, name))!;
        return extension is not null;
    }

    /// <summary>Loads the commands of a device extension.</summary>
    public bool TryGetDeviceExtension<T>(Instance instance, Device device, out T extension)
        where T : NativeExtension<Vk>
    {
        extension = (T)ExtensionFactory.Create(typeof(T), name => Load(device, name))!;
        return extension is not null;
    }

    /// <summary>Lets go of the loader; no command may be called afterwards.</summary>
    public void Dispose() => NativeLibrary.Free(_library);

    private nint Load(Instance instance, ReadOnlySpan<byte> name)
    {
        fixed (byte* text = name) return _getInstanceProcAddr(instance, text);
    }

    private nint Load(Device device, ReadOnlySpan<byte> name)
    {
        fixed (byte* text = name) return _getDeviceProcAddr(device, text);
    }

    private static bool Contains(ExtensionProperties[] properties, string extension)
    {
        foreach (ref var property in properties.AsSpan())
        {
            fixed (byte* name = property.ExtensionName)
            {
                if (Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)) == extension) return true;
            }
        }
        return false;
    }
}
