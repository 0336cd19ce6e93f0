using System.CommandLine;
using System.Globalization;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet devices</c>: every Vulkan device with the limits that matter.</summary>
internal sealed class DevicesCommand : RunnerCommand
{
    private readonly Option<bool> _measure = new("--measure") { Description = "Measure multiply-add peak and bandwidth of each device" };

    protected override string Name => "devices";

    protected override string Description => "Lists every Vulkan device: driver, limits that matter.";

    protected override IReadOnlyList<string> Examples => ["vknet devices", "vknet devices --measure --json"];

    protected override IEnumerable<Symbol> Symbols => [_measure];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var devices = ComputeDevice.List();
        var speeds = arguments.GetValue(_measure) ? devices.Where(d => d.Unsuitable is null).ToDictionary(d => d.Index, Measure) : [];
        if (arguments.GetValue(CommonOptions.Json))
        {
            JsonReport.Write(Output, json =>
            {
                json.WriteStartArray();
                foreach (var device in devices) Write(json, device, speeds.GetValueOrDefault(device.Index));
                json.WriteEndArray();
            });
            return 0;
        }
        foreach (var device in devices)
        {
            var profile = device.Profile;
            Output.WriteLine(device);
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"   subgroup {profile.SubgroupSize}, workgroup {profile.MaxWorkgroupInvocations}, shared memory {ByteCount.Format(profile.MaxSharedMemoryBytes)}, storage range {ByteCount.Format(profile.MaxStorageBufferRange)}, texels {profile.MaxTexelBufferElements}, allocation {ByteCount.Format(profile.MaxAllocationBytes)}"));
            Output.WriteLine($"   {string.Join(", ", profile.Features.Order(StringComparer.Ordinal))}");
            if (speeds.TryGetValue(device.Index, out var speed))
                Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   measured: multiply-add {speed.PeakGflops:0} GFLOP/s, copy {speed.CopyGbps:0.0} GB/s, read {speed.ReadGbps:0.0} GB/s"));
            foreach (var quirk in DriverQuirk.Of(profile)) Output.WriteLine($"   quirk: {quirk.Driver} {quirk.What}; {quirk.Remedy}");
            if (device.Unsuitable is { } reason) Output.WriteLine($"   cannot be used: {reason}");
        }
        return 0;
    }

    private static DeviceSpeed Measure(DeviceInfo info)
    {
        using var device = ComputeDevice.Open(new DeviceOptions { Selector = info.Index.ToString(CultureInfo.InvariantCulture) });
        return DeviceSpeed.Measure(device);
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, DeviceInfo device, DeviceSpeed? speed)
    {
        var profile = device.Profile;
        json.WriteStartObject();
        json.WriteNumber("index", device.Index);
        json.WriteString("name", device.Name);
        json.WriteString("driver", $"{profile.DriverName} {profile.DriverInfo}".Trim());
        json.WriteString("apiVersion", profile.ApiVersion.ToString());
        json.WriteString("type", profile.Type.ToString().ToLowerInvariant());
        json.WriteBoolean("software", profile.IsSoftware);
        json.WriteNumber("subgroupSize", profile.SubgroupSize);
        json.WriteBoolean("fp16", profile.Has(DeviceFeatures.Float16));
        json.WriteNumber("maxStorageBufferRange", profile.MaxStorageBufferRange);
        json.WriteNumber("maxTexelBufferElements", profile.MaxTexelBufferElements);
        json.WriteNumber("maxAllocationBytes", profile.MaxAllocationBytes);
        json.WriteNumber("maxWorkgroupInvocations", profile.MaxWorkgroupInvocations);
        json.WriteStartArray("features");
        foreach (var feature in profile.Features.Order(StringComparer.Ordinal)) json.WriteStringValue(feature);
        json.WriteEndArray();
        json.WriteStartArray("quirks");
        foreach (var quirk in DriverQuirk.Of(profile)) json.WriteStringValue($"{quirk.Driver} {quirk.What}; {quirk.Remedy}");
        json.WriteEndArray();
        if (speed is not null)
        {
            json.WriteNumber("peakGflops", speed.PeakGflops);
            json.WriteNumber("copyGbps", speed.CopyGbps);
            json.WriteNumber("readGbps", speed.ReadGbps);
        }
        if (device.Unsuitable is { } reason) json.WriteString("unsuitable", reason);
        json.WriteEndObject();
    }
}
