using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

internal sealed class RawFileTests
{
    [Test]
    public void Elements_come_back_and_truth_values_are_0_or_1()
    {
        using var folder = new ScratchFolder();
        RawFile.Save(folder["a"], Tensor.From(new[] { 1.5f, -2f }));
        Assert.That(RawFile.Load(folder["a"], TensorType.Float(1, 2)).ToArray<float>(), Is.EqualTo(new[] { 1.5f, -2f }));
        var truth = RawFile.Load(folder.Write("b", [0, 1, 255]), new TensorType(DataType.Bool, [3]));
        Assert.That(truth.Bytes().ToArray(), Is.EqualTo(new byte[] { 0, 1, 1 }));
    }

    [Test]
    public void A_wrong_length_is_refused()
    {
        using var folder = new ScratchFolder();
        var path = folder.Write("a", new byte[7]);
        Faults.Expect("VKN6401", () => RawFile.Load(path, TensorType.Float(2)));
        Faults.Expect("VKN6401", () => RawFile.Load(path, TensorType.Float(1)));
        Faults.Expect("VKN6005", () => RawFile.Load(path, TensorType.Float(1L << 40)));
    }
}
