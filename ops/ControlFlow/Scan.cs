using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Operators.Layout;
using VkNet.Operators.Layout.Lowering;
using VkNet.Operators.Recurrent;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Operators.ControlFlow;

/// <summary>
/// A region that is run once for every step of a sequence. The graph holds its body once; the plan holds the body's calls once for each
/// step, with the states going from one to the next. What depends on no state or element is computed in the first step only. The gradient
/// is a region that runs the body's gradient from the last step to the first (back-propagation through time); the body is computed again
/// there from the states before each step, which are all that is kept. Matrices that are the same in every step get their gradient as one
/// product over all steps (<see cref="ScanProducts"/>).
/// </summary>
public sealed class Scan : Operator, ILowering, ITrainingMode
{
    /// <summary>The body: its inputs are the states, one element of each sequence, and what is the same in every step; its outputs the next states, then the results' elements.</summary>
    public static AttributeDefinition<Graph> Body { get; } = new("body", "What is done in every step.", required: true);

    /// <summary>Number of states.</summary>
    public static AttributeDefinition<long> States { get; } = new("states", "Number of states.", 0) { Minimum = 0 };

    /// <summary>Number of sequences.</summary>
    public static AttributeDefinition<long> Sequences { get; } = new("sequences", "Number of sequences.", 0) { Minimum = 0 };

    /// <summary>Number of steps.</summary>
    public static AttributeDefinition<long> Steps { get; } = new("steps", "Number of steps.", required: true) { Minimum = 0 };

    /// <summary>Whether the last element is handled first.</summary>
    public static AttributeDefinition<bool> Reverse { get; } = new("reverse", "Whether the last element is handled first.", false);

    /// <summary>Whether the states before each step are further results.</summary>
    public static AttributeDefinition<bool> Save { get; } = new("save", "Whether the states before each step are further results; the gradient needs them.", false);

    /// <inheritdoc/>
    public override string Name => "scan";

    /// <inheritdoc/>
    public override string Summary => "A body run once for every step of a sequence, with states carried from step to step.";

    /// <inheritdoc/>
    public override IReadOnlyList<OperandDefinition> Inputs { get; } = [new("inputs", "the states before the first step, the sequences along their first axis, and what the body uses unchanged") { Variadic = true, Optional = true }];

    /// <inheritdoc/>
    public override IReadOnlyList<AttributeDefinition> Attributes { get; } = [Body, States, Sequences, Steps, Reverse, Save];

