using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VkNet.Devices;

namespace VkNet.Hosting;

/// <summary>
/// The device of a container: opened when it is first asked for, and opened anew when it was lost (a driver that was reset, a card that was
/// removed). Models of the container do so by themselves with the next request.
/// </summary>
/// <param name="options">How it is opened.</param>
/// <param name="loggers">Where it tells what happens; null for nowhere.</param>
public sealed class VkNetDevice(IOptions<VkNetOptions> options, ILoggerFactory? loggers = null) : IDisposable
{
    private readonly Lock _lock = new();
    private ComputeDevice? _device;
    private bool _disposed;

    /// <summary>The device, ready to work. Where it has been lost, the lost one is disposed and another opened.</summary>
    /// <exception cref="VkNetException">VKN4xxx: there is none that suits the options.</exception>
    /// <exception cref="ObjectDisposedException">The container has been disposed.</exception>
    public ComputeDevice Current
    {
        get
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (_device is { IsLost: false, IsDisposed: false } working) return working;
                _device?.Dispose();
                _device = null;
                return _device = Open();
            }
        }
    }

    /// <summary>Closes the device.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _device?.Dispose();
            _device = null;
        }
    }

    private ComputeDevice Open()
    {
        var chosen = options.Value;
        return ComputeDevice.Open(new DeviceOptions
        {
            Selector = chosen.Device,
            RequireHardware = chosen.RequireHardware,
            MemoryLimit = chosen.MemoryLimit,
            CacheFolder = chosen.CacheFolder,
            Logger = loggers?.CreateLogger("VkNet.Device"),
        });
    }
}
