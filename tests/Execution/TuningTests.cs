using System.Text.RegularExpressions;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Gemm;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Execution;

/// <summary>Tuning tables on disk, their effect on compilation, and the tuner itself.</summary>
internal sealed class TuningTests(string driver) : OnEveryDevice(driver)
{
    private static Graph Product(long rows)
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "product");
        builder.Output("y", builder.Apply("matmul", null, builder.Input("x", TensorType.Float(rows, 64)), builder.Constant(TestTensors.Reals(1, [64, 130]))));
        return builder.Build();
    }

    [Test]
    public void Tables_are_stored_per_device_and_damaged_ones_are_ignored()
    {
        using var scratch = new ScratchFolder();
        var folder = scratch["cache"];
        var table = TuningTable.Empty.With("a", "x").With("b", "y").Without("a");
        var path = table.Save(Device.Profile, folder);
        Assert.That(TuningTable.Load(Device.Profile, folder).Choices, Is.EqualTo(new Dictionary<string, string> { ["b"] = "y" }));
        var other = Device.Profile with { DriverInfo = "another version" };
        Assert.That(TuningTable.Load(other, folder).Choices, Is.Empty, "another driver has a table of its own");
        File.Copy(path, TuningTable.PathFor(other, folder)!);
        Assert.That(TuningTable.Load(other, folder).Choices, Is.Empty, "a table that was moved");
        foreach (var text in new[] { "", "{", "[]", "null", "{\"Device\": 3}", "{\"Choices\": {\"a\": null}}", File.ReadAllText(path)[..^5] })
        {
            File.WriteAllText(path, text);
            Assert.That(TuningTable.Load(Device.Profile, folder).Choices, Is.Empty, text);
        }
    }

    [TestCase("\"Kernels\": \"[0-9a-f]*\"", "\"Kernels\": \"0123456789abcdef\"")]
    [TestCase("\"Kernels\": \"[0-9a-f]*\",", "")]
    public void A_table_measured_with_other_kernels_is_not_used_and_says_so(string pattern, string replacement)
    {
        using var scratch = new ScratchFolder();
        var folder = scratch["cache"];
        var path = TuningTable.Empty.With("a", "x").Save(Device.Profile, folder);
        Assert.That(TuningTable.Load(Device.Profile, folder), Has.Property("IsOutdated").False.And.Property("Choices").Count.EqualTo(1));
        var text = File.ReadAllText(path);
        Assert.That(text, Does.Match(pattern));
        File.WriteAllText(path, Regex.Replace(text, pattern, replacement));
        Assert.That(TuningTable.Load(Device.Profile, folder), Has.Property("IsOutdated").True.And.Property("Choices").Empty);
        TuningTable.Update(Device.Profile, known => known.With("b", "y"), folder);
        Assert.That(TuningTable.Load(Device.Profile, folder), Has.Property("IsOutdated").False.And.Property("Choices").Count.EqualTo(1), "measured anew");
    }

    [Test]
    public void Changes_made_side_by_side_are_all_kept()
    {
        using var scratch = new ScratchFolder();
        var folder = scratch["cache"];
        Parallel.For(0, 40, i => TuningTable.Update(Device.Profile, known => known.With($"node {i}", "variant"), folder));
        Assert.That(TuningTable.Load(Device.Profile, folder).Choices, Has.Count.EqualTo(40));
        Assert.That(Directory.EnumerateFiles(folder), Has.Exactly(1).Items, "no lock and no temporary file is left");
    }

    [Test]
    public void The_compiler_takes_the_variant_of_the_table_unless_another_is_asked_for()
    {
        var tiles = PackedTiles.Of(Device.Profile);
        if (tiles.Count < 2) Assert.Ignore("the device has no kernels for packed products");
        foreach (var tile in tiles)
        {
            var graph = Product(40);
            var table = TuningTable.Empty.With(TuningTable.KeyOf(graph.Nodes[0]), tile.Variant);
            string Variant(CompilerOptions options) => GraphCompiler.Compile(graph, options).Main.Calls.OfType<DispatchCall>().Single(c => c.Kernel == tile.Name).Descriptor.Variant;
            Assert.That(Variant(new CompilerOptions { Profile = Device.Profile, Tuning = table }), Is.EqualTo(tile.Variant));
            Assert.That(Variant(new CompilerOptions { Profile = Device.Profile, Tuning = table, Variant = tiles[0].Variant }), Is.EqualTo(tiles[0].Variant));
        }
    }

    [Test]
    public void The_tuner_measures_correct_variants()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "layers");
        var x = builder.Input("x", TensorType.Float(1, 8, 14, 14));
        builder.Output("y", builder.Apply("conv2d", AttributeSet.Empty.With("padding", new long[] { 1 }), x, builder.Constant(TestTensors.Reals(1, [12, 8, 3, 3])), builder.Constant(TestTensors.Reals(2, [12]))));
        foreach (var node in builder.Build().Nodes.Concat(Product(17).Nodes))
        {
            var result = new VariantTuner(Device, StandardOperators.Registry, rounds: 2).Tune(node);
            if (PackedTiles.Of(Device.Profile).Count == 0) continue;
            Assert.That(result, Is.Not.Null);
            Assert.That(result!.Wrong, Is.Empty);
            Assert.That(result.Tried, Has.Count.GreaterThan(2));
            Assert.That(result.Tried.Values, Is.All.GreaterThan(0));
            Assert.That(result.Milliseconds, Is.LessThanOrEqualTo(result.DefaultMilliseconds));
        }
    }
}
