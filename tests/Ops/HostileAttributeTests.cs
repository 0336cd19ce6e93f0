using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Operators;

namespace VkNet.Tests.Ops;

/// <summary>
/// Strides, dilations, sizes, axes and counts as no sane model has them: for every sample of every operator each whole number among its
/// attributes is replaced by extreme ones; those that only gradients use cannot be named by files. What comes out is a plan or a diagnostic, soon and without much memory.
/// </summary>
internal sealed class HostileAttributeTests
{
    private static readonly long[] Extremes = [0, -1, 3, 1L << 16, int.MaxValue, 1L << 31, 1L << 40, long.MaxValue, long.MinValue];

    private static readonly DeviceProfile Profile = new() { Name = "paper", MaxWorkgroupInvocations = 256, MaxStorageBufferRange = 1 << 27 };

    public static IEnumerable<string> Operators() => StandardOperators.Registry.Operators.Where(o => o.IsPublic && o.Attributes.Any(a => a.Kind is AttributeKind.Integer or AttributeKind.Integers)).Select(o => o.Name);

    [TestCaseSource(nameof(Operators))]
    public void Extreme_numbers_give_a_plan_or_a_diagnostic(string name)
    {
        var @operator = StandardOperators.Registry.Get(name);
        Assert.Multiple(() =>
        {
            foreach (var sample in @operator.Samples)
                foreach (var attributes in Variants(@operator, sample.Attributes)) Try(@operator, sample, attributes);
        });
    }

    private static IEnumerable<AttributeSet> Variants(Operator @operator, AttributeSet attributes)
    {
        foreach (var definition in @operator.Attributes)
        {
            if (definition.Kind is not (AttributeKind.Integer or AttributeKind.Integers)) continue;
            // Readers hold what they read to the least number that a definition allows.
            foreach (var extreme in Extremes.Where(e => definition.Minimum is not { } least || e >= least))
            {
                if (definition.Kind == AttributeKind.Integer) yield return attributes.With(definition.Name, extreme);
                else if ((attributes.Find(definition.Name) ?? definition.DefaultValue) is long[] { Length: > 0 } numbers)
                {
                    yield return attributes.With(definition.Name, (long[])[extreme, .. numbers[1..]]);
                    yield return attributes.With(definition.Name, (long[])[.. numbers[..^1], extreme]);
                }
                else yield return attributes.With(definition.Name, (long[])[extreme]);
            }
        }
    }

    private static void Try(Operator @operator, OperatorSample sample, AttributeSet attributes)
    {
        var (begin, before) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
        try
        {
            var builder = new GraphBuilder(StandardOperators.Registry, @operator.Name);
            var values = sample.Inputs.Select((input, i) => input is null ? null : builder.Input($"x{i}", input.Type)).ToArray();
            var outputs = builder.Add(@operator, attributes, values);
            for (var i = 0; i < outputs.Count; i++) builder.Output($"y{i}", outputs[i]);
            GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = Profile });
        }
        catch (VkNetException e) when (e.Kind is ErrorKind.Input or ErrorKind.Device)
        {
            // Refused as it should be.
        }
        catch (Exception e)
        {
            Assert.Fail($"{@operator.Name} {attributes}: {e}");
        }
        Assert.That(Environment.CpuUsage.TotalTime - begin, Is.LessThan(TimeSpan.FromSeconds(10)), $"{@operator.Name} {attributes}");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000_000), $"{@operator.Name} {attributes}");
    }
}
