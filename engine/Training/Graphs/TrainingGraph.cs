using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// One training step as one graph: the model in training form, the loss and the metrics, their gradients, and the update of every trained
/// parameter, which is carried from step to step with what its optimizer carries.
/// </summary>
public sealed class TrainingGraph
{
    /// <summary>Name of the run value that holds the learning rate.</summary>
    public const string LearningRateName = "train/learning_rate";

    /// <summary>Name of the run value that holds the step number, from 1, as a real.</summary>
    public const string StepName = "train/step";

    /// <summary>Name of the output that holds the loss.</summary>
    public const string LossName = "loss";

    /// <summary>Begins the names of what an evaluation carries from run to run.</summary>
    internal const string EvaluationPrefix = "evaluation/";

    private const string KeptSuffix = "/kept";

    private TrainingGraph(Graph graph, IReadOnlyList<string> metrics, IReadOnlyList<string> trained, IReadOnlyList<string> unreached)
    {
        Graph = graph;
        Metrics = metrics;
        Trained = trained;
        Unreached = unreached;
    }

    /// <summary>The graph. Its outputs are the loss and the metrics, in this order.</summary>
    public Graph Graph { get; }

    /// <summary>The metrics' names.</summary>
    public IReadOnlyList<string> Metrics { get; }

    /// <summary>The parameters that a step changes.</summary>
    public IReadOnlyList<string> Trained { get; }

    /// <summary>Parameters that were to be trained but do not reach the loss.</summary>
    public IReadOnlyList<string> Unreached { get; }

    /// <summary>
    /// The name under which the values of a parameter that are evaluated and saved are carried, where these are not its own: its running
    /// average, or the best point of a line search.
    /// </summary>
    internal static string KeptOf(string parameter) => parameter + KeptSuffix;

    /// <summary>Builds the step of a model.</summary>
    /// <param name="model">The model's graph, for the batch size of the training.</param>
    /// <param name="objective">What is minimised and how.</param>
    /// <param name="carried">Patterns of parameters that other plans over the same weights change; they are read anew in every step.</param>
    /// <param name="name">The graph's name; null for one made from the model's.</param>
    /// <exception cref="VkNetException">VKN5001: an operator without gradient stands between the loss and a parameter; VKN5002, VKN5003: the loss or a metric is no real scalar; VKN5010, VKN5011: nothing to train; VKN5012: an unknown optimizer.</exception>
    public static TrainingGraph Build(Graph model, TrainingObjective objective, IReadOnlyList<string>? carried = null, string? name = null)
    {
        var named = objective.WithRespectTo.ToHashSet(StringComparer.Ordinal);
        var learnt = model.Inputs.Select(i => i.Name).Where(n => named.Contains(n) || objective.Learnt.Contains(n)).ToHashSet(StringComparer.Ordinal);
        RequireRulesToFit(model, learnt, objective);
        var copy = ModelCopy.Of(model, name ?? model.Name + " training", objective.Seed, learnt: learnt, rules: objective.Parameters);
        var builder = copy.Builder;
        var (loss, metrics) = BuildOutputs(model, copy, objective);
        var parameters = model.Inputs.Where(i => learnt.Contains(i.Name)).Concat(model.Parameters).Select(copy.Of).ToList();
        var chosen = ParameterChoice.Trained([.. parameters.Where(p => !copy.Carried.Contains(p))], objective.WithRespectTo);
        var gradients = Gradients.Of(builder, loss, chosen);
        var trained = chosen.Zip(gradients).Where(p => p.Second.Kind != ValueKind.Constant).ToList();
        if (trained.Count == 0) throw new VkNetException("VKN5011", "there is no parameter to train", "the loss does not depend on any that 'wrt' names");
        UpdateBuilder.Add(builder, objective.Optimizer, trained, loss);
        foreach (var parameter in parameters)
            if (!builder.CarriedValues.Contains(parameter) && carried is not null && carried.Any(c => ParameterChoice.Fits(parameter.Name, c))) builder.SetState(parameter, parameter);
        return new TrainingGraph(builder.Build(), metrics, [.. trained.Select(p => p.First.Name)], [.. chosen.Select(c => c.Name).Except(trained.Select(p => p.First.Name))]);
    }

    /// <summary>
    /// Builds a graph that gives the loss and the metrics of the model in inference form, over weights that a training changes.
    /// </summary>
    /// <param name="model">The model's graph, for the batch size of the evaluation.</param>
    /// <param name="objective">The loss and the metrics.</param>
    /// <param name="carried">The parameters that the training carries.</param>
    public static Graph BuildEvaluation(Graph model, TrainingObjective objective, IReadOnlySet<string> carried)
    {
        string Source(string parameter) => carried.Contains(KeptOf(parameter)) ? KeptOf(parameter) : parameter;
        var learnt = model.Inputs.Select(i => i.Name).Where(carried.Contains).ToHashSet(StringComparer.Ordinal);
        // What an evaluation carries from run to run is its own: another batch size, and another text.
        var copy = ModelCopy.Of(model, model.Name + " evaluation", null, Source, learnt, objective.Parameters, n => EvaluationPrefix + n);
        BuildOutputs(model, copy, objective);
        foreach (var parameter in model.Inputs.Concat(model.Parameters).Select(copy.Of))
            if (parameter.Kind == ValueKind.Parameter && carried.Contains(parameter.Name)) copy.Builder.SetState(parameter, parameter);
        return copy.Builder.Build();
    }

    private static (Value Loss, string[] Metrics) BuildOutputs(Graph model, ModelCopy copy, TrainingObjective objective)
    {
        var extra = objective.ExtraInputs.Select(i => copy.Builder.Input(i.Key, i.Value)).ToList();
        var context = new ObjectiveContext(model, copy, extra);
        var loss = Scalar(objective.Loss(context), "VKN5002", "the loss");
        copy.Builder.Output(LossName, loss);
        foreach (var (name, build) in objective.Metrics)
        {
            if (name == LossName) throw new VkNetException("VKN5013", "a metric cannot be named 'loss'", "the loss is always reported");
            copy.Builder.Output(name, Scalar(build(context), "VKN5003", $"the metric '{name}'"));
        }
        return (loss, [.. objective.Metrics.Select(m => m.Key)]);
    }

    private static void RequireRulesToFit(Graph model, HashSet<string> learnt, TrainingObjective objective)
    {
        foreach (var rule in objective.Parameters)
            if (!model.Parameters.Select(p => p.Name).Concat(learnt).Any(n => ParameterChoice.Fits(n, rule.Pattern)))
                throw new VkNetException("VKN5014", $"'parameters' names '{rule.Pattern}', but the model has no such parameter", Suggestion.For(rule.Pattern, model.Parameters.Select(p => p.Name)));
    }

    private static Value Scalar(Value value, string code, string what) =>
        value.Shape.ElementCount == 1 && value.DataType.IsFloat() ? value
            : throw new VkNetException(code, $"{what} '{value.Name}' is {value.Type}, but must be a real scalar", "reduce it with reduce_mean or reduce_sum", value.Producer?.Location);
}
