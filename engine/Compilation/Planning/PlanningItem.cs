namespace VkNet.Compilation;

/// <summary>A piece of memory to be placed: size and the calls between which it is live (both inclusive).</summary>
internal readonly record struct PlanningItem(long Bytes, int First, int Last)
{
    internal bool Overlaps(in PlanningItem other) => First <= other.Last && other.First <= Last;
}
