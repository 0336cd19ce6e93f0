using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Training;

namespace VkNet.Tests.Training;

/// <summary>
/// Loss curves of SGD with momentum over fifty steps, against references in double precision that are written out here by hand and share
/// nothing with the library but the initial weights and the batches.
/// </summary>
internal sealed class LossCurveTests(string driver) : OnEveryDevice(driver)
{
    private const int Steps = 50, Batch = 8, Classes = 3;
    private const double Rate = 0.1, Momentum = 0.9, Tolerance = 1e-3;

    [Test]
    public void A_perceptron_of_two_layers()
    {
        const int Inputs = 5, Hidden = 7;
        var model = Model("mlp", [Inputs], (b, x) =>
        {
            var h = b.Apply("tanh", null, b.Apply("dense", null, x, b.Parameter("w1", TensorType.Float(Hidden, Inputs), Normal(0.5)), b.Parameter("b1", TensorType.Float(Hidden), Normal(0.1))));
            return b.Apply("dense", null, h, b.Parameter("w2", TensorType.Float(Classes, Hidden), Normal(0.5)), b.Parameter("b2", TensorType.Float(Classes), Normal(0.1)));
        });
        var reference = new Reference("w1", "b1", "w2", "b2");
        Compare(model, [Inputs], reference, (x, labels, w) =>
        {
            var (w1, b1, w2, b2) = (w["w1"], w["b1"], w["w2"], w["b2"]);
            var gradient = w.ToDictionary(p => p.Key, p => new double[p.Value.Length]);
            double loss = 0;
            for (var n = 0; n < Batch; n++)
            {
                var h = new double[Hidden];
                for (var j = 0; j < Hidden; j++) h[j] = Math.Tanh(b1[j] + Enumerable.Range(0, Inputs).Sum(i => w1[j * Inputs + i] * x[n * Inputs + i]));
                var scores = new double[Classes];
                for (var k = 0; k < Classes; k++) scores[k] = b2[k] + Enumerable.Range(0, Hidden).Sum(j => w2[k * Hidden + j] * h[j]);
                loss += SoftmaxLoss(scores, labels[n], out var ds) / Batch;
                for (var j = 0; j < Hidden; j++)
                {
                    double dh = 0;
                    for (var k = 0; k < Classes; k++)
                    {
                        gradient["w2"][k * Hidden + j] += ds[k] * h[j] / Batch;
                        dh += ds[k] * w2[k * Hidden + j];
                    }
                    var dz = dh * (1 - h[j] * h[j]) / Batch;
                    gradient["b1"][j] += dz;
                    for (var i = 0; i < Inputs; i++) gradient["w1"][j * Inputs + i] += dz * x[n * Inputs + i];
                }
                for (var k = 0; k < Classes; k++) gradient["b2"][k] += ds[k] / Batch;
            }
            return (loss, gradient);
        });
    }

    [Test]
    public void A_convolutional_network()
    {
        const int Side = 6, Filters = 4, Kernel = 3, Out = Side - Kernel + 1, Pooled = Out / 2, Flat = Filters * Pooled * Pooled;
        var model = Model("cnn", [1, Side, Side], (b, x) =>
        {
            var c = b.Apply("tanh", null, b.Apply("conv2d", null, x, b.Parameter("w1", TensorType.Float(Filters, 1, Kernel, Kernel), Normal(0.4)), b.Parameter("b1", TensorType.Float(Filters), Normal(0.1))));
            var p = b.Apply("avg_pool2d", AttributeSet.Empty.With("kernel", new long[] { 2 }).With("stride", new long[] { 2 }), c);
            return b.Apply("dense", null, b.Apply("flatten", null, p), b.Parameter("w2", TensorType.Float(Classes, Flat), Normal(0.4)), b.Parameter("b2", TensorType.Float(Classes), Normal(0.1)));
        });
        Compare(model, [1, Side, Side], new Reference("w1", "b1", "w2", "b2"), (x, labels, w) =>
        {
            var (w1, b1, w2, b2) = (w["w1"], w["b1"], w["w2"], w["b2"]);
            var gradient = w.ToDictionary(p => p.Key, p => new double[p.Value.Length]);
            double loss = 0;
            for (var n = 0; n < Batch; n++)
            {
                var c = new double[Filters, Out, Out];
                var flat = new double[Flat];
                for (var f = 0; f < Filters; f++)
                    for (var r = 0; r < Out; r++)
                        for (var s = 0; s < Out; s++)
                        {
                            var sum = b1[f];
                            for (var i = 0; i < Kernel; i++)
                                for (var j = 0; j < Kernel; j++) sum += w1[(f * Kernel + i) * Kernel + j] * x[(n * Side + r + i) * Side + s + j];
                            c[f, r, s] = Math.Tanh(sum);
                            flat[(f * Pooled + r / 2) * Pooled + s / 2] += c[f, r, s] / 4;
                        }
                var scores = new double[Classes];
                for (var k = 0; k < Classes; k++) scores[k] = b2[k] + Enumerable.Range(0, Flat).Sum(i => w2[k * Flat + i] * flat[i]);
                loss += SoftmaxLoss(scores, labels[n], out var ds) / Batch;
                for (var k = 0; k < Classes; k++)
                {
                    gradient["b2"][k] += ds[k] / Batch;
                    for (var i = 0; i < Flat; i++) gradient["w2"][k * Flat + i] += ds[k] * flat[i] / Batch;
                }
                for (var f = 0; f < Filters; f++)
                    for (var r = 0; r < Out; r++)
                        for (var s = 0; s < Out; s++)
                        {
                            var place = (f * Pooled + r / 2) * Pooled + s / 2;
                            var dz = Enumerable.Range(0, Classes).Sum(k => ds[k] * w2[k * Flat + place]) / 4 * (1 - c[f, r, s] * c[f, r, s]) / Batch;
                            gradient["b1"][f] += dz;
                            for (var i = 0; i < Kernel; i++)
                                for (var j = 0; j < Kernel; j++) gradient["w1"][(f * Kernel + i) * Kernel + j] += dz * x[(n * Side + r + i) * Side + s + j];
                        }
            }
            return (loss, gradient);
        });
    }

