using VkNet.Compilation;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Examples;

/// <summary>The networks under examples/networks have the sizes that their papers and their usual implementations have.</summary>
internal sealed class NetworkTests(string driver) : OnEveryDevice(driver)
{
    // Learned numbers, and the running statistics of batch normalisation.
    [TestCase("lenet5", 61_706, 0, "[1, 10]")]
    [TestCase("alexnet", 60_965_224, 0, "[1, 1000]")]
    [TestCase("vgg16", 138_357_544, 0, "[1, 1000]")]
    [TestCase("googlenet", 6_998_552, 0, "[1, 1000]")]
    [TestCase("resnet18", 11_689_512, 9_600, "[1, 1000]")]
    [TestCase("resnet50", 25_557_032, 53_120, "[1, 1000]")]
    [TestCase("squeezenet", 1_235_496, 0, "[1, 1000]")]
    [TestCase("mobilenet_v2", 3_504_872, 34_112, "[1, 1000]")]
    [TestCase("unet", 31_030_658, 0, "[1, 2, 388, 388]")]
    [TestCase("lstm_lm", 19_780_400, 0, "[1, 1, 10000]")]
    [TestCase("transformer", 17_730_560, 0, "[1, 1, 512]")]
    [TestCase("decoder", 3_027_200, 0, "[1, 1, 1000]")]
    public void They_have_the_known_number_of_parameters(string name, long learned, long running, string output)
    {
        var graph = ExampleFiles.Graph("networks", name + ".yaml").Build(new Bindings { OpenSymbols = 1 });
        Assert.Multiple(() =>
        {
            Assert.That(graph.Parameters.Where(p => !p.Parameter!.Frozen).Sum(p => p.Shape.ElementCount), Is.EqualTo(learned));
            Assert.That(graph.Parameters.Where(p => p.Parameter!.Frozen).Sum(p => p.Shape.ElementCount), Is.EqualTo(running));
            Assert.That(graph.Outputs.Single().Value.Shape.ToString(), Is.EqualTo(output));
        });
    }

    [TestCase("lenet5")]
    [TestCase("squeezenet")]
    public void They_compute_what_the_host_computes(string name)
    {
        var model = ExampleFiles.Graph("networks", name + ".yaml");
        var (channels, size) = ((int)model.Inputs[0].Dimensions[1].Size!, (int)model.Inputs[0].Dimensions[2].Size!);
        var inputs = new Dictionary<string, Tensor> { ["image"] = PictureTensor.FromPicture(ExampleFiles.Picture("landscape.png"), channels, size, size) };
        var graph = model.BuildFor(inputs);
        var weights = new InitializedWeights(1, TensorWeights.Empty);
        var values = graph.Parameters.ToDictionary(p => p.Name, p => weights.Find(p)!);
        values["image"] = inputs["image"];
        var expected = HostEvaluator.Run(graph, values)[graph.Outputs[0].Value];
        using var compiled = CompiledModel.Load(Device, GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile }), weights);
        using var session = compiled.CreateSession();
        OperatorTester.Compare(session.Run(inputs)["logits"], expected, 1e-4, 1e-5, name);
    }
}
