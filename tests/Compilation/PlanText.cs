using System.Text;
using VkNet.Compilation;

namespace VkNet.Tests.Compilation;

/// <summary>Everything a plan says, as text: equal plans have equal texts.</summary>
internal static class PlanText
{
    public static string Of(ExecutionPlan plan)
    {
        var text = new StringBuilder().AppendLine(plan.Name).AppendLine(plan.Memory.ToString());
        foreach (var (block, sizes) in plan.Arenas.OrderBy(a => a.Key)) text.AppendLine($"{block}: {string.Join(" ", sizes)}");
        foreach (var (buffer, place) in plan.Placements.OrderBy(p => p.Key.Id)) text.AppendLine($"{buffer.Id} {buffer.Name}: {place}");
        foreach (var section in new[] { plan.Setup, plan.Main })
        {
            text.AppendLine(Convert.ToHexString(section.Parameters));
            foreach (var call in section.Calls)
            {
                text.Append($"{call.BarrierBefore} {call.Kernel} {call.Node} [{string.Join(",", call.SourceNodes)}] {string.Join(" ", call.Reads)} -> {string.Join(" ", call.Writes)}");
                if (call is DispatchCall dispatch) text.Append($" {dispatch.Descriptor.Variant} @{dispatch.ParameterOffset} {dispatch.Groups} {string.Join(" ", dispatch.Constants)}");
                text.AppendLine();
            }
        }
        return text.ToString();
    }
}
