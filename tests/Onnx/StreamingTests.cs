using Google.Protobuf;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Onnx.Wire;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Onnx;

/// <summary>A speech model frame by frame, its state handed on, against the whole sequence as one scan in one plan.</summary>
internal sealed class StreamingTests(string driver) : OnEveryDevice(driver)
{
    private const int Frames = 6;

    [Test]
    public void Frame_by_frame_equals_the_whole_sequence()
    {
        var file = TestData.Require("onnx", "models", "dtln_1", "model.onnx");
        // Magnitudes of a spectrum: positive numbers.
        var spectrum = TestTensors.Reals(1, [Frames, 1, 1, 257], 0, 2);
        var frame = ModelProto.Parser.ParseFrom(File.ReadAllBytes(file));
        var (sound, state) = (frame.Graph.Input[0], frame.Graph.Input[1]);
        var (cleaned, next) = (frame.Graph.Output[0].Name, frame.Graph.Output[1].Name);

        var stepwise = new List<float>();
        var carried = Tensor.Zeros(TensorType.Float(1, 2, 128, 2));
        using (var model = CompiledModel.Load(Device, OnnxModel.Load(file, StandardOperators.Registry)))
        using (var session = model.CreateSession())
            for (var i = 0; i < Frames; i++)
            {
                var results = session.Run(new Dictionary<string, Tensor> { [sound.Name] = Tensor.From(spectrum.ToArray<float>()[(i * 257)..((i + 1) * 257)], 1, 1, 257), [state.Name] = carried });
                stepwise.AddRange(results[cleaned].ToArray<float>());
                carried = results[next];
            }

        using var whole = CompiledModel.Load(Device, OnnxModel.Load(new MemoryStream(Whole(frame).ToByteArray()), StandardOperators.Registry));
        using var wholeSession = whole.CreateSession();
        var all = wholeSession.Run(new Dictionary<string, Tensor> { ["sound"] = spectrum, ["state"] = Tensor.Zeros(TensorType.Float(1, 2, 128, 2)) });
        OperatorTester.Compare(Tensor.From([.. stepwise], Frames, 1, 1, 257), all["cleaned"], 1e-4, 1e-5, "the cleaned spectrum");
        OperatorTester.Compare(carried, all["last"], 1e-4, 1e-5, "the state");
        Assert.That(all["last"].ToArray<float>(), Has.Some.Not.Zero);
    }

    // The frame's graph as the body of a scan: state first, then the frame, as ONNX orders them.
    private static ModelProto Whole(ModelProto frame)
    {
        var body = frame.Graph.Clone();
        (body.Input[0], body.Input[1]) = (body.Input[1].Clone(), body.Input[0].Clone());
        (body.Output[0], body.Output[1]) = (body.Output[1].Clone(), body.Output[0].Clone());
        var graph = new GraphProto { Name = "whole" };
        graph.Input.Add(Models.Declare("state", 1, 1, 2, 128, 2));
        graph.Input.Add(Models.Declare("sound", 1, Frames, 1, 1, 257));
        graph.Output.Add(new ValueInfoProto { Name = "last" });
        graph.Output.Add(new ValueInfoProto { Name = "cleaned" });
        graph.Node.Add(Models.Node("Scan", "state sound", "last cleaned", Models.Body("body", body), Models.Integer("num_scan_inputs", 1)));
        var model = new ModelProto { IrVersion = frame.IrVersion, Graph = graph };
        model.OpsetImport.Add(frame.OpsetImport);
        return model;
    }
}