    // States go from one batch to the next, gradients go back to the start of the window: truncated back-propagation through time.
    [Test]
    public void An_LSTM_whose_state_is_carried_from_batch_to_batch()
    {
        const int Time = 6, Inputs = 4, Units = 5, Rows = 4 * Units;
        var model = Model("lstm", [Time, Inputs], (b, x) =>
        {
            var (hidden, cell) = (b.State("h", Tensor.Zeros(TensorType.Float(1, Batch, Units))), b.State("c", Tensor.Zeros(TensorType.Float(1, Batch, Units))));
            var outputs = b.Add(StandardOperators.Registry.Get("lstm"), AttributeSet.Empty,
                [x, b.Parameter("w", TensorType.Float(1, Rows, Inputs), Normal(0.5)), b.Parameter("r", TensorType.Float(1, Rows, Units), Normal(0.4)), b.Parameter("b", TensorType.Float(1, 2 * Rows), Normal(0.1)), null, hidden, null, null, null, cell]);
            b.SetState(hidden, outputs[1]);
            b.SetState(cell, outputs[2]);
            var last = b.Apply("reshape", AttributeSet.Empty.With("shape", new long[] { Batch, Units }), outputs[1]);
            return b.Apply("dense", null, last, b.Parameter("v", TensorType.Float(Classes, Units), Normal(0.5)), b.Parameter("a", TensorType.Float(Classes), Normal(0.1)));
        });
        var (before, cellBefore) = (new double[Batch, Units], new double[Batch, Units]);
        Compare(model, [Time, Inputs], new Reference("w", "r", "b", "v", "a"), (x, labels, weights) =>
        {
            var (w, r, bias, v, a) = (weights["w"], weights["r"], weights["b"], weights["v"], weights["a"]);
            var gradient = weights.ToDictionary(p => p.Key, p => new double[p.Value.Length]);
            double loss = 0;
            for (var n = 0; n < Batch; n++)
            {
                // Gates i, o, f and the candidate g; h and c have the state before the first step in front.
                var (gates, h, c) = (new double[Time, 4, Units], new double[Time + 1, Units], new double[Time + 1, Units]);
                for (var j = 0; j < Units; j++) (h[0, j], c[0, j]) = (before[n, j], cellBefore[n, j]);
                for (var t = 0; t < Time; t++)
                    for (var j = 0; j < Units; j++)
                    {
                        for (var k = 0; k < 4; k++)
                        {
                            var row = k * Units + j;
                            var sum = bias[row] + bias[Rows + row];
                            for (var i = 0; i < Inputs; i++) sum += w[row * Inputs + i] * x[(n * Time + t) * Inputs + i];
                            for (var i = 0; i < Units; i++) sum += r[row * Units + i] * h[t, i];
                            gates[t, k, j] = k == 3 ? Math.Tanh(sum) : 1 / (1 + Math.Exp(-sum));
                        }
                        c[t + 1, j] = gates[t, 2, j] * c[t, j] + gates[t, 0, j] * gates[t, 3, j];
                        h[t + 1, j] = gates[t, 1, j] * Math.Tanh(c[t + 1, j]);
                    }
                var scores = new double[Classes];
                for (var k = 0; k < Classes; k++) scores[k] = a[k] + Enumerable.Range(0, Units).Sum(j => v[k * Units + j] * h[Time, j]);
                loss += SoftmaxLoss(scores, labels[n], out var ds) / Batch;
                var (dh, dc) = (new double[Units], new double[Units]);
                for (var k = 0; k < Classes; k++)
                {
                    gradient["a"][k] += ds[k] / Batch;
                    for (var j = 0; j < Units; j++)
                    {
                        gradient["v"][k * Units + j] += ds[k] * h[Time, j] / Batch;
                        dh[j] += ds[k] * v[k * Units + j] / Batch;
                    }
                }
                for (var t = Time - 1; t >= 0; t--)
                {
                    var entering = new double[Rows];
                    for (var j = 0; j < Units; j++)
                    {
                        var (i, o, f, g, squashed) = (gates[t, 0, j], gates[t, 1, j], gates[t, 2, j], gates[t, 3, j], Math.Tanh(c[t + 1, j]));
                        var whole = dc[j] + dh[j] * o * (1 - squashed * squashed);
                        entering[j] = whole * g * i * (1 - i);
                        entering[Units + j] = dh[j] * squashed * o * (1 - o);
                        entering[2 * Units + j] = whole * c[t, j] * f * (1 - f);
                        entering[3 * Units + j] = whole * i * (1 - g * g);
                        dc[j] = whole * f;
                    }
                    Array.Clear(dh);
                    for (var row = 0; row < Rows; row++)
                    {
                        gradient["b"][row] += entering[row];
                        gradient["b"][Rows + row] += entering[row];
                        for (var i = 0; i < Inputs; i++) gradient["w"][row * Inputs + i] += entering[row] * x[(n * Time + t) * Inputs + i];
                        for (var i = 0; i < Units; i++)
                        {
                            gradient["r"][row * Units + i] += entering[row] * h[t, i];
                            dh[i] += entering[row] * r[row * Units + i];
                        }
                    }
                }
                for (var j = 0; j < Units; j++) (before[n, j], cellBefore[n, j]) = (h[Time, j], c[Time, j]);
            }
            return (loss, gradient);
        });
    }

