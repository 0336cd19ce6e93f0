using VkNet.Tensors;

namespace VkNet.Tests.Ops;

/// <summary>Makes tensors for operator tests, the same ones in every run.</summary>
internal static class TestTensors
{
    /// <summary>Reals spread evenly over an interval.</summary>
    internal static Tensor Reals(int seed, Shape shape, double low = -2, double high = 2)
    {
        var random = new Random(seed);
        var values = new float[shape.ElementCount];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(low + (high - low) * random.NextDouble());
        return Tensor.From(new TensorType(DataType.Float32, shape), values);
    }

    /// <summary>Reals at least <paramref name="gap"/> away from all whole multiples of a half, so that kinks and jumps there are not hit.</summary>
    internal static Tensor Smooth(int seed, Shape shape, double low = -2, double high = 2, double gap = 0.05)
    {
        var tensor = Reals(seed, shape, low, high);
        foreach (ref var value in tensor.Values<float>())
        {
            var nearest = Math.Round(value * 2) / 2;
            if (Math.Abs(value - nearest) < gap) value = (float)(nearest + (value >= nearest ? gap : -gap));
        }
        return tensor;
    }

    /// <summary>Reals from a list, repeated.</summary>
    internal static Tensor Repeat(Shape shape, params ReadOnlySpan<float> values)
    {
        var result = new float[shape.ElementCount];
        for (var i = 0; i < result.Length; i++) result[i] = values[i % values.Length];
        return Tensor.From(new TensorType(DataType.Float32, shape), result);
    }

    /// <summary>Whole numbers from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    internal static Tensor Integers(int seed, DataType type, Shape shape, long low, long high)
    {
        var random = new Random(seed);
        var tensor = Tensor.Zeros(type, shape);
        var values = new long[tensor.Count];
        for (var i = 0; i < values.Length; i++) values[i] = random.NextInt64(low, high + 1);
        ElementConversion.StoreIntegers(tensor, values);
        return tensor;
    }

    /// <summary>Truth values.</summary>
    internal static Tensor Truths(int seed, Shape shape) => Integers(seed, DataType.Bool, shape, 0, 1);
}
