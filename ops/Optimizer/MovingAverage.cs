using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using static VkNet.Graphs.SampleInput;

namespace VkNet.Operators.Optimizer;

/// <summary>An exponential moving average of tensors: Polyak averaging of weights, and target networks that follow another slowly.</summary>
public sealed class MovingAverage : Operator, ILowering, ITreatsAlike
{
    private const int GroupSize = 64;

    /// <summary>Share of the average that is kept.</summary>
    public static AttributeDefinition<double> Decay { get; } = new("decay", "Share of the average that is kept.", 0.995);

    /// <inheritdoc/>
    public override string Name => "moving_average";

    /// <inheritdoc/>
    public override string Summary => "average = decay average + (1 - decay) value, for k averages and k values: Polyak and Juditsky, 1992.";

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("tensors", "k averages of any shapes, then k values of the same shapes") { Variadic = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Decay];

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples => [new(Reals(67), Reals(3, 5), Reals(67), Reals(3, 5))];

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        if (context.InputCount % 2 != 0) context.Fail("VKN2180", $"{context.InputCount} tensors are given", "as many averages as values");
        var count = context.InputCount / 2;
        for (var i = 0; i < count; i++)
            if (context.Input(i) != context.Input(count + i) || !context.Input(i).DataType.IsFloat())
                context.Fail("VKN2183", $"average {i} is {context.Input(i)}, its value {context.Input(count + i)}", "both must be real and of one type");
        return [.. Enumerable.Range(0, count).Select(context.Input)];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var decay = context.Get(Decay);
        for (var t = 0; t < context.OutputCount; t++)
        {
            var (average, value) = (context.Reals(t), context.Reals(context.OutputCount + t));
            for (var i = 0; i < average.Length; i++) average[i] = decay * average[i] + (1 - decay) * value[i];
            context.SetReals(t, average);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<int>> Roles(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var count = node.Outputs.Count;
        return [[.. Enumerable.Range(0, count)], [.. Enumerable.Range(count, count)]];
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        var count = context.Node.Outputs.Count;
        var slices = new List<TensorSlice[]>();
        for (var t = 0; t < count; t++)
        {
            var (average, value) = (context.UpdateInPlace(t, t), context.Input(count + t));
            if (value.Shape.ElementCount > 0) slices.Add([Slice(average), Slice(value)]);
        }
        foreach (var run in TensorRun.Of(slices, context.Profile.BufferAlignment))
        {
            var (average, value) = (run.Slices[0], run.Slices[1]);
            var elements = value.Bytes / DeviceTensor.ElementBytes;
            // The padding between tensors is averaged along with them: nobody reads it.
            context.Dispatch(context.Choose(OptimizerAverage.Family.Variants, new DeviceTensor(value.Buffer, value.Offset, new TensorType(DataType.Float32, [elements]), Graphs.Layout.Dense)))
                .Parameters(new OptimizerAverage.Parameters { Elements = checked((int)elements), Decay = (float)context.Get(Decay) })
                .Bind(OptimizerAverage.Bindings.Value, value)
                .Bind(OptimizerAverage.Bindings.Average, average)
                .Bind(OptimizerAverage.Bindings.NewAverage, average)
                .Cost(3.0 * elements, 3.0 * value.Bytes)
                .RunLinear((elements + 3) / 4, GroupSize);
        }

        static TensorSlice Slice(DeviceTensor tensor) => new(tensor.Buffer, tensor.Offset, tensor.Bytes);
    }
}