    [Test]
    public void Running_statistics_of_batch_normalisation()
    {
        const int Inputs = 3;
        var model = new ModelDefinition("norm", [new InputDeclaration("x", DataType.Float32, ["N", Inputs])], bindings =>
        {
            var b = new GraphBuilder(StandardOperators.Registry, "norm", bindings);
            var x = b.Input("x", TensorType.Float(bindings.Symbols["N"], Inputs));
            var frozen = new ParameterOptions { Frozen = true };
            var y = b.Apply("batch_norm", AttributeSet.Empty.With("momentum", 0.8), x, b.Parameter("scale", TensorType.Float(Inputs), new ParameterOptions { Initializer = "ones" }),
                b.Parameter("bias", TensorType.Float(Inputs)), b.Parameter("mean", TensorType.Float(Inputs), frozen), b.Parameter("variance", TensorType.Float(Inputs), frozen with { Initializer = "ones" }));
            b.Output("y", y);
            return b.Build();
        });
        var objective = new TrainingObjective
        {
            Loss = c => c.Builder.Apply("reduce_mean", null, c.Builder.Apply("square", null, c["y"])),
            Optimizer = new OptimizerOptions("sgd", 0.01),
        };
        var graph = TrainingGraph.Build(model.Build(Lines.Batch(Batch)), objective);
        Assert.That(graph.Trained, Is.EquivalentTo(new[] { "scale", "bias" }));
        using var session = new TrainingSession(Device, graph, new InitializedWeights(1)) { LearningRate = 0.01 };
        var (mean, variance) = (new double[Inputs], Enumerable.Repeat(1.0, Inputs).ToArray());
        for (var step = 0; step < 5; step++)
        {
            var (x, _) = Data(step, [Inputs]);
            session.Step([Tensor.From(x, Batch, Inputs)]);
            for (var c = 0; c < Inputs; c++)
            {
                var column = Enumerable.Range(0, Batch).Select(n => (double)x[n * Inputs + c]).ToArray();
                var average = column.Average();
                mean[c] = 0.8 * mean[c] + 0.2 * average;
                variance[c] = 0.8 * variance[c] + 0.2 * column.Average(v => (v - average) * (v - average));
            }
            Assert.That(session.Weights.Read("mean").ToArray<float>(), Is.EqualTo(mean).Within(1e-5));
            Assert.That(session.Weights.Read("variance").ToArray<float>(), Is.EqualTo(variance).Within(1e-5));
        }
        // The evaluation normalises with them.
        var carried = session.Weights.Tensors.Select(t => t.Key).ToHashSet();
        var evaluation = TrainingGraph.BuildEvaluation(model.Build(Lines.Batch(1)), objective, carried);
        using var compiled = CompiledModel.Load(Device, GraphCompiler.Compile(evaluation, new CompilerOptions { Profile = Device.Profile }));
        using var reader = compiled.CreateSession(session.Weights);
        var loss = reader.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.From(new float[Inputs], 1, Inputs) })["loss"].Values<float>()[0];
        var (scale, bias) = (session.Weights.Read("scale").ToArray<float>(), session.Weights.Read("bias").ToArray<float>());
        Assert.That(loss, Is.EqualTo(Enumerable.Range(0, Inputs).Average(c => Math.Pow(-mean[c] / Math.Sqrt(variance[c] + 1e-5) * scale[c] + bias[c], 2))).Within(1e-5));
    }

    private static ParameterOptions Normal(double deviation) => new() { Initializer = "normal", InitializerScale = deviation };

    private static ModelDefinition Model(string name, long[] example, Func<GraphBuilder, Value, Value> build) =>
        new(name, [new InputDeclaration("x", DataType.Float32, ["N", .. example.Select(e => (Dimension)e)])], bindings =>
        {
            var builder = new GraphBuilder(StandardOperators.Registry, name, bindings);
            builder.Output("logits", build(builder, builder.Input("x", TensorType.Float([bindings.Symbols["N"], .. example]))));
            return builder.Build();
        });

    private static (float[] X, int[] Labels) Data(int step, long[] example)
    {
        var random = new PhiloxRandom(31, (ulong)step);
        var x = new float[Batch * example.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < x.Length; i++) x[i] = 2 * random.NextUniform() - 1;
        return (x, [.. Enumerable.Range(0, Batch).Select(n => x[n * x.Length / Batch] > 0.3f ? 2 : x[n * x.Length / Batch + 1] > 0 ? 1 : 0)]);
    }

    private static double SoftmaxLoss(double[] scores, int label, out double[] gradient)
    {
        var largest = scores.Max();
        var exponentials = scores.Select(s => Math.Exp(s - largest)).ToArray();
        var sum = exponentials.Sum();
        gradient = [.. exponentials.Select((e, k) => e / sum - (k == label ? 1 : 0))];
        return Math.Log(sum) - (scores[label] - largest);
    }

    private void Compare(ModelDefinition model, long[] example, Reference reference, Func<float[], int[], Dictionary<string, double[]>, (double, Dictionary<string, double[]>)> step)
    {
        var objective = new TrainingObjective
        {
            Loss = c => c.Builder.Apply("softmax_cross_entropy", null, c["logits"], c["labels"]),
            Optimizer = new OptimizerOptions("momentum", Rate) { Attributes = AttributeSet.Empty.With("momentum", Momentum) },
            ExtraInputs = [new("labels", new TensorType(DataType.Int32, [Batch]))],
        };
        var graph = TrainingGraph.Build(model.Build(Lines.Batch(Batch)), objective);
        using var session = new TrainingSession(Device, graph, new InitializedWeights(4)) { LearningRate = Rate };
        reference.Begin(session.Weights);
        for (var i = 0; i < Steps; i++)
        {
            var (x, labels) = Data(i, example);
            var loss = session.Step([Tensor.From(x, [Batch, .. example]), Tensor.From(labels, Batch)]).Loss;
            var (expected, gradient) = step(x, labels, reference.Weights);
            Assert.That(loss, Is.EqualTo(expected).Within(Tolerance * expected), $"step {i}");
            reference.Move(gradient, Rate, Momentum);
        }
    }

    private sealed class Reference(params string[] names)
    {
        private readonly Dictionary<string, double[]> _velocities = [];

        internal Dictionary<string, double[]> Weights { get; } = [];

        internal void Begin(WeightStore store)
        {
            foreach (var name in names)
            {
                Weights[name] = ElementConversion.LoadReals(store.Read(name));
                _velocities[name] = new double[Weights[name].Length];
            }
        }

        internal void Move(Dictionary<string, double[]> gradient, double rate, double momentum)
        {
            foreach (var name in names)
                for (var i = 0; i < Weights[name].Length; i++)
                {
                    _velocities[name][i] = momentum * _velocities[name][i] + gradient[name][i];
                    Weights[name][i] -= rate * _velocities[name][i];
                }
        }
    }
}
