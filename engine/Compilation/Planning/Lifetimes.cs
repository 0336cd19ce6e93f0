using System.Runtime.InteropServices;

namespace VkNet.Compilation;

/// <summary>Finds between which calls each buffer is live, and which buffers can take over another's memory.</summary>
internal sealed class Lifetimes
{
    private readonly Dictionary<VirtualBuffer, (int First, int Last)> _spans = [];

    internal Lifetimes(IReadOnlyList<PlanCall> calls)
    {
        for (var i = 0; i < calls.Count; i++)
        {
            foreach (var slice in calls[i].Reads) Extend(slice.Buffer, i);
            foreach (var slice in calls[i].Writes) Extend(slice.Buffer, i);
        }
    }

    private void Extend(VirtualBuffer buffer, int call)
    {
        ref var span = ref CollectionsMarshal.GetValueRefOrAddDefault(_spans, buffer, out var known);
        span = (known ? span.First : call, call);
    }

    internal bool Uses(VirtualBuffer buffer) => _spans.ContainsKey(buffer);

    internal (int First, int Last) Of(VirtualBuffer buffer) => _spans[buffer];

    /// <summary>
    /// Groups activations that can share one place in time order: each buffer whose filling call reads its predecessor last, element by element,
    /// takes over the predecessor's memory.
    /// </summary>
    internal List<List<VirtualBuffer>> Groups(IEnumerable<VirtualBuffer> activations, bool reuse)
    {
        var groupOf = new Dictionary<VirtualBuffer, List<VirtualBuffer>>();
        var groups = new List<List<VirtualBuffer>>();
        foreach (var buffer in activations.Where(Uses).OrderBy(b => Of(b).First).ThenBy(b => b.Id))
        {
            if (reuse && buffer.MayReplace is { } predecessor && groupOf.TryGetValue(predecessor, out var group)
                && group[^1] == predecessor && Of(predecessor).Last == Of(buffer).First)
            {
                group.Add(buffer);
                groupOf[buffer] = group;
                continue;
            }
            groups.Add(groupOf[buffer] = [buffer]);
        }
        return groups;
    }
}
