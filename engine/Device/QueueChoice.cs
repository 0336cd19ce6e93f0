namespace VkNet.Devices;

/// <summary>The queue family that runs the work.</summary>
/// <param name="Family">Its index.</param>
/// <param name="TimestampBits">Valid bits of its timestamps; 0 when it has none.</param>
internal readonly record struct QueueChoice(uint Family, int TimestampBits)
{
    /// <summary>
    /// The best family for compute: one without graphics, when it has timestamps, since it does not wait for what the
    /// desktop draws; otherwise any. Null when the device has none.
    /// </summary>
    public static unsafe QueueChoice? Find(Vk api, PhysicalDevice device)
    {
        uint count = 0;
        api.GetPhysicalDeviceQueueFamilyProperties(device, &count, null);
        var families = new QueueFamilyProperties[count];
        fixed (QueueFamilyProperties* first = families) api.GetPhysicalDeviceQueueFamilyProperties(device, &count, first);
        QueueChoice? best = null;
        var bestScore = -1;
        for (var i = 0; i < families.Length; i++)
        {
            var flags = families[i].QueueFlags;
            if (!flags.HasFlag(QueueFlags.ComputeBit)) continue;
            var bits = (int)families[i].TimestampValidBits;
            var score = (bits > 0 ? 2 : 0) + (flags.HasFlag(QueueFlags.GraphicsBit) ? 0 : 1);
            if (score > bestScore) (best, bestScore) = (new QueueChoice((uint)i, bits), score);
        }
        return best;
    }
}
