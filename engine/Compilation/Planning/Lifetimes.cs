namespace VkNet.Compilation;

/// <summary>Finds between which calls each buffer is live, and which buffers can take over another's memory.</summary>
internal sealed class Lifetimes
{
    // By the number of the buffer; the last call is -1 for buffers that no call uses.
    private readonly (int First, int Last)[] _spans;
    private readonly VirtualBuffer?[] _successors;

    internal Lifetimes(IReadOnlyList<PlanCall> calls, int buffers)
    {
        _spans = new (int First, int Last)[buffers];
        _successors = new VirtualBuffer?[buffers];
        Array.Fill(_spans, (-1, -1));
        for (var i = 0; i < calls.Count; i++)
        {
            var (reads, writes) = (calls[i].Reads, calls[i].Writes);
            for (var j = 0; j < reads.Count; j++) Extend(reads[j].Buffer, i);
            for (var j = 0; j < writes.Count; j++) Extend(writes[j].Buffer, i);
        }
    }

    private void Extend(VirtualBuffer buffer, int call)
    {
        ref var span = ref _spans[buffer.Id];
        span = (span.Last < 0 ? call : span.First, call);
    }

    internal bool Uses(VirtualBuffer buffer) => _spans[buffer.Id].Last >= 0;

    internal (int First, int Last) Of(VirtualBuffer buffer) => _spans[buffer.Id];

    /// <summary>
    /// Groups activations that can share one place in time order: each buffer whose filling call reads its predecessor last, element by element,
    /// takes over the predecessor's memory.
    /// </summary>
    internal List<BufferGroup> Groups(IEnumerable<VirtualBuffer> activations, bool reuse)
    {
        var groups = new List<BufferGroup>();
        var groupOf = new int[_spans.Length];
        foreach (var buffer in activations.Where(Uses).OrderBy(b => Of(b).First).ThenBy(b => b.Id))
        {
            if (reuse && buffer.MayReplace is { Kind: BufferKind.Activation } predecessor && Of(predecessor).Last == Of(buffer).First && Of(predecessor).First < Of(buffer).First
                && groups[groupOf[predecessor.Id]] is var group && group.Last == predecessor)
            {
                _successors[predecessor.Id] = buffer;
                groups[groupOf[buffer.Id] = groupOf[predecessor.Id]] = group with { Last = buffer };
                continue;
            }
            groupOf[buffer.Id] = groups.Count;
            groups.Add(new BufferGroup(buffer, buffer));
        }
        return groups;
    }

    /// <summary>The buffer that takes over a buffer's place; null where none does.</summary>
    internal VirtualBuffer? SuccessorOf(VirtualBuffer buffer) => _successors[buffer.Id];
}
