using System.Numerics;
using VkNet.Devices;

namespace VkNet.Tests.Device;

/// <summary>Sizes of Vulkan buffers: whole alignments, and never a power of two, for which Mesa's software driver compiles every kernel anew.</summary>
internal sealed class BufferSizeTests
{
    [TestCase(1)]
    [TestCase(16)]
    [TestCase(64)]
    [TestCase(256)]
    public void They_hold_what_is_asked_for_and_are_no_power_of_two(int alignment)
    {
        foreach (var bytes in new long[] { 0, 1, alignment - 1, alignment, alignment + 1, 2 * alignment, 3 * alignment, 4 * alignment, 65_536, 1L << 32 })
        {
            var size = MemoryAllocator.BufferSize(bytes, alignment);
            Assert.That(size, Is.GreaterThanOrEqualTo(bytes).And.GreaterThan(0).And.LessThan(bytes + 4 * alignment));
            Assert.That(size % alignment, Is.Zero);
            Assert.That(BitOperations.IsPow2(size), Is.False, $"{bytes} bytes, alignment {alignment}");
        }
    }
}
