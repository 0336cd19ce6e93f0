using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Tests.Lectures;

/// <summary>
/// CS231n 2018, lecture 6: the deviations of activations through ten layers of 500 units, for several initialisations. The slide's line
/// for He's is wrong (it divides by the root instead of multiplying); the figures are of the right one.
/// </summary>
internal sealed class InitializationTests
{
    [TestCase("normal", 0.01, "tanh", new[] { 0.213081, 0.047551, 0.010630, 0.002378, 0.000532 }, 0.1)]
    [TestCase("normal", 1.0, "tanh", new[] { 0.981879, 0.981649, 0.981601, 0.981755, 0.981614, 0.981560, 0.981520, 0.981913, 0.981728, 0.981736 }, 0.01)]
    // The slide's Xavier is the normal form of variance 1 / fan-in, which for square layers is that of the uniform one.
    [TestCase("xavier", 1.0, "tanh", new[] { 0.627953, 0.486051, 0.407723, 0.357108, 0.320917, 0.292116, 0.273387, 0.254935, 0.239266, 0.228008 }, 0.1)]
    [TestCase("xavier", 1.0, "relu", new[] { 0.582273, 0.403795, 0.276912, 0.198685, 0.140299, 0.103280, 0.072748, 0.051572, 0.038583, 0.026697 }, 0.35)]
    [TestCase("he", 1.0, "relu", new[] { 0.825232, 0.827835, 0.813855, 0.826902, 0.834092, 0.860035, 0.870610, 0.889348, 0.845357, 0.844523 }, 0.2)]
    public void Deviations_through_ten_layers(string initializer, double scale, string activation, double[] expected, double tolerance)
    {
        const int units = 500, rows = 60;
        var random = new PhiloxRandom(11);
        var values = new double[rows][];
        for (var r = 0; r < rows; r++) values[r] = [.. Enumerable.Range(0, units).Select(_ => random.NextNormal())];
        for (var layer = 0; layer < expected.Length; layer++)
        {
            var weight = Initializer.Create($"layer{layer}", TensorType.Float(units, units), new ParameterOptions { Initializer = initializer, InitializerScale = scale }, 5).ToArray<float>();
            values = [.. values.AsParallel().AsOrdered().Select(row =>
            {
                var next = new double[units];
                for (var o = 0; o < units; o++)
                {
                    double sum = 0;
                    for (var i = 0; i < units; i++) sum += weight[o * units + i] * row[i];
                    next[o] = activation == "tanh" ? Math.Tanh(sum) : Math.Max(0, sum);
                }
                return next;
            })];
            var all = values.SelectMany(v => v).ToArray();
            var mean = all.Average();
            Assert.That(Math.Sqrt(all.Average(v => (v - mean) * (v - mean))), Is.EqualTo(expected[layer]).Within(tolerance * expected[layer]), $"layer {layer + 1}");
        }
    }

    [Test]
    public void Orthogonal_matrices_are_orthogonal()
    {
        var weight = Initializer.Create("w", TensorType.Float(7, 11), new ParameterOptions { Initializer = "orthogonal" }, 5).ToArray<float>();
        for (var a = 0; a < 7; a++)
            for (var b = 0; b < 7; b++)
                Assert.That(Enumerable.Range(0, 11).Sum(i => (double)weight[a * 11 + i] * weight[b * 11 + i]), Is.EqualTo(a == b ? 1 : 0).Within(1e-6));
    }
}
