using VkNet.Devices;
using VkNet.Interop.Vulkan;
using static VkNet.Interop.Vulkan.MemoryPropertyFlags;

namespace VkNet.Tests.Device;

/// <summary>Which kind of memory serves which purpose, on the memory layouts that real devices have.</summary>
internal sealed class MemoryTypesTests
{
    private const long Gigabyte = 1L << 30;

    // An NVIDIA card: its own memory, the host's (write-combined and cached), and a window into its own.
    private static readonly MemoryTypes Card = new(
        (0, 64 * Gigabyte),
        (DeviceLocalBit, 24 * Gigabyte),
        (HostVisibleBit | HostCoherentBit, 64 * Gigabyte),
        (HostVisibleBit | HostCoherentBit | HostCachedBit, 64 * Gigabyte),
        (DeviceLocalBit | HostVisibleBit | HostCoherentBit, Gigabyte / 4));

    private static readonly MemoryTypes Software = new((DeviceLocalBit | HostVisibleBit | HostCoherentBit | HostCachedBit, 2 * Gigabyte));

    // An Arm or Apple chip: shared memory, also as an uncached and as a protected kind.
    private static readonly MemoryTypes Shared = new(
        (DeviceLocalBit, 8 * Gigabyte),
        (DeviceLocalBit | HostVisibleBit | HostCachedBit, 8 * Gigabyte),
        (DeviceLocalBit | HostVisibleBit | HostCoherentBit, 8 * Gigabyte),
        (DeviceLocalBit | ProtectedBit, 8 * Gigabyte));

    [TestCase(0, 1)] // DeviceLocal
    [TestCase(1, 2)] // Upload
    [TestCase(2, 3)] // Readback
    [TestCase(3, 4)] // HostShared
    public void A_card_has_a_best_kind_per_purpose(int purpose, int expected) =>
        Assert.That(Card.Candidates((BufferPurpose)purpose, uint.MaxValue, unified: false)[0], Is.EqualTo(expected));

    [Test]
    public void The_window_is_given_up_for_host_memory_when_it_is_full() =>
        Assert.That(Card.Candidates(BufferPurpose.HostShared, uint.MaxValue, unified: false).Skip(1), Is.EqualTo(new[] { 2, 3 }));

    [Test]
    public void Host_memory_is_the_last_resort_for_device_memory() =>
        Assert.That(Card.Candidates(BufferPurpose.DeviceLocal, uint.MaxValue, unified: false)[^1], Is.Not.AnyOf(1, 4));

    [Test]
    public void Shared_memory_is_mapped_and_coherent()
    {
        Assert.That(Shared.HasUnified && Software.HasUnified);
        Assert.That(Shared.Flags(Shared.Candidates(BufferPurpose.DeviceLocal, uint.MaxValue, unified: true)[0]).HasFlag(HostVisibleBit));
        Assert.That(Shared.Candidates(BufferPurpose.HostShared, uint.MaxValue, unified: true)[0], Is.EqualTo(2));
    }

    [Test]
    public void Without_unified_memory_the_unmapped_kind_is_taken() =>
        Assert.That(Shared.Candidates(BufferPurpose.DeviceLocal, uint.MaxValue, unified: false)[0], Is.EqualTo(0));

    [Test]
    public void Only_allowed_and_ordinary_kinds_are_candidates()
    {
        Assert.That(Shared.Candidates(BufferPurpose.DeviceLocal, 0b1100, unified: true), Is.EqualTo(new[] { 2 }));
        Assert.That(Software.Candidates(BufferPurpose.Readback, uint.MaxValue, unified: true), Is.EqualTo(new[] { 0 }));
    }
}
