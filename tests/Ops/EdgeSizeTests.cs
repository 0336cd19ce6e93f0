using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops;

/// <summary>Tensors without elements and of one element: every size of every operator's samples is replaced by 0 and by 1, wherever it occurs.</summary>
internal sealed class EdgeSizeTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void Empty_and_single_elements_give_what_the_host_gives_or_a_diagnostic([Values(0, 1)] int edge)
    {
        var (passed, wrong) = (0, new List<string>());
        var check = new OperatorCheck(Device, StandardOperators.Registry);
        foreach (var @operator in StandardOperators.Registry.Operators)
        {
            // What only gradients use comes with sizes that fit; files cannot name it.
            if (@operator.Samples.Count == 0 || !@operator.IsPublic) continue;
            var sample = @operator.Samples[0];
            foreach (var size in sample.Inputs.SelectMany(i => i is null ? [] : i.Type.Shape.ToArray()).Where(s => s > 1).Distinct())
            {
                var changed = sample with { Inputs = [.. sample.Inputs.Select(i => i?.WithSize(size, edge))] };
                if (!CanBeBuilt(@operator, changed)) continue;
                var result = check.Run(@operator, changed);
                if (result.Status == OperatorCheckStatus.Passed || (result.Reason?.StartsWith("VKN", StringComparison.Ordinal) ?? false)) passed++;
                else wrong.Add($"{result.Name}: {result.Reason}");
            }
        }
        Assert.That(passed, Is.GreaterThan(100));
        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
    }

    // Most operators refuse most of these; the others must get them right.
    private static bool CanBeBuilt(Operator @operator, OperatorSample sample)
    {
        try
        {
            var builder = new GraphBuilder(StandardOperators.Registry, @operator.Name);
            builder.Add(@operator, sample.Attributes, [.. sample.Inputs.Select((input, i) => input is null ? null : builder.Input($"x{i}", input.Type))]);
            return true;
        }
        catch (VkNetException)
        {
            return false;
        }
    }
}
