using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

using var device = ComputeDevice.Open();
var network = GraphFile.Load(args[0], StandardOperators.Registry);
var weights = new TensorWeights(SafetensorsFile.Load(network.WeightsFile!));    // or new InitializedWeights(seed: 1)
using var model = CompiledModel.Load(device, network, new Bindings { OpenSymbols = 1 }, weights);
using var session = model.CreateSession();

var picture = PictureTensor.FromPicture(PictureFile.Load(args[1]), channels: 1, height: 28, width: 28);
var scores = session.Run(new Dictionary<string, Tensor> { ["image"] = picture })["logits"].ToArray<float>();
Console.WriteLine($"class {Array.IndexOf(scores, scores.Max())} on {device.Profile.Name}");
