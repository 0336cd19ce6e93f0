using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Attention;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Ops.Attention;

/// <summary>Attention and rotary embedding: the online softmax in blocks and tiles, masks, shared heads, against the host on every device.</summary>
internal sealed class AttentionTests(string driver) : OnEveryDevice(driver)
{
    private static Tensor Lengths(params int[] values) => Tensor.From(values, values.Length);

    [Test]
    public void Attention_equals_the_host()
    {
        var tester = new OperatorTester();
        foreach (var (batch, heads, shared, queries, keys, depth, width) in new[] { (1, 1, 1, 1, 1, 1, 1), (2, 4, 2, 5, 9, 7, 3), (2, 3, 1, 8, 16, 8, 12), (1, 2, 2, 0, 3, 4, 4), (2, 2, 1, 3, 0, 4, 4), (1, 2, 2, 701, 801, 16, 8) })
        {
            Tensor Of(int seed, params long[] shape) => TestTensors.Reals(seed, new Shape(shape), -1.5, 1.5);
            var (q, k, v) = (Of(1, batch, heads, queries, depth), Of(2, batch, shared, keys, depth), Of(3, batch, shared, keys, width));
            tester.Add("attention_core", null, q, k, v);
            tester.Add("attention_core", AttributeSet.Empty.With(AttentionCore.Causal, true).With(AttentionCore.Softcap, 3), q, k, v, Of(4, batch, 1, queries, keys));
            tester.Add("attention_core", AttributeSet.Empty.With(AttentionCore.Scale, 0.3), q, k, v, TestTensors.Truths(5, [heads, 1, keys]), batch == 2 ? Lengths(keys / 2, keys) : Lengths(keys));
            tester.Add("attention_core", AttributeSet.Empty.With(AttentionCore.Causal, true), q, k, v, null, batch == 2 ? Lengths(0, keys) : Lengths(keys));
        }
        tester.Check(Device, 1e-4, 1e-5);
    }

    [Test]
    public void Tiles_of_queries_and_blocks_of_keys_equal_the_host()
    {
        // 2 x 4 heads x 2100 queries x 256 keys are more scores than are computed at once.
        var tester = new OperatorTester();
        tester.Add("attention_core", AttributeSet.Empty.With(AttentionCore.Causal, true), TestTensors.Reals(1, [2, 4, 2100, 4]), TestTensors.Reals(2, [2, 1, 515, 4]), TestTensors.Reals(3, [2, 1, 515, 4]));
        tester.Check(Device, 1e-4, 1e-5);
    }

    [Test]
    public void Heads_side_by_side_and_rotation_equal_the_host()
    {
        var tester = new OperatorTester();
        var (q, k, v) = (TestTensors.Reals(1, [2, 6, 24]), TestTensors.Reals(2, [2, 8, 12]), TestTensors.Reals(3, [2, 8, 10]));
        tester.Add("attention", AttributeSet.Empty.With(Operators.Attention.Attention.Heads, 4).With(Operators.Attention.Attention.SharedHeads, 2), q, k, v);
        foreach (var interleaved in new[] { false, true })
        {
            var attributes = AttributeSet.Empty.With(RotaryEmbedding.Heads, 3).With(RotaryEmbedding.Interleaved, interleaved);
            tester.Add("rotary_embedding", attributes, q);
            tester.Add("rotary_embedding", attributes.With(RotaryEmbedding.Dimensions, 4).With(RotaryEmbedding.Length, 9), q, null, null, TestTensors.Integers(4, DataType.Int32, [2, 6], 0, 8));
        }
        tester.Check(Device, 1e-4, 1e-5);
    }

    [Test]
    public void Rotated_products_depend_on_the_distance_alone()
    {
        var (q, k) = (TestTensors.Reals(1, [1, 1, 1, 8]), TestTensors.Reals(2, [1, 1, 1, 8]));
        float[] At(Tensor x, int position) => OnHost.Reals("rotary_embedding", AttributeSet.Empty.With(RotaryEmbedding.Length, 100), x, null, null, Tensor.From([position], 1, 1));
        double Product(int a, int b) => At(q, a).Zip(At(k, b), (x, y) => (double)x * y).Sum();
        Assert.That(Product(7, 3), Is.EqualTo(Product(90, 86)).Within(1e-4));
        Assert.That(Product(7, 3), Is.Not.EqualTo(Product(7, 4)).Within(1e-3));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        string Code(string name, AttributeSet? attributes, params Tensor?[] inputs) => Assert.Throws<VkNetException>(() => OnHost.Run(name, attributes, inputs))!.Diagnostic.Code;
        var x = TestTensors.Reals(1, [2, 3, 5, 4]);
        Assert.That(Code("attention_core", null, x, TestTensors.Reals(1, [2, 3, 5, 3]), x), Is.EqualTo("VKN2760"));
        Assert.That(Code("attention_core", null, x, TestTensors.Reals(1, [2, 2, 5, 4]), TestTensors.Reals(1, [2, 2, 5, 4])), Is.EqualTo("VKN2761"));
        Assert.That(Code("attention_core", null, x, x, x, TestTensors.Reals(1, [4, 5])), Is.EqualTo("VKN2762"));
        Assert.That(Code("attention_core", null, x, x, x, null, Lengths(1)), Is.EqualTo("VKN2763"));
        Assert.That(Code("attention", null, TestTensors.Reals(1, [2, 3, 4]), TestTensors.Reals(1, [2, 3, 4]), TestTensors.Reals(1, [2, 3, 4])), Is.EqualTo("VKN2765"));
        Assert.That(Code("rotary_embedding", AttributeSet.Empty.With(RotaryEmbedding.Dimensions, 3), x), Is.EqualTo("VKN2768"));
    }

    [TestCase(4294967296)]
    [TestCase(long.MaxValue)]
    public void A_table_of_positions_larger_than_memory_is_refused(long length) => Faults.Expect("VKN2769", () => OnHost.Reals(
        "rotary_embedding", AttributeSet.Empty.With(RotaryEmbedding.Length, length), Tensor.Zeros(DataType.Float32, [1, 2, 1, 8]), null, null, Tensor.From([0], 1, 1)));
}
