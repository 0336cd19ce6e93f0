using MathNet.Numerics.LinearAlgebra;
using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;
using VkNet.Training;

namespace VkNet.Tests.Examples;

/// <summary>The search of examples/retrieval: its rankings against linear algebra written out here, and what it finds after a short training.</summary>
internal sealed class RetrievalTests(string driver) : OnEveryDevice(driver)
{
    private const int Found = 10;

    [Test]
    public void Rankings_are_those_of_linear_algebra()
    {
        const int Queries = 5, Pictures = 37;
        var results = Search(Digits(Queries, 9).Images, Digits(Pictures, 7).Images, new InitializedWeights(3));
        var descriptors = Matrix<double>.Build.DenseOfRowMajor(Queries + Pictures, 16, results["descriptor"].ToArray<float>().Select(v => (double)v));
        var (asked, shelf) = (descriptors.SubMatrix(0, Queries, 0, 16), descriptors.SubMatrix(Queries, Pictures, 0, 16));
        var similarity = asked * shelf.Transpose();
        RequireBest(similarity, results["nearest"], "nearest");

        var nearest = results["nearest"].ToArray<long>();
        var expanded = Matrix<double>.Build.Dense(Queries, 16, (q, c) => asked[q, c] + Enumerable.Range(0, Found).Sum(k => shelf[(int)nearest[q * Found + k], c])).NormalizeRows(2);
        RequireBest(expanded * shelf.Transpose(), results["expanded"], "expanded");

        var between = shelf * shelf.Transpose();
        var limit = between.EnumerateRows().Select(r => r.OrderDescending().ElementAt(Found)).ToArray();
        var affinity = Matrix<double>.Build.Dense(Pictures, Pictures, (i, j) => i != j && between[i, j] >= limit[i] && between[i, j] >= limit[j] ? Math.Pow(between[i, j], 3) : 0);
        var root = affinity.RowSums().Select(Math.Sqrt).ToArray();
        var system = Matrix<double>.Build.Dense(Pictures, Pictures, (i, j) => (i == j ? 1 : 0) - (affinity[i, j] == 0 ? 0 : 0.95 * affinity[i, j] / (root[i] * root[j])));
        var source = Matrix<double>.Build.Dense(Queries, Pictures, (q, p) => similarity[q, p] >= similarity.Row(q).OrderDescending().ElementAt(Found - 1) ? Math.Pow(similarity[q, p], 3) : 0);
        var solution = system.Solve(source.Transpose()).Transpose();
        OperatorTester.Compare(results["diffusion"], Tensor.From(solution.ToRowMajorArray().Select(v => (float)v).ToArray(), Queries, Pictures), 1e-3, 1e-4, "diffusion");
        RequireBest(solution, results["diffused"], "diffused");
    }

    [Test]
    public void A_short_training_finds_most_digits()
    {
        // Enough on a slow driver to run every step of it; what is found then is chance.
        var (examples, epochs, least) = IsSlow ? ("128", "1", 0.0) : ("3840", "2", 0.7);
        var recipe = RecipeFile.Load(ExampleFiles.At("retrieval", "embedding.train.yaml"), StandardOperators.Registry, new RecipeOptions
        {
            Overrides = [new("data.train.count", examples), new("data.test.count", IsSlow ? "64" : "256"), new("epochs", epochs)],
        });
        using var trainer = new Trainer(Device, recipe);
        Assert.That(trainer.Run().Test!["nearest_right"], Is.GreaterThanOrEqualTo(IsSlow ? 0 : 0.8));
        var (asked, shelf) = (Digits(20, 9), Digits(200, 7));
        var results = Search(asked.Images, shelf.Images, new TensorWeights(trainer.ReadWeights()));
        foreach (var ranking in new[] { "nearest", "expanded", "diffused" })
        {
            var precision = Run("precision.yaml", new InitializedWeights(1), ("found", results[ranking]), ("labels", shelf.Labels), ("wanted", asked.Labels))["precision"];
            // By chance it would be a tenth.
            Assert.That(precision.ToArray<float>()[0], Is.GreaterThanOrEqualTo(least).And.LessThanOrEqualTo(1), ranking);
        }
        Assert.That(results["sheet"].Shape, Is.EqualTo(new Shape(1, 1, 28 * 20, 28 * 11 + 6)));
    }

    // A score that rounding puts above another is as good.
    private static void RequireBest(Matrix<double> scores, Tensor found, string ranking)
    {
        var indices = found.ToArray<long>();
        for (var q = 0; q < scores.RowCount; q++)
        {
            var best = scores.Row(q).OrderDescending().Take(Found);
            Assert.That(indices.Skip(q * Found).Take(Found).Distinct().Select(i => scores[q, (int)i]), Is.EqualTo(best).Within(1e-4), $"{ranking}, query {q}");
        }
    }

    private IReadOnlyDictionary<string, Tensor> Search(Tensor queries, Tensor pictures, IWeightSource weights) => Run("search.yaml", weights, ("queries", queries), ("pictures", pictures));

    private IReadOnlyDictionary<string, Tensor> Run(string file, IWeightSource weights, params (string Name, Tensor Tensor)[] given)
    {
        var inputs = given.ToDictionary(g => g.Name, g => g.Tensor);
        using var compiled = CompiledModel.Load(Device, GraphCompiler.Compile(ExampleFiles.Graph("retrieval", file).BuildFor(inputs), new CompilerOptions { Profile = Device.Profile }), weights);
        using var session = compiled.CreateSession(slots: 1);
        return session.Run(inputs);
    }

    private static (Tensor Images, Tensor Labels) Digits(int count, ulong seed)
    {
        var source = new DigitSource(count, seed);
        var numbers = Enumerable.Range(0, count).Select(i => (long)i).ToArray();
        var (images, labels) = (Tensor.Zeros(DataType.UInt8, [count, 28, 28]), Tensor.Zeros(DataType.Int32, [count]));
        source.Read(0, numbers, images);
        source.Read(1, numbers, labels);
        return (images, labels.Cast(DataType.UInt8));
    }
}
