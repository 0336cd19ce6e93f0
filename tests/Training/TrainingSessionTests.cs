using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Training;

namespace VkNet.Tests.Training;

internal sealed class TrainingSessionTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void A_line_is_fitted()
    {
        var graph = TrainingGraph.Build(Lines.Model().Build(Lines.Batch(8)), Lines.Objective(new OptimizerOptions("momentum", 0.1)));
        Assert.That(graph.Trained, Is.EqualTo(new[] { "slope", "offset" }));
        using var session = new TrainingSession(Device, graph, new InitializedWeights(1)) { LearningRate = 0.1 };
        Assert.That(HazardChecker.Check(session.Plan), Is.Empty);
        float first = 0, last = 0;
        for (var step = 0; step < 200; step++)
        {
            var result = session.Step(Lines.Data(step, 8));
            if (step == 0) first = result.Loss;
            last = result.Loss;
            Assert.That(result.Metric(0), Is.GreaterThanOrEqualTo(0));
        }
        Assert.That(first, Is.GreaterThan(1));
        Assert.That(last, Is.LessThan(1e-6));
        Assert.That(session.Weights.Read("slope").Values<float>()[0], Is.EqualTo(3).Within(1e-3));
        Assert.That(session.Weights.Read("offset").Values<float>()[0], Is.EqualTo(-0.5).Within(1e-3));
        Assert.That(session.StepCount, Is.EqualTo(200));
    }

    [Test]
    public void Steps_in_flight_give_the_same_bits_as_one_by_one()
    {
        var graph = TrainingGraph.Build(Lines.Model().Build(Lines.Batch(8)), Lines.Objective(new OptimizerOptions("adam", 0.01)));
        var losses = new List<float>[2];
        for (var way = 0; way < 2; way++)
        {
            using var session = new TrainingSession(Device, graph, new InitializedWeights(1)) { LearningRate = 0.01 };
            losses[way] = [];
            for (var step = 0; step < 20; step++)
            {
                session.Submit([.. Lines.Data(step, 8).Values]);
                if (way == 0 || !session.CanSubmit) losses[way].Add(session.Complete().Loss);
            }
            while (session.InFlight > 0) losses[way].Add(session.Complete().Loss);
        }
        Assert.That(losses[1], Is.EqualTo(losses[0]));
    }

    [Test]
    public void An_evaluation_of_another_batch_size_reads_the_weights_being_trained()
    {
        var objective = Lines.Objective(new OptimizerOptions("sgd", 0.1));
        var graph = TrainingGraph.Build(Lines.Model().Build(Lines.Batch(8)), objective);
        using var session = new TrainingSession(Device, graph, new InitializedWeights(1)) { LearningRate = 0.1 };
        var carried = session.Weights.Tensors.Select(t => t.Key).ToHashSet();
        var evaluation = TrainingGraph.BuildEvaluation(Lines.Model().Build(Lines.Batch(5)), Lines.Objective(new OptimizerOptions("sgd", 0.1), 5), carried);
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(evaluation, new CompilerOptions { Profile = Device.Profile }));
        using var reader = model.CreateSession(session.Weights);
        for (var step = 0; step < 30; step++)
        {
            var loss = reader.Run(Lines.Data(1000, 5))["loss"].Values<float>()[0];
            var (slope, offset) = (session.Weights.Read("slope").Values<float>()[0], session.Weights.Read("offset").Values<float>()[0]);
            var x = Lines.Data(1000, 5)["x"].ToArray<float>();
            Assert.That(loss, Is.EqualTo(x.Average(v => Math.Pow((slope - 3) * v + offset + 0.5, 2))).Within(1e-4));
            session.Step(Lines.Data(step, 8));
        }
    }

    [Test]
    public void A_loss_that_is_not_finite_leaves_the_weights_alone()
    {
        var graph = TrainingGraph.Build(Lines.Model().Build(Lines.Batch(8)), Lines.Objective(new OptimizerOptions("adam", 0.1)));
        using var session = new TrainingSession(Device, graph, new InitializedWeights(1)) { LearningRate = 0.1 };
        session.Step(Lines.Data(1, 8));
        var before = session.Weights.Tensors.ToDictionary(t => t.Key, t => session.Weights.Read(t.Key).ToArray<float>());
        var bad = Lines.Data(2, 8);
        bad["x"].Values<float>()[3] = float.NaN;
        Assert.That(session.Step(bad).Loss, Is.NaN);
        foreach (var (name, values) in before) Assert.That(session.Weights.Read(name).ToArray<float>(), Is.EqualTo(values), name);
        Assert.That(session.Step(Lines.Data(3, 8)).Loss, Is.Not.NaN);
    }

    [Test]
    public void A_running_average_of_the_weights_is_kept()
    {
        var graph = TrainingGraph.Build(Lines.Model().Build(Lines.Batch(8)), Lines.Objective(new OptimizerOptions("sgd", 0.1) { AverageDecay = 0.75 }));
        using var session = new TrainingSession(Device, graph, new InitializedWeights(1)) { LearningRate = 0.1 };
        double average = session.Weights.Read("slope").Values<float>()[0];
        Assert.That(session.Weights.Read("slope/kept").Values<float>()[0], Is.EqualTo(average));
        for (var step = 0; step < 5; step++)
        {
            session.Step(Lines.Data(step, 8));
            average = 0.75 * average + 0.25 * session.Weights.Read("slope").Values<float>()[0];
            Assert.That(session.Weights.Read("slope/kept").Values<float>()[0], Is.EqualTo(average).Within(1e-5));
        }
    }
}
