using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Selection;

/// <summary>
/// Base of the operators that put updates into a copy of their data at places that come from data. Updates of one element take effect
/// in the order in which they stand, on every device: no atomic operations are used.
/// </summary>
public abstract class ScatterOperator : Operator, ILowering
{
    private readonly string _gather;

    private protected ScatterOperator(string gather) => _gather = gather;

    /// <summary>What an update does to the element that it meets.</summary>
    public static AttributeDefinition<string> Reduction { get; } = new("reduction", "What an update does to the element that it meets: takes its place, is added to it, multiplied with it, or the smaller or the larger one stays.", "none") { Choices = ["none", "add", "mul", "min", "max"] };

    /// <inheritdoc/>
    public sealed override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<OperandDefinition> Inputs { get; } =
        [new("input", "the data"), new("indices", "whole numbers; negative ones count from the end"), new("updates", "an element or a slice for every index")];

    /// <inheritdoc/>
    public sealed override void Evaluate(HostContext context)
    {
        var places = UpdatePlaces(context.Attributes, context.ShapeOf(0), context.ShapeOf(1), context.Integers(1));
        var reduction = context.Get(Reduction);
        if (context.Output(0).DataType.IsFloat())
        {
            var (result, updates) = (context.Reals(0), context.Reals(2));
            for (var i = 0; i < updates.Length; i++)
            {
                ref var element = ref result[places[i]];
                element = reduction switch
                {
                    "add" => element + updates[i],
                    "mul" => element * updates[i],
                    "min" => Math.Min(element, updates[i]),
                    "max" => Math.Max(element, updates[i]),
                    _ => updates[i],
                };
            }
            context.SetReals(0, result);
        }
        else
        {
            var (result, updates) = (context.Integers(0), context.Integers(2));
            for (var i = 0; i < updates.Length; i++)
            {
                ref var element = ref result[places[i]];
                element = reduction switch
                {
                    "add" => unchecked(element + updates[i]),
                    "mul" => unchecked(element * updates[i]),
                    "min" => Math.Min(element, updates[i]),
                    "max" => Math.Max(element, updates[i]),
                    _ => updates[i],
                };
            }
            context.SetIntegers(0, result);
        }
    }

    /// <inheritdoc/>
    public abstract void Lower(LoweringContext context);

    /// <inheritdoc/>
    public sealed override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        var (builder, node, g, indices) = (context.Builder, context.Node, context.Upstream, context.Input(1));
        var (data, updates) = (context.Input(0), context.Input(2));
        var placing = node.Attributes.With(Reduction, null);
        Value Taken(Value from) => builder.Apply(_gather, placing, from, indices);
        Value Filled(Shape shape, DataType type) => builder.Apply("fill", AttributeSet.Empty.With(Layout.Fill.Shape, shape.ToArray()).With(Layout.Fill.Type, type.Name()));
        switch (node.Get(Reduction))
        {
            case "add":
                return [g, null, context.Needed[2] ? Taken(g) : null];
            case "none":
                var kept = context.Needed[0] ? builder.Apply(Name, placing, g, indices, Filled(updates.Shape, g.DataType)) : null;
                if (!context.Needed[2]) return [kept, null, null];
                // Only the last of several updates of one element has an effect: the one whose number is found there afterwards.
                var numbers = builder.Apply("reshape", AttributeSet.Empty.With(Layout.Reshape.Shape, updates.Shape.ToArray()).With(Layout.Reshape.AllowZero, true),
                    builder.Apply("range", AttributeSet.Empty.With(Layout.NumberRange.Limit, (double)updates.Shape.ElementCount).With(Layout.NumberRange.Type, "i32")));
                var found = Taken(builder.Apply(Name, placing, Filled(data.Shape, DataType.Int32), indices, numbers));
                return [kept, null, builder.Apply("where", null, builder.Apply("equal", null, found, numbers), Taken(g), Filled(Shape.Scalar, g.DataType))];
            default:
                throw new VkNetException("VKN5001", $"{Name} '{node.Name}' has no gradient rule for the reduction '{node.Get(Reduction)}'", "'none' and 'add' have one", node.Location);
        }
    }

    /// <summary>Refuses what the reductions are not defined on.</summary>
    private protected static void CheckTypes(InferenceContext context)
    {
        var (data, updates) = (context.Input(0), context.Input(2));
        if (data.DataType != updates.DataType) context.Fail("VKN2265", $"the updates are {updates}, but the data are {data}", "both must be of one element type");
        if (data.DataType == DataType.Bool && context.Get(Reduction) != "none") context.Fail("VKN2265", $"truth values cannot be combined by '{context.Get(Reduction)}'", "insert a cast");
    }

    /// <summary>The number in the data of every update's element.</summary>
    private protected abstract long[] UpdatePlaces(AttributeSet attributes, Shape data, Shape indices, long[] values);

    /// <summary>The reduction as kernels number it.</summary>
    private protected static ScatterCombine CombineOf(string reduction) => reduction switch
    {
        "add" => ScatterCombine.Add,
        "mul" => ScatterCombine.Multiply,
        "min" => ScatterCombine.Minimum,
        "max" => ScatterCombine.Maximum,
        _ => ScatterCombine.Replace,
    };
}
