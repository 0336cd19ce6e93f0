using VkNet.Graphs;
using VkNet.Operators.Import;
using VkNet.Operators.Layout;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Gemm;

/// <summary>
/// Einstein's summation over any number of operands: the result is the sum, over the axes that it does not name, of the operands' products.
/// Made of transposes, sums and matrix products, two operands at a time, the pair with the smallest product of sizes first.
/// </summary>
public sealed class Einsum : Operator, IImportable, IExportable
{
    /// <summary>The equation.</summary>
    public static AttributeDefinition<string> Equation { get; } = new("equation", "One term of letters for each operand, separated by commas; then perhaps '->' and the result's letters. '...' stands for any other axes, which broadcast; a letter repeated within a term takes the diagonal.", required: true);

    /// <inheritdoc/>
    public override string Name => "einsum";

    /// <inheritdoc/>
    public override string Summary => "Einstein's summation: the operands' products, summed over the axes that the result does not name.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("operands", "one for each term of the equation") { Variadic = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Equation];

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRule> ImportRules { get; } =
    [
        ImportRule.Single("Einsum", 12, node => node.Emit("einsum", AttributeSet.Empty.With(Equation, node.Text("equation", "")), [.. Enumerable.Range(0, node.Inputs.Count).Select(node.Input)])),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples =>
    [
        new OperatorSample(Reals(2, 3, 5), Reals(2, 5, 7)).With(Equation, "bij,bjk->bik"),
        new OperatorSample(Reals(5, 5, 3), Reals(3, 7), Reals(7)).With(Equation, "iij,jk,k->i"),
    ];

    /// <inheritdoc/>
    public void Export(ExportNode node) => node.Result("Einsum", node.Inputs, ("equation", node.Get(Equation)!));

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var type = context.Input(0).DataType;
        var shapes = Enumerable.Range(0, context.InputCount).Select(context.ShapeOf).ToList();
        for (var i = 0; i < shapes.Count; i++)
            if (context.Input(i).DataType != type || type == DataType.Bool) context.Fail("VKN2404", $"operand {i} is {context.Input(i)}, but operands are numbers of one type, as {context.Input(0)}", "insert a cast");
        var equation = EinsumEquation.Parse(context.Get(Equation)!, shapes, message => context.Fail("VKN2405", message, "for instance 'bij,bjk->bik'"));
        return [new TensorType(type, equation.Shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var shapes = Enumerable.Range(0, context.InputCount).Select(context.ShapeOf).ToList();
        var equation = Parse(context.Attributes, shapes);
        if (context.Output(0).DataType.IsFloat()) context.SetReals(0, Sum(equation, shapes, [.. Enumerable.Range(0, shapes.Count).Select(context.Reals)]));
        else context.SetIntegers(0, Sum(equation, shapes, [.. Enumerable.Range(0, shapes.Count).Select(context.Integers)]));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value> Decompose(DecompositionContext context)
    {
        var equation = Parse(context.Attributes, [.. context.Inputs.Select(i => i!.Shape)]);
        var terms = equation.Terms.Select((names, i) => new EinsumTerm(context, context.Input(i), names).WithoutRepetition(equation.Sizes)).ToList();
        for (var i = 0; i < terms.Count; i++) terms[i] = terms[i].SummedTo(equation.Result.Concat(terms.Where((_, k) => k != i).SelectMany(t => t.Names)));
        while (terms.Count > 1)
        {
            var (a, b) = Cheapest(terms, equation.Sizes);
            var rest = terms.Where(t => t != a && t != b).ToList();
            rest.Insert(0, a.Times(b, [.. equation.Result.Concat(rest.SelectMany(t => t.Names))]));
            terms = rest;
        }
        return [terms[0].Arranged(equation.Result, equation.Sizes)];
    }

    private static (EinsumTerm A, EinsumTerm B) Cheapest(List<EinsumTerm> terms, IReadOnlyDictionary<int, long> sizes)
    {
        var (best, least) = ((terms[0], terms[1]), double.PositiveInfinity);
        for (var i = 0; i < terms.Count; i++)
        for (var k = i + 1; k < terms.Count; k++)
        {
            var cost = terms[i].Names.Union(terms[k].Names).Aggregate(1.0, (product, name) => product * sizes[name]);
            if (cost < least) (best, least) = ((terms[i], terms[k]), cost);
        }
        return best;
    }

    private static EinsumEquation Parse(AttributeSet attributes, IReadOnlyList<Shape> shapes) =>
        EinsumEquation.Parse(attributes.Get(Equation)!, shapes, message => throw new InvalidOperationException(message));

    // The definition, term by term.
    private static T[] Sum<T>(EinsumEquation equation, List<Shape> shapes, T[][] operands) where T : System.Numerics.INumber<T>
    {
        var names = equation.Result.Concat(equation.Sizes.Keys.Except(equation.Result)).ToArray();
        var sizes = names.Select(name => equation.Sizes[name]).ToArray();
        var summed = new Shape(sizes.AsSpan()[equation.Result.Length..]).ElementCount;
        var result = new T[equation.Shape.ElementCount];
        var strides = equation.Terms.Select((term, i) => Strides(names, term, shapes[i])).ToArray();
        var place = new long[names.Length];
        for (var r = 0L; r < result.Length; r++)
        {
            Unravel(r, 0, equation.Result.Length);
            for (var s = 0L; s < summed; s++)
            {
                Unravel(s, equation.Result.Length, names.Length);
                var product = T.One;
                for (var i = 0; i < operands.Length; i++)
                {
                    var at = 0L;
                    for (var axis = 0; axis < names.Length; axis++) at += place[axis] * strides[i][axis];
                    product *= operands[i][at];
                }
                result[r] += product;
            }
        }
        return result;

        void Unravel(long number, int from, int to)
        {
            for (var axis = to - 1; axis >= from; axis--) (place[axis], number) = (number % sizes[axis], number / sizes[axis]);
        }
    }

    private static long[] Strides(int[] names, int[] term, Shape shape)
    {
        var (own, result) = (shape.Strides(), new long[names.Length]);
        for (var axis = 0; axis < term.Length; axis++)
            if (shape[axis] != 1) result[Array.IndexOf(names, term[axis])] += own[axis];
        return result;
    }
}
