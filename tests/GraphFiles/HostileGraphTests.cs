using System.Globalization;
using System.Text;
using Google.Protobuf;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Onnx;

namespace VkNet.Tests.GraphFiles;

/// <summary>Valid models that nobody draws by hand: very deep, very wide, very large in a few bytes. Each is computed, or refused with a diagnostic.</summary>
internal sealed class HostileGraphTests(string driver) : OnEveryDevice(driver)
{
    private const int Many = 10_000;

    private static readonly float[] Input = [0.5f, float.NaN, float.PositiveInfinity, -1f, 3e38f];

    // Soft maxima keep a chain from being fused into few kernels; additions are fused.
    [TestCase("softmax")]
    [TestCase("add_one")]
    public void A_chain_of_ten_thousand_nodes_is_computed(string kind)
    {
        var text = new StringBuilder("version: 1\ninputs: {x: {shape: [5]}}\nnodes:\n  one: {op: constant, values: [1.0]}\n");
        for (var i = 0; i < Many; i++)
        {
            var input = i == 0 ? "x" : $"n{i - 1}";
            text.Append(CultureInfo.InvariantCulture, $"  n{i}: {(kind == "softmax" ? $"{{op: softmax, input: {input}}}" : $"{{op: add, inputs: [{input}, one]}}")}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"outputs: [n{Many - 1}]\n");
        Compare(GraphFile.Parse(text.ToString(), StandardOperators.Registry, "deep.yaml").Build(Bindings.Empty));
    }

    [Test]
    public void An_ONNX_chain_of_ten_thousand_nodes_is_computed()
    {
        var nodes = Enumerable.Range(0, Many).Select(i => Models.Node(i % 2 == 0 ? "Softmax" : "Relu", i == 0 ? "x" : $"n{i - 1}", $"n{i}")).ToArray();
        var graph = Models.Graph("", $"n{Many - 1}", nodes);
        graph.Input.Add(Models.Declare("x", 1, 5));
        Compare(OnnxModel.Load(new MemoryStream(Models.Model(graph).ToByteArray()), StandardOperators.Registry).Build(Bindings.Empty));
    }

    [Test]
    public void One_tensor_read_by_ten_thousand_nodes_and_ten_thousand_inputs_of_one_node_are_computed()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "wide");
        var x = builder.Input("x", TensorType.Float(5));
        var parts = Enumerable.Range(0, Many).Select(i => (Value?)builder.Apply("softmax", AttributeSet.Empty, i % 2 == 0 ? x : builder.Apply("add", null, x, builder.Constant(i)))).ToArray();
        builder.Output("y", builder.Apply("concat", AttributeSet.Empty.With("axis", 0L), parts));
        Compare(builder.Build());
    }

    [Test]
    public void More_elements_than_kernels_can_number_are_refused()
    {
        // A device of the largest limits there are: nothing but the numbering of elements stands in the way.
        var profile = new DeviceProfile { MaxAllocationBytes = long.MaxValue / 2, MaxStorageBufferRange = uint.MaxValue, MaxTexelBufferElements = 1L << 40, MemoryBytes = long.MaxValue / 2 };
        foreach (var sizes in new long[][] { [1L << 31], [50_000, 50_000], [1L << 20, 1, 1L << 12], [3, 1L << 30] })
        {
            var builder = new GraphBuilder(StandardOperators.Registry, "large");
            var x = builder.Input("x", TensorType.Float(1));
            // Expanded, changed and summed: after fusion no tensor of that size would be in memory.
            var large = builder.Apply("expand", AttributeSet.Empty.With("shape", sizes), x);
            builder.Output("y", builder.Apply("reduce_sum", null, builder.Apply("tanh", null, large)));
            var fault = Faults.Expect("VKN4213", () => GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = profile }));
            Assert.That(fault.Kind, Is.EqualTo(ErrorKind.Device));
        }
    }

    [Test]
    public void Operators_of_the_compiler_s_own_cannot_be_named()
    {
        // They trust the sizes they are given, since it was VkNet that gave them.
        foreach (var @operator in StandardOperators.Registry.Operators.Where(o => !o.IsPublic))
        {
            Faults.Expect("VKN1101", () => GraphFile.Parse($"version: 1\ninputs: {{x: {{shape: [5]}}}}\nnodes: {{y: {{op: {@operator.Name}, inputs: [x]}}}}\noutputs: [y]\n", StandardOperators.Registry, "own.yaml"));
            var dense = $"version: 1\ninputs: {{x: {{shape: [1, 5]}}}}\nnodes: {{y: {{op: dense, input: x, units: 2, activation: {@operator.Name}}}}}\noutputs: [y]\n";
            Faults.Expect("VKN1101", () => GraphFile.Parse(dense, StandardOperators.Registry, "own.yaml").Build(Bindings.Empty));
        }
    }

    [Test]
    public void Sizes_that_overflow_anywhere_in_a_node_are_a_diagnostic()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "overflowing");
        var x = builder.Input("x", TensorType.Float(3));
        Faults.Expect("VKN2002", () => builder.Apply("expand", AttributeSet.Empty.With("shape", new[] { long.MaxValue, 3, 3 }), x));
    }

    // The device's results against the host's; NaN and infinities included.
    private void Compare(Graph graph)
    {
        var inputs = new Dictionary<string, Tensor> { ["x"] = Tensor.From(Input, 5) };
        var plan = GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile });
        using var model = CompiledModel.Load(Device, plan);
        using var session = model.CreateSession(slots: 1);
        var values = HostEvaluator.Run(graph, inputs);
        var (name, value) = graph.Outputs[0];
        Ops.OperatorTester.Compare(session.Run(inputs)[name], values[value], 1e-4, 1e-6, graph.Name);
    }
}
