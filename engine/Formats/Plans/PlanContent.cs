using VkNet.Compilation;
using VkNet.Devices;

namespace VkNet.Formats.Plans;

/// <summary>A plan as its file holds it, before it is known which device shall run it: the two need not wait for each other.</summary>
/// <param name="Path">The file.</param>
/// <param name="Device">What the plan needs of a device, by the names of <see cref="PlanFile.DeviceFacts"/>.</param>
/// <param name="Plan">The plan.</param>
internal sealed record PlanContent(string Path, IReadOnlyDictionary<string, string> Device, ExecutionPlan Plan)
{
    /// <summary>The plan, for a device that it holds for.</summary>
    /// <exception cref="VkNetException">VKN6604: it was compiled for another device; VKN6601: it is beyond the device's limits all the same.</exception>
    internal ExecutionPlan For(DeviceProfile profile)
    {
        foreach (var (name, value) in PlanFile.DeviceFacts(profile))
            if (Device.GetValueOrDefault(name) is var wanted && wanted != value)
                throw OtherDevice($"the plan was compiled for a device {Difference(profile, name, wanted, value)}");
        foreach (var size in Plan.Arenas.Values.SelectMany(a => a)) Require(size <= profile.MaxAllocationBytes, $"an arena has {size} bytes");
        var limits = profile.MaxWorkgroupCount;
        foreach (var call in Plan.Setup.Calls.Concat(Plan.Main.Calls).OfType<DispatchCall>())
        {
            if (profile.WhyNot(call.Descriptor) is { } reason) throw OtherDevice($"kernel {call.Descriptor.Name} {call.Descriptor.Variant} {reason}");
            Require(call.ParameterOffset % profile.BufferAlignment == 0, $"the parameters of '{call.Node}' are not aligned");
            Require(call.Groups.X <= limits.X && call.Groups.Y <= limits.Y && call.Groups.Z <= limits.Z, $"'{call.Node}' has an impossible number of workgroups");
        }
        return Plan;
    }

    private VkNetException OtherDevice(string how) => FileFault.Of("VKN6604", Path, how, "compile the graph again on this device: vknet compile GRAPH -o FILE");

    private void Require(bool condition, string otherwise)
    {
        if (!condition) throw PlanFile.Damaged(Path, otherwise);
    }

    // Of features, what one has and the other has not.
    private static string Difference(DeviceProfile profile, string name, string? wanted, string value)
    {
        var (there, here) = ((wanted ?? "").Split(", "), value.Split(", "));
        if (wanted is null || name != "features") return $"whose {name} is {wanted ?? "not stated"}; {profile.Name} has {value}";
        var (lost, added) = (string.Join(", ", there.Except(here)), string.Join(", ", here.Except(there)));
        return $"of other {name} than {profile.Name}{(lost.Length > 0 ? $", which lacks {lost}" : "")}{(added.Length > 0 ? $", which also has {added}" : "")}";
    }
}
