using System.Runtime.Intrinsics.X86;
using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>What is set for Mesa's software driver, and that it takes effect.</summary>
internal sealed class SoftwareDriverEnvironmentTests
{
    [Test]
    public void A_wide_cpu_gets_wide_vectors_and_a_cache_folder_of_their_own() =>
        Assert.That(Plan(wide: true), Is.EqualTo(new[] { ("LP_NATIVE_VECTOR_WIDTH", "512"), ("MESA_SHADER_CACHE_DIR", Path.Combine("cache", "mesa-512")) }));

    [Test]
    public void A_narrow_cpu_keeps_the_defaults() => Assert.That(Plan(wide: false), Is.Empty);

    [Test]
    public void A_width_of_the_users_stays() =>
        Assert.That(Plan(wide: true, ("LP_NATIVE_VECTOR_WIDTH", "256")), Is.EqualTo(new[] { ("MESA_SHADER_CACHE_DIR", Path.Combine("cache", "mesa-256")) }));

    [Test]
    public void A_cache_folder_of_the_users_gets_a_folder_per_width() =>
        Assert.That(Plan(wide: true, ("MESA_SHADER_CACHE_DIR", "mine"))[^1], Is.EqualTo(("MESA_SHADER_CACHE_DIR", Path.Combine("mine", "mesa-512"))));

    [Test]
    public void A_second_look_at_the_same_environment_changes_nothing() =>
        Assert.That(Plan(wide: true, ("LP_NATIVE_VECTOR_WIDTH", "512"), ("MESA_SHADER_CACHE_DIR", Path.Combine("cache", "mesa-512"))), Is.Empty);

    [Test]
    public void Lavapipe_has_subgroups_as_wide_as_the_vectors()
    {
        if (!OperatingSystem.IsLinux() || !TestDrivers.All.Contains("llvmpipe")) Assert.Ignore("lavapipe is not on this machine");
        var width = Environment.GetEnvironmentVariable("LP_NATIVE_VECTOR_WIDTH") is { Length: > 0 } set
            ? int.Parse(set, System.Globalization.CultureInfo.InvariantCulture)
            : Avx512F.IsSupported && Avx512BW.IsSupported ? 512 : 0;
        if (width == 0) Assert.Ignore("this CPU has no 512-bit vectors");
        Assert.That(ComputeDevice.List().First(d => d.Profile.DriverName == "llvmpipe").Profile.SubgroupSize, Is.EqualTo(width / 32));
    }

    private static (string Name, string Value)[] Plan(bool wide, params (string Name, string Value)[] variables) =>
        [.. SoftwareDriverEnvironment.Plan(name => variables.FirstOrDefault(v => v.Name == name).Value, wide, "cache")];
}
