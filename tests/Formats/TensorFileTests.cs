using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

internal sealed class TensorFileTests
{
    [TestCase("a.npy")]
    [TestCase("a.npz")]
    [TestCase("a.safetensors")]
    [TestCase("a.idx")]
    [TestCase("a.idx.gz")]
    [TestCase("a.raw")]
    public void Every_format_is_found_by_name_or_content(string name)
    {
        using var folder = new ScratchFolder();
        var tensor = Tensor.From([1f, 2f, 3f], 1, 3);
        TensorFile.Save(folder[name], tensor);
        Assert.That(TensorFile.Load(folder[name], rawType: tensor.Type).ToArray<float>(), Is.EqualTo(new[] { 1f, 2f, 3f }));
    }

    [Test]
    public void Content_decides_over_a_wrong_name()
    {
        using var folder = new ScratchFolder();
        NpyFile.Save(folder["a.dat"], Tensor.Scalar(5f));
        Assert.That(TensorFile.Load(folder["a.dat"]).ToArray<float>(), Is.EqualTo(new[] { 5f }));
    }

    [Test]
    public void One_of_several_tensors_must_be_named()
    {
        using var folder = new ScratchFolder();
        SafetensorsFile.Save(folder["a.safetensors"], new Dictionary<string, Tensor> { ["image"] = Tensor.Scalar(1f), ["label"] = Tensor.Scalar(2f) });
        Assert.That(TensorFile.Load(folder["a.safetensors"], "label").ToArray<float>(), Is.EqualTo(new[] { 2f }));
        Assert.That(Faults.Expect("VKN6007", () => TensorFile.Load(folder["a.safetensors"], "imag")).Message, Does.Contain("did you mean 'image'?"));
        Faults.Expect("VKN6007", () => TensorFile.Load(folder["a.safetensors"]));
    }

    [Test]
    public void Unknown_kinds_are_refused()
    {
        using var folder = new ScratchFolder();
        Faults.Expect("VKN6007", () => TensorFile.Load(folder.Write("a.dat", [1, 2, 3, 4])));
        Faults.Expect("VKN6007", () => TensorFile.Save(folder["a.tiff"], Tensor.Scalar(1f)));
        Faults.Expect("VKN6001", () => TensorFile.Load(folder["none.npy"]));
        TensorFile.Save(folder["a.png"], Tensor.From([0f, 1f], 1, 1, 1, 2));
        Assert.That(PictureFile.Load(folder["a.png"]).Bytes.ToArray(), Is.EqualTo(new byte[] { 0, 255 }));
    }
}
