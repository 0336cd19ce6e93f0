using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using VkNet.Compilation;

namespace VkNet.Execution;

/// <summary>
/// Names the contents of a plan's constants: parameters by their names, constants by their elements, and what the set-up calls compute by the
/// calls and what these read. Buffers of several plans with one key hold the same bytes, given the same parameters.
/// </summary>
internal static class ConstantKeys
{
    /// <summary>A key for every buffer that set-up fills or uses; null where a call reads what a later one changes, so that no single key tells what is read.</summary>
    internal static IReadOnlyDictionary<VirtualBuffer, string>? Of(ExecutionPlan plan)
    {
        var keys = new Dictionary<VirtualBuffer, string>();
        foreach (var (buffer, place) in plan.Placements)
            if (place.Block is MemoryBlock.Weights or MemoryBlock.Setup) keys[buffer] = Given(buffer);
        var read = new HashSet<VirtualBuffer>();
        foreach (var call in plan.Setup.Calls)
        {
            var own = Hash(Describe(call, keys));
            foreach (var write in call.Writes)
                if (read.Contains(write.Buffer)) return null;
            foreach (var slice in call.Reads) read.Add(slice.Buffer);
            var number = 0;
            foreach (var write in call.Writes) keys[write.Buffer] = Hash($"{keys[write.Buffer]} {number++} {own}");
        }
        return keys;
    }

    private static string Given(VirtualBuffer buffer) =>
        buffer.Data is { } data ? $"{data.Type} {Convert.ToHexString(SHA256.HashData(data.Bytes()))}"
        : buffer.Parameter is { } parameter ? $"{parameter.Type} {parameter.Name}"
        : $"{buffer.Bytes} bytes";

    private static string Describe(PlanCall call, Dictionary<VirtualBuffer, string> keys)
    {
        var text = new StringBuilder(call.Kernel);
        foreach (var slice in call.Reads.Concat(call.Writes)) text.Append('\n').Append(keys[slice.Buffer]).Append(' ').Append(slice.Offset).Append(' ').Append(slice.Bytes).Append(' ').Append(slice.Part);
        switch (call)
        {
            case DispatchCall dispatch:
                text.Append('\n').Append(dispatch.Descriptor.Variant).Append(' ').Append(dispatch.Groups).Append(' ').AppendJoin(' ', dispatch.Constants).Append(' ').Append(Convert.ToHexString(dispatch.Parameters));
                break;
            case FillCall fill:
                text.Append('\n').Append(fill.Pattern);
                break;
        }
        return text.ToString();
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));
}
