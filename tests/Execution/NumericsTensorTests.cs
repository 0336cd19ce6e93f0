using System.Numerics.Tensors;
using VkNet.Tensors;
using Tensor = VkNet.Tensors.Tensor;

namespace VkNet.Tests.Execution;

/// <summary>Between VkNet's tensors and those of System.Numerics.Tensors.</summary>
internal sealed class NumericsTensorTests
{
    [Test]
    public void They_look_at_the_same_elements()
    {
        var tensor = Tensor.From([1f, 2, 3, 4, 5, 6], 2, 3);
        var span = tensor.AsTensorSpan<float>();
        var other = tensor.AsTensor<float>();
        span[1, 0] = 40;
        other[0, 2] = 30;
        Assert.That(tensor.ToArray<float>(), Is.EqualTo(new float[] { 1, 2, 30, 40, 5, 6 }));
        Assert.That(other.Lengths.ToArray(), Is.EqualTo(new nint[] { 2, 3 }));
    }

    [Test]
    public void Any_strides_are_copied()
    {
        var source = System.Numerics.Tensors.Tensor.Create(Enumerable.Range(0, 12).Select(i => (float)i).ToArray(), [3, 4]);
        var whole = Tensor.From<float>(source);
        Assert.That((whole.Shape, whole.ToArray<float>()), Is.EqualTo((new Shape(3, 4), Enumerable.Range(0, 12).Select(i => (float)i).ToArray())));
        var part = Tensor.From<float>(source.Slice([1..3, 1..4]));
        Assert.That((part.Shape, part.ToArray<float>()), Is.EqualTo((new Shape(2, 3), new float[] { 5, 6, 7, 9, 10, 11 })));
    }

    [Test]
    public void Scalars_and_empty_tensors_have_their_counts()
    {
        Assert.That(Tensor.Scalar(3f).AsTensorSpan<float>()[0], Is.EqualTo(3));
        Assert.That(Tensor.Zeros(DataType.Int32, [0, 4]).AsTensorSpan<int>().FlattenedLength, Is.EqualTo((nint)0));
        Assert.That(() => Tensor.Scalar(3f).AsTensor<int>(), Throws.TypeOf<InvalidOperationException>());
    }
}
