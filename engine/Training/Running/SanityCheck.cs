using System.Globalization;
using VkNet.Devices;
using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Training;

/// <summary>
/// Looks for the usual mistakes before hours are spent: a classifier's first loss is near log C, a handful of examples can be learnt by
/// heart, and the gradients are those of central differences.
/// </summary>
public static class SanityCheck
{
    private const int SmallBatch = 16, OverfitSteps = 400, Probes = 3;
    private const double Step = 1e-4, GradientTolerance = 1e-3;

    /// <summary>Makes the checks for the first plan of a recipe.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="cancellation">Abandons the checks.</param>
    public static IReadOnlyList<SanityFinding> Run(ComputeDevice device, Recipe recipe, CancellationToken cancellation = default) =>
        [InitialLoss(device, recipe, cancellation), Overfit(device, recipe, cancellation), Gradients(recipe, cancellation)];

    private static SanityFinding InitialLoss(ComputeDevice device, Recipe recipe, CancellationToken cancellation)
    {
        using var trainer = new Trainer(device, recipe);
        var loss = trainer.Evaluate(recipe.Data.Train with { Source = First(recipe, Math.Max(recipe.Batch, 256)) }, cancellation).Loss;
        var graph = Model(recipe, recipe.Batch);
        var evaluation = TrainingGraph.BuildEvaluation(graph, recipe.Objective(recipe.Steps[0], recipe.Batch), new HashSet<string>());
        var classes = evaluation.Nodes.Where(n => n.Operator is ITakesLabels).Select(n => ((ITakesLabels)n.Operator).Classes(n)).FirstOrDefault();
        if (classes < 2) return new SanityFinding("initial loss", double.IsFinite(loss), Text($"{loss:0.0000}; it is no loss over classes, so nothing more is expected of it"));
        var expected = Math.Log(classes);
        return new SanityFinding("initial loss", loss > 0.5 * expected && loss < 2 * expected, Text($"{loss:0.0000}, where guessing among {classes} classes gives log {classes} = {expected:0.0000}"));
    }

    private static SanityFinding Overfit(ComputeDevice device, Recipe recipe, CancellationToken cancellation)
    {
        var source = First(recipe, SmallBatch);
        var count = (int)source.Count;
        var small = recipe with
        {
            Data = recipe.Data with { Train = recipe.Data.Train with { Source = source, Augmentation = null, Order = DataOrder.Sequential }, Validation = null, Test = null },
            Batch = count,
            Iterations = OverfitSteps,
            EarlyStopping = null,
            Steps = [.. recipe.Steps.Select(s => s with { Schedule = LearningRateSchedule.Constant })],
        };
        double first = double.NaN, last = double.NaN;
        using var trainer = new Trainer(device, small, new TrainerOptions
        {
            Progress = p =>
            {
                if (double.IsNaN(first)) first = p.Loss;
                last = p.Loss;
            },
        });
        trainer.Run(cancellation);
        return new SanityFinding("learning a small batch by heart", last < 0.1 * first || last < 1e-3, Text($"the loss of {count} examples goes from {first:0.0000} to {last:0.0000} in {OverfitSteps} steps"));
    }

    // In double precision on the host, for a few elements of each parameter.
    private static SanityFinding Gradients(Recipe recipe, CancellationToken cancellation)
    {
        const int batch = 2;
        var graph = Model(recipe, batch);
        var objective = recipe.Objective(recipe.Steps[0], batch);
        var evaluation = TrainingGraph.BuildEvaluation(graph, objective, new HashSet<string>());
        var builder = new GraphBuilder(evaluation.Registry, evaluation);
        var parameters = evaluation.Parameters.Where(p => p.DataType.IsFloat() && p.Parameter is not { Frozen: true }).ToList();
        var gradients = Graphs.Gradients.Of(builder, evaluation.Outputs[0].Value, parameters);
        for (var i = 0; i < gradients.Count; i++) builder.Output($"gradient {i}", gradients[i]);
        var whole = builder.Build();
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var order = new BatchOrder(recipe.Data.Train.Source.Count, batch, DataOrder.Sequential, recipe.Seed);
        var assembler = new BatchAssembler(recipe.Data.Train with { Augmentation = null }, order, recipe.Data.Feeds, whole.Inputs.Select(i => new KeyValuePair<string, TensorType>(i.Name, i.Type)), recipe.Seed);
        var tensors = assembler.Allocate();
        assembler.Fill(0, tensors);
        for (var i = 0; i < tensors.Length; i++) feeds[whole.Inputs[i].Name] = Widened(tensors[i]);
        foreach (var parameter in evaluation.Parameters) feeds[parameter.Name] = Widened(recipe.Weights?.Find(parameter) ?? Initializer.Create(parameter.Name, parameter.Type, parameter.Parameter!, recipe.Seed));
        var results = HostEvaluator.Run(whole, feeds, inDouble: true);
        var (worst, where) = (0.0, "");
        for (var i = 0; i < parameters.Count; i++)
        {
            var random = new PhiloxRandom(recipe.Seed, PhiloxRandom.StreamOf(parameters[i].Name));
            var rule = ElementConversion.LoadReals(results[gradients[i]]);
            for (var probe = 0; probe < Math.Min(Probes, rule.Length); probe++)
            {
                cancellation.ThrowIfCancellationRequested();
                var element = random.NextInteger(rule.Length);
                var difference = (Loss(i, element, Step) - Loss(i, element, -Step)) / (2 * Step);
                var error = Math.Abs(rule[element] - difference) / Math.Max(1e-3, Math.Abs(rule[element]) + Math.Abs(difference));
                if (error > worst) (worst, where) = (error, $"{parameters[i].Name}[{element}]");
            }
        }
        return new SanityFinding("gradients", worst <= GradientTolerance, Text($"the largest difference from central differences is {worst:0.0e+0}{(where.Length > 0 ? $" at {where}" : "")}, relative, over {parameters.Count} parameters"));

        double Loss(int parameter, int element, double change)
        {
            var moved = feeds[parameters[parameter].Name].Clone();
            moved.Values<double>()[element] += change;
            var values = HostEvaluator.Run(evaluation, new Dictionary<string, Tensor>(feeds) { [parameters[parameter].Name] = moved }, inDouble: true);
            return ElementConversion.LoadReals(values[evaluation.Outputs[0].Value])[0];
        }
    }

    private static SourcePart First(Recipe recipe, int count) => SourcePart.Range(recipe.Data.Train.Source, 0, Math.Min(count, recipe.Data.Train.Source.Count));

    private static Graph Model(Recipe recipe, int batch) => recipe.Model.Build(FeedBinding.Bind(recipe.Model, recipe.Bind, recipe.Data, recipe.LearntInputs, batch));

    private static Tensor Widened(Tensor tensor) => tensor.DataType.IsFloat() ? tensor.Cast(DataType.Float64) : tensor;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
