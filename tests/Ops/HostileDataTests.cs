using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops;

/// <summary>
/// Data that a model might compute in order to do harm: every operator's samples with whole numbers far out of any range and with NaN,
/// infinities and huge magnitudes, on every device. The device survives, and afterwards the same session computes the sample as before.
/// </summary>
internal sealed class HostileDataTests(string driver) : OnEveryDevice(driver)
{
    private static readonly double[] Whole = [1_000_000_000, -1_000_000_000, -1, 2_147_483_647, -2_147_483_648, 65_536, 3, 0];

    // They compute in 32 bits on a device, where the host goes on counting.
    private static readonly string[] Wrapping = ["reduce_l2", "reduce_mean", "shift_right"];

    // Where one place is told several times, it is not said which element stays: any of the input's is right, but nothing else is.
    private static readonly string[] LeavingOneOf = ["max_unpool1d", "max_unpool2d", "max_unpool3d"];

    private static readonly double[] Real =
    [
        double.NaN, double.PositiveInfinity, -1e38, 3.4e38, double.NegativeInfinity, 1e-40, 2_147_483_648.0, -0.0, -2_147_483_904.0, 1e9, -0.5,
    ];

    [Test]
    public void Indices_out_of_range_give_what_the_host_gives_and_harm_nothing()
    {
        var cases = 0;
        var wrong = new List<string>();
        foreach (var sample in SampleGraph.All)
        {
            if (!sample.Graph.Inputs.Any(i => i.DataType.IsInteger())) continue;
            for (var turn = 0; turn < 2; turn++)
            {
                var hostile = sample with { Inputs = sample.Inputs.ToDictionary(i => i.Key, i => i.Value.DataType.IsInteger() ? Filled(i.Value, Whole, 3 * turn) : i.Value) };
                cases++;
                Try(hostile, sample, compares: !Wrapping.Contains(sample.Operator.Name), wrong);
            }
        }
        Assert.That(cases, Is.GreaterThan(100));
        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
    }

    [Test]
    public void Numbers_that_are_none_harm_nothing()
    {
        var cases = 0;
        var wrong = new List<string>();
        foreach (var sample in SampleGraph.All)
        {
            if (!sample.Graph.Inputs.Any(i => i.DataType.IsFloat())) continue;
            var hostile = sample with { Inputs = sample.Inputs.ToDictionary(i => i.Key, i => i.Value.DataType.IsFloat() ? Filled(i.Value, Real, 0) : i.Value) };
            cases++;
            Try(hostile, sample, compares: false, wrong);
        }
        Assert.That(cases, Is.GreaterThan(400));
        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
    }

    private void Try(SampleGraph hostile, SampleGraph sample, bool compares, List<string> wrong)
    {
        try
        {
            var plan = GraphCompiler.Compile(sample.Graph, new CompilerOptions { Profile = Device.Profile });
            using var model = CompiledModel.Load(Device, plan);
            using var session = model.CreateSession(slots: 1);
            Tensor[] Run(SampleGraph data)
            {
                var results = session.Run(sample.Graph.Inputs.ToDictionary(i => i.Name, i => data.Inputs[i.Name]));
                return [.. sample.Graph.Outputs.Select(o => results[o.Key])];
            }
            var before = Run(sample);
            var under = Run(hostile);
            var after = Run(sample);
            if (before.Zip(after).Any(p => !p.First.Bytes().SequenceEqual(p.Second.Bytes()))) wrong.Add($"{sample}: computes otherwise afterwards");
            // The host must not stumble either: it computes what is constant in a model.
            var expectations = hostile.Evaluate();
            if (!compares) return;
            foreach (var (found, expected) in under.Zip(expectations))
            {
                var (a, b) = (ElementConversion.LoadReals(found), ElementConversion.LoadReals(expected));
                var given = LeavingOneOf.Contains(sample.Operator.Name) ? ElementConversion.LoadReals(hostile.Inputs[sample.Graph.Inputs[0].Name]).ToHashSet() : null;
                var largest = b.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
                for (var i = 0; i < b.Length; i++)
                {
                    if (a[i] == b[i] || (double.IsNaN(a[i]) && double.IsNaN(b[i])) || Math.Abs(a[i] - b[i]) <= 1e-4 * largest) continue;
                    if (given is not null && b[i] != 0 && given.Contains(a[i])) continue;
                    wrong.Add($"{sample}: element {i} is {a[i]}, the host's {b[i]}");
                    break;
                }
            }
        }
        catch (VkNetException e) when (e.Kind == ErrorKind.Input)
        {
            // The host may refuse what it is given.
        }
        catch (Exception e) when (e is not VkNet.Devices.DeviceLostException)
        {
            wrong.Add($"{sample}: {e}");
        }
    }

    private static Tensor Filled(Tensor like, double[] values, int first)
    {
        var result = Tensor.Zeros(like.Type);
        var elements = new double[result.Count];
        // Eleven and eight share no factor with most sizes, so that every element of a row meets every value somewhere.
        for (var i = 0; i < elements.Length; i++) elements[i] = values[(first + i + i / 7) % values.Length];
        ElementConversion.StoreReals(result, elements);
        return result;
    }
}
