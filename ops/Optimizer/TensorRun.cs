using VkNet.Compilation;

namespace VkNet.Operators.Optimizer;

/// <summary>Tensors that lie one after another, in one order in every role, so that one call serves them.</summary>
/// <param name="Slices">The range of every role, from the first tensor to the last.</param>
/// <param name="Members">The tensors' numbers.</param>
internal sealed record TensorRun(TensorSlice[] Slices, List<int> Members)
{
    /// <summary>Puts together what lies together. Tensors keep their numbers; which of them come first does not matter to calls that treat every element alike.</summary>
    /// <param name="tensors">The tensors' ranges, one for each role.</param>
    /// <param name="alignment">Tensors of a shared buffer begin at multiples of it.</param>
    internal static List<TensorRun> Of(IReadOnlyList<TensorSlice[]> tensors, int alignment)
    {
        var runs = new List<TensorRun>();
        var ends = new Dictionary<(VirtualBuffer, long), TensorRun>();
        for (var t = 0; t < tensors.Count; t++)
        {
            var slices = tensors[t];
            if (ends.Remove((slices[0].Buffer, slices[0].Offset), out var run) && run.IsFollowedBy(slices, alignment))
            {
                for (var role = 0; role < slices.Length; role++)
                    run.Slices[role] = run.Slices[role] with { Bytes = slices[role].Offset + slices[role].Bytes - run.Slices[role].Offset };
                run.Members.Add(t);
            }
            else runs.Add(run = new TensorRun([.. slices], [t]));
            ends[(slices[0].Buffer, End(run.Slices[0], alignment))] = run;
        }
        return runs;
    }

    private bool IsFollowedBy(TensorSlice[] next, int alignment)
    {
        for (var role = 0; role < next.Length; role++)
            if (next[role].Buffer != Slices[role].Buffer || next[role].Offset != End(Slices[role], alignment)) return false;
        return true;
    }

    private static long End(TensorSlice slice, int alignment) => (slice.Offset + slice.Bytes + alignment - 1) / alignment * alignment;
}