    /// <inheritdoc/>
    public override bool IsPublic => false;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override IReadOnlyList<OperatorSample> Samples
    {
        get
        {
            // h' = tanh(h * w + x), y = h' + x
            var body = new GraphBuilder(StandardOperators.Registry, "sample");
            var (h, x, w) = (body.Input("h", TensorType.Float(3, 5)), body.Input("x", TensorType.Float(3, 5)), body.Input("w", TensorType.Float(5, 5)));
            var next = body.Apply("tanh", null, body.Apply("add", null, body.Apply("matmul", null, h, w), x));
            body.Output("next", next);
            body.Output("y", body.Apply("add", null, next, x));
            var sample = new OperatorSample(SampleInput.Reals(3, 5), SampleInput.Reals(4, 3, 5), SampleInput.RealsWithin(-0.5, 0.5, 5, 5))
                .With(Body, body.Build()).With(States, 1).With(Sequences, 1).With(Steps, 4);
            return [sample, sample.With(Reverse, true).With(Save, true)];
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TensorType> Infer(InferenceContext context)
    {
        var (body, states, sequences, steps) = (context.Get(Body)!, (int)context.Get(States), (int)context.Get(Sequences), context.Get(Steps));
        if (context.InputCount != body.Inputs.Count || body.Outputs.Count < states || body.States.Count + body.Parameters.Count + body.RunValues.Count > 0)
            context.Fail("VKN2743", $"{context.InputCount} inputs are given to a body of {body.Inputs.Count} inputs and {body.Outputs.Count} outputs with {states} states", "the body stands alone: all that it uses is among its inputs");
        for (var i = 0; i < context.InputCount; i++)
        {
            var wanted = body.Inputs[i].Type;
            if (i >= states && i < states + sequences) wanted = wanted with { Shape = new Shape([steps, .. wanted.Shape]) };
            if (context.Input(i) != wanted) context.Fail("VKN2744", $"input {i} is {context.Input(i)}, but {wanted} is needed", "for a sequence, the steps and then what the body takes");
            if (i < states && body.Outputs[i].Value.Type != wanted) context.Fail("VKN2742", $"state {i} begins as {wanted}, but a step gives {body.Outputs[i].Value.Type}", "a state keeps its type and shape from step to step");
        }
        var stacked = body.Outputs.Skip(states).Select(o => o.Value.Type).Concat(context.Get(Save) ? body.Inputs.Take(states).Select(i => i.Type) : []);
        return [.. body.Inputs.Take(states).Select(i => i.Type), .. stacked.Select(t => t with { Shape = new Shape([steps, .. t.Shape]) })];
    }

    /// <inheritdoc/>
    public override void Evaluate(HostContext context)
    {
        var (body, states, sequences, steps) = (context.Get(Body)!, (int)context.Get(States), (int)context.Get(Sequences), (int)context.Get(Steps));
        var inDouble = Enumerable.Range(0, context.InputCount).Any(i => context.Input(i).DataType == DataType.Float64 && body.Inputs[i].DataType == DataType.Float32);
        var current = Enumerable.Range(0, states).Select(context.Input).ToArray();
        var stacked = Enumerable.Range(states, context.OutputCount - states).Select(i => Tensor.Zeros(context.Output(i))).ToArray();
        for (var s = 0; s < steps; s++)
        {
            var element = context.Get(Reverse) ? steps - 1 - s : s;
            var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            for (var i = 0; i < body.Inputs.Count; i++)
                values[body.Inputs[i].Name] = i < states ? current[i] : i < states + sequences ? Element(context.Input(i), element, body.Inputs[i].Shape) : context.Input(i);
            var results = HostEvaluator.Run(body, values, inDouble: inDouble);
            var outputs = body.Outputs.Select(o => results[o.Value]).ToArray();
            var kept = outputs.Skip(states).Concat(current).ToArray();
            for (var i = 0; i < stacked.Length; i++)
            {
                var bytes = kept[i].Bytes();
                bytes.CopyTo(stacked[i].Bytes().Slice(bytes.Length * element, bytes.Length));
            }
            current = outputs[..states];
        }
        for (var i = 0; i < states; i++) context.Set(i, current[i]);
        for (var i = 0; i < stacked.Length; i++) context.Set(states + i, stacked[i]);
    }

    /// <inheritdoc/>
    public void Lower(LoweringContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (states, sequences, steps) = ((int)context.Get(States), (int)context.Get(Sequences), context.Get(Steps));
        var isInvariant = Enumerable.Range(0, context.Node.OperatorInputCount).Select(i => i >= states + sequences).ToArray();
        var body = context.EnterBody(context.Get(Body)!, isInvariant);
        var inputs = Enumerable.Range(0, context.Node.OperatorInputCount).Select(context.Input).ToArray();
        var stacked = Enumerable.Range(states, context.Node.Outputs.Count - states).Select(context.Output).ToArray();
        var current = inputs[..states];
        // Without a step nothing else would write them, and their memory is read all the same, for no element.
        if (steps == 0)
            foreach (var tensor in stacked) context.Fill(tensor);
        for (var s = 0L; s < steps; s++)
        {
            var element = context.Get(Reverse) ? steps - 1 - s : s;
            var given = inputs.Select((tensor, i) => i < states ? current[i] : i < states + sequences ? Element(context, tensor, element, body.Inputs[i].Type) : tensor).ToArray();
            var outputs = body.Run(given);
            var kept = outputs.Skip(states).Concat(current).ToArray();
            for (var i = 0; i < stacked.Length; i++)
            {
                var count = kept[i].Shape.ElementCount;
                StridedCopy.Run(context, kept[i], stacked[i], new StridedRegion([count], 0, [1], element * count, [1]));
            }
            current = [.. outputs.Take(states)];
        }
        for (var i = 0; i < states; i++) context.Alias(i, current[i]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Value> BuildTraining(TrainingModeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var node = context.Node;
        // Random decisions would be the same in every step, and running statistics have no place to be carried.
        if (node.Get(Body)!.Nodes.FirstOrDefault(n => n.Operator is ITrainingMode and not (Scan or RecurrentSequence)) is { } inner)
            throw new VkNetException("VKN5040", $"{inner.Operator.Name} '{inner.Name}' stands inside scan '{node.Name}', where it has no training form", "put it outside the region: before or after it, over the whole sequence", node.Location);
        return context.Builder.Add(this, node.Attributes.With(Save, true), context.Inputs, node.Name, node.Location);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Value?> Differentiate(GradientContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (builder, node) = (context.Builder, context.Node);
        var (body, states, sequences) = (node.Get(Body)!, (int)node.Get(States), (int)node.Get(Sequences));
        var results = body.Outputs.Count - states;
        // The states before each step are for the gradient alone.
        if (context.OutputGradients.Skip(states + results).Any(g => g is not null)) return base.Differentiate(context);
        var outputs = node.Get(Save) ? node.Outputs : builder.Add(this, node.Attributes.With(Save, true), node.Inputs);
        // A state's gradient is carried even where the initial state's is not wanted: it is what goes from step to step.
        var carried = Enumerable.Range(0, states).Where(i => body.Inputs[i].DataType.IsFloat()).ToList();
        var perElement = Enumerable.Range(states, sequences).Where(i => context.Needed[i]).ToList();
        var products = ScanProducts.Find(body, [.. Enumerable.Range(states + sequences, body.Inputs.Count - states - sequences).Where(i => context.Needed[i]).Select(i => body.Inputs[i])]);
        var summed = Enumerable.Range(states + sequences, body.Inputs.Count - states - sequences).Where(i => context.Needed[i] && !products.Weights.Contains(body.Inputs[i])).ToList();
        var given = Enumerable.Range(0, results).Where(i => context.OutputGradients[states + i] is not null).ToList();
        List<Value> initial = [.. carried.Select(i => context.OutputGradients[i] ?? Zeros(body.Inputs[i].Type)), .. summed.Select(i => Zeros(body.Inputs[i].Type))];
        List<Value> read = [.. Enumerable.Range(0, states).Select(i => outputs[states + results + i]), .. Enumerable.Range(states, sequences).Select(i => node.Inputs[i]!), .. given.Select(i => context.OutputGradients[states + i]!)];
        var gradients = ScanRegion.Add(builder, initial, read, node.Get(Steps), !node.Get(Reverse), (inner, backward, elements) =>
        {
            var map = new Dictionary<Value, Value>();
            for (var i = 0; i < body.Inputs.Count; i++) map[body.Inputs[i]] = i < states + sequences ? elements[i] : node.Inputs[i]!;
            foreach (var step in body.Nodes)
            {
                var values = inner.Add(step.Operator, step.Attributes, [.. step.Inputs.Select(i => i is null ? null : Of(i))], inner.Fresh(step.Name), step.Location);
                for (var i = 0; i < values.Count; i++) map[step.Outputs[i]] = values[i];
            }
            var upstream = carried.Select((i, k) => KeyValuePair.Create(Of(body.Outputs[i].Value), backward[k]))
                .Concat(given.Select((i, k) => KeyValuePair.Create(Of(body.Outputs[states + i].Value), elements[states + sequences + k]))).ToList();
            var found = Gradients.Of(inner, upstream, [.. carried.Concat(summed).Concat(perElement).Select(i => map[body.Inputs[i]]), .. products.Nodes.Select(n => map[n.Outputs[0]])]);
            return (
                [.. found.Take(carried.Count), .. summed.Select((_, k) => inner.Apply("add", null, backward[carried.Count + k], found[carried.Count + k]))],
                [.. found.Skip(carried.Count + summed.Count), .. products.Entering.Select(Of)]);

            Value Of(Value value) => map.TryGetValue(value, out var known) ? known : map[value] = inner.Constant(value.Constant!);
        });
        var answer = new Value?[node.Inputs.Count];
        for (var k = 0; k < carried.Count; k++) answer[carried[k]] = gradients[k];
        for (var k = 0; k < summed.Count; k++) answer[summed[k]] = gradients[carried.Count + k];
        for (var k = 0; k < perElement.Count; k++) answer[perElement[k]] = gradients[carried.Count + summed.Count + k];
        var stacked = gradients.Skip(carried.Count + summed.Count + perElement.Count).ToList();
        var weights = products.Gradients(builder, i => node.Inputs[i]!, [.. stacked.Take(products.Nodes.Count)], [.. stacked.Skip(products.Nodes.Count)]);
        foreach (var (input, gradient) in weights) answer[input] = gradient;
        return answer;

        Value Zeros(TensorType type) => builder.Apply("fill", AttributeSet.Empty.With(Fill.Shape, type.Shape.ToArray()));
    }

    private static Tensor Element(Tensor sequence, int index, Shape shape)
    {
        var tensor = Tensor.Zeros(sequence.DataType, shape);
        var bytes = tensor.Bytes();
        sequence.Bytes().Slice(bytes.Length * index, bytes.Length).CopyTo(bytes);
        return tensor;
    }

    // A view where a tensor may begin, else a copy.
    private static DeviceTensor Element(LoweringContext context, DeviceTensor sequence, long index, TensorType type)
    {
        var count = type.Shape.ElementCount;
        var offset = sequence.Offset + index * count * DeviceTensor.ElementBytes;
        if (offset % context.Profile.BufferAlignment == 0) return new DeviceTensor(sequence.Buffer, offset, type, Graphs.Layout.Dense);
        var copy = context.Workspace("element", type);
        StridedCopy.Run(context, sequence, copy, new StridedRegion([count], index * count, [1], 0, [1]));
        return copy;
    }
}
