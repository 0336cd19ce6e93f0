using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>Adds the update of the trained parameters to a training graph.</summary>
internal static class UpdateBuilder
{
    /// <summary>Adds one optimizer node for all parameters with the same factors, and carries what it gives.</summary>
    internal static void Add(GraphBuilder builder, OptimizerOptions options, IReadOnlyList<(Value Parameter, Value Gradient)> trained, Value loss)
    {
        if (!builder.Registry.TryGet(options.Operator, out var @operator) || @operator is not IOptimizer optimizer)
            throw new VkNetException("VKN5012", $"unknown optimizer '{options.Operator}'", Suggestion.For(options.Operator, builder.Registry.Operators.Where(o => o is IOptimizer).Select(o => o.Name)));
        var rate = builder.Find(TrainingGraph.LearningRateName) ?? builder.RunValue(TrainingGraph.LearningRateName, DataType.Float32);
        var step = builder.Find(TrainingGraph.StepName) ?? builder.RunValue(TrainingGraph.StepName, DataType.Float32);
        if (optimizer is IJointOptimizer joint)
        {
            AddJoint(builder, @operator, joint, options, trained, rate, step, loss);
            return;
        }
        var norm = options.Attributes.Find("clip_norm") is > 0.0 ? builder.Apply("global_norm", null, [.. trained.Select(t => t.Gradient)]) : null;
        foreach (var group in trained.GroupBy(t => (Rate: t.Parameter.Parameter!.LearningRateScale, Decay: t.Parameter.Parameter.DecayScale)))
        {
            var members = group.ToList();
            var states = optimizer.StateNames.SelectMany(n => members.Select(m => builder.State($"{m.Parameter.Name}/{n}", Tensor.Zeros(m.Parameter.Type)))).ToList();
            var next = builder.Add(@operator, Scaled(@operator, options.Attributes, group.Key.Rate, group.Key.Decay),
                [rate, step, loss, norm, .. members.Select(m => m.Parameter), .. members.Select(m => m.Gradient), .. states]);
            for (var i = 0; i < members.Count; i++) builder.SetState(members[i].Parameter, next[i]);
            for (var i = 0; i < states.Count; i++) builder.SetState(states[i], next[members.Count + i]);
            if (options.AverageDecay > 0) AddAverages(builder, options.AverageDecay, members, next);
        }
    }

    // One node for all parameters, whatever their number.
    private static void AddJoint(GraphBuilder builder, Operator @operator, IJointOptimizer joint, OptimizerOptions options, IReadOnlyList<(Value Parameter, Value Gradient)> trained, Value rate, Value step, Value loss)
    {
        if (options.AverageDecay > 0) throw new VkNetException("VKN5016", $"'{options.Operator}' keeps the best point that it finds, and no running average", "leave 'average' out");
        if (trained.FirstOrDefault(t => t.Parameter.Parameter!.LearningRateScale != 1).Parameter is { } scaled)
            throw new VkNetException("VKN5016", $"'{options.Operator}' moves all parameters along one line, so '{scaled.Name}' cannot have a learning rate of its own", "leave 'lr_scale' out, or freeze the parameter");
        var kept = trained.Select(t => builder.Parameter(TrainingGraph.KeptOf(t.Parameter.Name), t.Parameter.Type, t.Parameter.Parameter)).ToList();
        var states = joint.SharedStates(options.Attributes, trained.Sum(t => t.Parameter.Shape.ElementCount)).Select(s => builder.State($"{trained[0].Parameter.Name}/{options.Operator} {s.Key}", Tensor.Zeros(s.Value))).ToList();
        var next = builder.Add(@operator, options.Attributes, [rate, step, loss, .. trained.Select(t => t.Parameter), .. trained.Select(t => t.Gradient), .. kept, .. states]);
        List<Value> carried = [.. trained.Select(t => t.Parameter), .. kept, .. states];
        for (var i = 0; i < carried.Count; i++) builder.SetState(carried[i], next[i]);
    }

    private static void AddAverages(GraphBuilder builder, double decay, List<(Value Parameter, Value Gradient)> members, IReadOnlyList<Value> next)
    {
        // An average begins at the parameter's own initial value, as the carried parameter does: both are loaded from the weights.
        var averages = members.Select(m => builder.Parameter(TrainingGraph.KeptOf(m.Parameter.Name), m.Parameter.Type, m.Parameter.Parameter)).ToList();
        var moved = builder.Add(builder.Registry.Get("moving_average"), AttributeSet.Empty.With("decay", decay), [.. averages, .. next.Take(members.Count)]);
        for (var i = 0; i < averages.Count; i++) builder.SetState(averages[i], moved[i]);
    }

    // A parameter's decay factor multiplies whichever decays the optimizer has.
    private static AttributeSet Scaled(Operator @operator, AttributeSet attributes, double rate, double decay)
    {
        if (rate != 1) attributes = attributes.With("rate_scale", rate);
        foreach (var definition in @operator.Attributes.OfType<AttributeDefinition<double>>())
            if (decay != 1 && definition.Name is ("l1" or "l2" or "weight_decay")) attributes = attributes.With(definition, decay * attributes.Get(definition));
        return attributes;
    }
}
