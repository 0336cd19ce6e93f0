namespace VkNet.Devices;

/// <summary>What a driver does that the specification does not forbid, and what VkNet does about it.</summary>
/// <param name="Driver">The driver's short name, as in <see cref="DeviceProfile.DriverName"/>.</param>
/// <param name="What">What it does.</param>
/// <param name="Remedy">What is done about it.</param>
public sealed record DriverQuirk(string Driver, string What, string Remedy)
{
    private const string Lavapipe = "llvmpipe";

    /// <summary>Kernels are compiled late.</summary>
    internal static DriverQuirk CompilesAtFirstDispatch { get; } =
        new(Lavapipe, "compiles a kernel at its first dispatch, not when its pipeline is made", "every kernel is dispatched once without workgroups while a model is loaded");

    /// <summary>Kernels are compiled twice.</summary>
    internal static DriverQuirk CompilesForPowersOfTwo { get; } =
        new(Lavapipe, "compiles a kernel anew for texel views of buffers whose size is a power of two", "no buffer has such a size");

    /// <summary>Kernels are compiled at every dispatch.</summary>
    internal static DriverQuirk CompilesForParameters { get; } =
        new(Lavapipe, "compiles a kernel anew at every dispatch when its parameters leave little of it", "parameters are concealed behind a zero that it cannot see through");

    /// <summary>Memory seems to be short.</summary>
    internal static DriverQuirk ClaimsLittleMemory { get; } =
        new(Lavapipe, "states 2 GiB of memory (version 22), of which it has what the host has", "the host's memory is taken for the size of its heap");

    /// <summary>Half of each vector register is unused.</summary>
    internal static DriverQuirk NarrowVectors { get; } =
        new(Lavapipe, "uses 256 bits of a processor's vectors of 512", "LP_NATIVE_VECTOR_WIDTH is set before it is loaded, with a shader cache of its own");

    /// <summary>All that are known.</summary>
    public static IReadOnlyList<DriverQuirk> All { get; } = [CompilesAtFirstDispatch, CompilesForPowersOfTwo, CompilesForParameters, ClaimsLittleMemory, NarrowVectors];

    /// <summary>Those of a device's driver.</summary>
    public static IEnumerable<DriverQuirk> Of(DeviceProfile profile) => All.Where(q => q.Applies(profile.DriverName));

    /// <summary>Whether a driver has it.</summary>
    internal bool Applies(string driverName) => driverName == Driver;
}
