using System.CommandLine;
using System.Globalization;
using VkNet.Devices;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet devices</c>: every Vulkan device with the limits that matter.</summary>
internal sealed class DevicesCommand : RunnerCommand
{
    protected override string Name => "devices";

    protected override string Description => "Lists every Vulkan device: driver, limits that matter.";

    protected override string Example => "vknet devices --json";

    protected override IEnumerable<Symbol> Symbols => [];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var devices = ComputeDevice.List();
        if (arguments.GetValue(CommonOptions.Json))
        {
            JsonReport.Write(Output, json =>
            {
                json.WriteStartArray();
                foreach (var device in devices) Write(json, device);
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
            if (device.Unsuitable is { } reason) Output.WriteLine($"   cannot be used: {reason}");
        }
        return 0;
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, DeviceInfo device)
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
        if (device.Unsuitable is { } reason) json.WriteString("unsuitable", reason);
        json.WriteEndObject();
    }
}
