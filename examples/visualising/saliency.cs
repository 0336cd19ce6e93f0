#:project ../../engine/VkNet.Engine.csproj
#:project ../../ops/VkNet.Ops.csproj
#:project ../../ops/Onnx/VkNet.Onnx.csproj
#:property PublishAot=false
#:property GenerateDocumentationFile=false

// What in a picture a classifier goes by: a sheet of the picture and four maps beside it, bright where it matters.
//
//   dotnet run examples/visualising/saliency.cs GRAPH.yaml|MODEL.onnx PICTURE OUT.png [PREPROCESSING [CLASS]]
//
// PREPROCESSING is that of `vknet run --preprocess`: unit, byte, imagenet, or range=255,order=bgr,mean=...; CLASS the likeliest when left out.
//
//   gradient    how fast the class's score moves with each pixel, the largest over the channels (Simonyan et al., 2014)
//   guided      the same, passing through each ReLU only what is positive (Springenberg et al., 2015)
//   Grad-CAM    the last feature maps, weighted by how they move the score (Selvaraju et al., 2017)
//   occlusion   how far the score falls when a grey patch covers the place (Zeiler and Fergus, 2014)

using System.Globalization;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Operators;
using VkNet.Tensors;

if (args.Length is < 3 or > 5)
{
    Console.Error.WriteLine("GRAPH.yaml|MODEL.onnx PICTURE OUT.png [PREPROCESSING [CLASS]]");
    return 1;
}
var registry = StandardOperators.Registry;
var network = args[0].EndsWith(".onnx", StringComparison.Ordinal) ? OnnxModel.Load(args[0], registry) : GraphFile.Load(args[0], registry);
IWeightSource? weights = network.WeightsFile is { } file ? new TensorWeights(SafetensorsFile.Load(file)) : null;
using var device = ComputeDevice.Open();

// The picture, the scores before softmax, and the last feature maps.
var graph = network.Build(new Bindings { OpenSymbols = 1 });
var builder = new GraphBuilder(registry, graph);
var image = graph.Inputs[0];
var (channels, height, width) = ((int)image.Shape[1], (int)image.Shape[2], (int)image.Shape[3]);
var output = graph.Outputs[0].Value;
var scores = output.Producer is { Operator.Name: "softmax" } softmax ? softmax.Inputs[0]! : output;
var features = graph.Nodes.SelectMany(n => n.Outputs).Last(v => v.Shape.Rank == 4 && v.Shape[2] * v.Shape[3] > 1);
var picture = PictureTensor.FromPicture(PictureFile.Load(args[1]), channels, height, width, PicturePreprocessing.Parse(args.Length > 3 ? args[3] : "unit"));

// The class's score is a product of all scores with a vector that is one at the class, an input.
var chosen = builder.Input("chosen", scores.Type);
var score = builder.Apply("reduce_sum", null, builder.Apply("mul", null, scores, chosen));
var gradients = Gradients.Of(builder, score, [image, features]);
var guided = Gradients.Of(builder, score, [image], Gradients.GuidedRelu)[0];
Value Largest(Value gradient) => builder.Apply("reduce_max", AttributeSet.Empty.With("axes", new[] { 1L }), builder.Apply("abs", null, gradient));
var weight = builder.Apply("reduce_mean", AttributeSet.Empty.With("axes", new[] { 2L, 3L }).With("keep_dims", true), gradients[1]);
var weighed = builder.Apply("reduce_sum", AttributeSet.Empty.With("axes", new[] { 1L }).With("keep_dims", true), builder.Apply("mul", null, features, weight));
builder.Output("gradient", Largest(gradients[0]));
builder.Output("guided", Largest(guided));
builder.Output("cam", builder.Apply("relu", null, weighed));

// Which class: the one asked for, or the likeliest.
using var classifier = CompiledModel.Load(device, network, new Bindings { OpenSymbols = 1 }, weights);
using var classify = classifier.CreateSession();
float[] Scores(Tensor shown) => classify.Run(new Dictionary<string, Tensor> { [image.Name] = shown })[graph.Outputs[0].Key].ToArray<float>();
var seen = Scores(picture);
var number = args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : Array.IndexOf(seen, seen.Max());
var one = Tensor.Zeros(scores.Type);
one.Values<float>()[number] = 1;

using var model = CompiledModel.Load(device, GraphCompiler.Compile(builder.Build(), new CompilerOptions { Profile = device.Profile }), weights);
using var session = model.CreateSession();
var maps = session.Run(new Dictionary<string, Tensor> { [image.Name] = picture, ["chosen"] = one });

// Patches of a quarter of the side, a sixteenth apart; each place remembers the fall of the patches that covered it.
var (patch, step) = (Math.Max(1, Math.Min(height, width) / 4), Math.Max(1, Math.Min(height, width) / 16));
var (fall, covered) = (new float[height * width], new int[height * width]);
var mean = picture.ToArray<float>().Average();
for (var top = -patch / 2; top < height - patch / 2; top += step)
    for (var left = -patch / 2; left < width - patch / 2; left += step)
    {
        var places = (from y in Enumerable.Range(Math.Max(0, top), Math.Min(height, top + patch) - Math.Max(0, top))
                      from x in Enumerable.Range(Math.Max(0, left), Math.Min(width, left + patch) - Math.Max(0, left))
                      select y * width + x).ToArray();
        var hidden = Tensor.From(picture.Type, picture.ToArray<float>());
        foreach (var place in places)
            for (var c = 0; c < channels; c++) hidden.Values<float>()[c * height * width + place] = mean;
        var lost = seen[number] - Scores(hidden)[number];
        foreach (var place in places) (fall[place], covered[place]) = (fall[place] + lost, covered[place] + 1);
    }
for (var i = 0; i < fall.Length; i++) fall[i] = Math.Max(0, fall[i] / Math.Max(1, covered[i]));

// The sheet: five tiles side by side, each brought to its own range.
var scale = Math.Max(1, 140 / width);
var brightness = Enumerable.Range(0, height * width).Select(i => Enumerable.Range(0, channels).Average(c => picture.Values<float>()[c * height * width + i])).ToArray();
(float[] Values, int Height, int Width)[] tiles =
[
    (brightness, height, width), (maps["gradient"].ToArray<float>(), height, width), (maps["guided"].ToArray<float>(), height, width),
    (maps["cam"].ToArray<float>(), (int)features.Shape[2], (int)features.Shape[3]), (fall, height, width),
];
var sheet = new byte[height * scale * tiles.Length * width * scale];
for (var t = 0; t < tiles.Length; t++)
{
    var (values, rows, columns) = tiles[t];
    var (least, most) = (values.Min(), values.Max());
    for (var y = 0; y < height * scale; y++)
        for (var x = 0; x < width * scale; x++)
            sheet[(y * tiles.Length + t) * width * scale + x] = (byte)(255 * (values[y * rows / (height * scale) * columns + x * columns / (width * scale)] - least) / Math.Max(most - least, 1e-12f));
}
PictureFile.Save(args[2], new Picture(width * scale * tiles.Length, height * scale, 1, sheet));
Console.WriteLine($"class {number}, score {seen[number]:g4}; {args[2]}: the picture, gradient, guided, Grad-CAM ({features.Name}), occlusion");
return 0;
