using VkNet.Formats;
using VkNet.Hosting;
using VkNet.Tensors;

namespace EmbeddingWeb;

/// <summary>Names the digit of a picture. Requests that come at the same time go through the network as one batch.</summary>
/// <param name="network">f32 [N, 1, 28, 28], white on black, to logits [N, 10].</param>
internal sealed class DigitClassifier([FromKeyedServices(DigitApplication.ModelName)] IVkNetModel network) : IDisposable
{
    private const int Side = 28;

    // A large picture takes a lot of memory while it is unpacked: no more of them at once than there are cores to do it.
    private readonly SemaphoreSlim _decoders = new(Environment.ProcessorCount);

    /// <summary>Classifies the content of a picture file.</summary>
    /// <exception cref="VkNet.VkNetException">VKN65xx: it is no picture, or not a good one; VKN4xxx: the device fails.</exception>
    internal async Task<DigitAnswer> ClassifyAsync(byte[] content, CancellationToken cancellation)
    {
        var image = await DecodeAsync(content, cancellation);
        var outputs = await network.RunAsync(new Dictionary<string, Tensor> { ["image"] = image }, cancellation);
        return DigitAnswer.FromLogits(outputs["logits"].ToArray<float>());
    }

    /// <summary>Runs nothing in particular, one picture, to see whether the network works.</summary>
    internal Task ProbeAsync(CancellationToken cancellation) => RunBlankAsync(1, cancellation);

    /// <summary>Runs every batch size once: the batcher fills batches up to powers of two.</summary>
    internal async Task WarmUpAsync()
    {
        for (var rows = 1; rows <= DigitApplication.MaximumBatch; rows *= 2) await RunBlankAsync(rows, CancellationToken.None);
    }

    public void Dispose() => _decoders.Dispose();

    private Task RunBlankAsync(int rows, CancellationToken cancellation) =>
        network.RunAsync(new Dictionary<string, Tensor> { ["image"] = Tensor.Zeros(DataType.Float32, [rows, 1, Side, Side]) }, cancellation);

    private async Task<Tensor> DecodeAsync(byte[] content, CancellationToken cancellation)
    {
        await _decoders.WaitAsync(cancellation);
        try
        {
            using var stream = new MemoryStream(content);
            // What is transparent is paper.
            var image = PictureTensor.FromPicture(PictureFile.Load(stream, "the upload").OnBackground(1), channels: 1, height: Side, width: Side);
            MakeWhiteOnBlack(image.Values<float>());
            return image;
        }
        finally
        {
            _decoders.Release();
        }
    }

    // The network knows white digits on black; on paper they are dark on light, which shows at the edges.
    private static void MakeWhiteOnBlack(Span<float> pixels)
    {
        var edges = 0f;
        for (var i = 0; i < Side; i++)
            edges += pixels[i] + pixels[^(i + 1)] + pixels[i * Side] + pixels[(i * Side) + Side - 1];
        if (edges <= 2 * Side) return;
        foreach (ref var pixel in pixels) pixel = 1 - pixel;
    }
}
