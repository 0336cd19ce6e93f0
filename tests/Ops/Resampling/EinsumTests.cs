using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops.Resampling;

internal sealed class EinsumTests
{
    /// <summary>Equations with shapes of operands: traces, diagonals, outer products, batches, ellipses, several operands, sizes of 1 and 0.</summary>
    internal static readonly (string Equation, long[][] Shapes)[] Cases =
    [
        ("ij,jk->ik", [[3, 5], [5, 2]]), ("ij->ji", [[3, 4]]), ("ij->", [[3, 4]]), ("ii->", [[4, 4]]), ("ii->i", [[4, 4]]), ("i,j->ij", [[3], [5]]), ("i,i", [[7], [7]]),
        ("bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]), ("...ij,...jk->...ik", [[2, 1, 3, 4], [6, 4, 5]]), ("...ii->...i", [[3, 5, 5]]), ("bhid,bhjd->bhij", [[2, 3, 4, 5], [2, 3, 6, 5]]),
        ("ij,jk,kl->il", [[2, 3], [3, 4], [4, 5]]), ("i,ij,j->", [[3], [3, 4], [4]]), (" ab , bc -> ca ", [[2, 3], [3, 4]]), ("ba,ca", [[2, 3], [4, 3]]), ("ijk,il->kl", [[2, 3, 4], [2, 5]]),
        ("aab,b->a", [[3, 3, 2], [2]]), ("ij,ij->ij", [[3, 4], [3, 4]]), ("ij,ij->ij", [[3, 4], [1, 4]]), ("i,->i", [[4], []]), ("ij,jk->ik", [[3, 0], [0, 2]]), ("iij,jkk->ik", [[3, 3, 4], [4, 2, 2]]),
        ("A...,A...->...", [[3, 2, 2], [3, 2, 2]]),
    ];

    [Test]
    public void What_it_is_made_of_gives_what_the_definition_gives()
    {
        foreach (var (equation, shapes) in Cases)
        {
            var builder = new GraphBuilder(StandardOperators.Registry);
            var tensors = shapes.Select((s, i) => TestTensors.Reals(i + 1, new Shape(s))).ToList();
            var attributes = AttributeSet.Empty.With("equation", equation);
            var inputs = tensors.Select((t, i) => builder.Input($"x{i}", t.Type)).ToList();
            var result = builder.Add(StandardOperators.Registry.Get("einsum"), attributes, inputs, "e")[0];
            Assert.That(result.Name, Is.EqualTo("e"));
            builder.Output("y", result);
            var parts = HostEvaluator.Run(builder.Build(), tensors.Select((t, i) => (t, i)).ToDictionary(t => $"x{t.i}", t => t.t))[result];
            var whole = HostEvaluator.Evaluate(StandardOperators.Registry.Get("einsum"), attributes, [.. tensors], [result.Type])[0];
            OperatorTester.Compare(parts, whole, 1e-5, 1e-5, equation);
        }
    }

    [Test]
    public void Known_answers()
    {
        var matrix = Tensor.From([1f, 2, 3, 4], 2, 2);
        Assert.That(Sum("ii", matrix), Is.EqualTo(new float[] { 5 }));
        Assert.That(Sum("ij->j", matrix), Is.EqualTo(new float[] { 4, 6 }));
        Assert.That(Sum("ij,jk", matrix, matrix), Is.EqualTo(new float[] { 7, 10, 15, 22 }));
        Assert.That(Sum("i,j->ji", Tensor.From([1f, 2], 2), Tensor.From([3f, 4], 2)), Is.EqualTo(new float[] { 3, 6, 4, 8 }));
    }

    [TestCase("ij,jk->ik"), TestCase("ij->ik"), TestCase("ij->ijj"), TestCase("i1->i"), TestCase("i->j->k"), TestCase("ijk->i")]
    public void What_does_not_fit_is_refused(string equation)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        var x = builder.Input("x", TensorType.Float(2, 3));
        Assert.That(() => builder.Apply("einsum", AttributeSet.Empty.With("equation", equation), x), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2405"));
    }

    private static float[] Sum(string equation, params Tensor[] tensors)
    {
        var builder = new GraphBuilder(StandardOperators.Registry);
        return builder.Apply("einsum", AttributeSet.Empty.With("equation", equation), [.. tensors.Select(t => builder.Constant(t))]).Constant!.ToArray<float>();
    }
}
