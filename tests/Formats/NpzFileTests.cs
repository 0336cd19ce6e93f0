using System.IO.Compression;
using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

internal sealed class NpzFileTests
{
    // numpy.savez_compressed(a=zeros(100, float32), b=arange(3)), numpy 1.24.
    private const string FromNumpy = "UEsDBBQAAAAIAAAAIQDvuX0bSwAAABACAAAFABQAYS5ucHkBABAAEAIAAAAAAABLAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoYGBjqaOgq1CmQDLoZRMKgAAFBLAwQUAAAACAAAACEA90AS6kwAAACYAAAABQAUAGIubnB5AQAQAJgAAAAAAAAATAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOpo6CrUKFAAuBihghNJMUBoAUEsBAhQDFAAAAAgAAAAhAO+5fRtLAAAAEAIAAAUAAAAAAAAAAAAAAIABAAAAAGEubnB5UEsBAhQDFAAAAAgAAAAhAPdAEupMAAAAmAAAAAUAAAAAAAAAAAAAAIABggAAAGIubnB5UEsFBgAAAAACAAIAZgAAAAUBAAAAAA==";

    [Test]
    public void An_archive_of_numpy_is_read()
    {
        using var folder = new ScratchFolder();
        using var archive = NpzFile.Open(folder.Write("a.npz", Convert.FromBase64String(FromNumpy)));
        Assert.That(archive.Names, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(archive.Read("b").ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2 }));
        Assert.That(archive.Read("a").Type, Is.EqualTo(TensorType.Float(100)));
        var error = Faults.Expect("VKN6108", () => archive.Read("bb"));
        Assert.That(error.Message, Does.Contain("did you mean 'b'?"));
    }

    [Test]
    public void Archives_come_back_as_they_were_saved([Values] bool compress)
    {
        using var folder = new ScratchFolder();
        Dictionary<string, Tensor> tensors = new() { ["w"] = Tensor.From(new[] { 1f, 2f, 3f }), ["block/b"] = Tensor.Scalar(5L) };
        NpzFile.Save(folder["a.npz"], tensors, compress);
        using var archive = NpzFile.Open(folder["a.npz"]);
        Assert.That(archive.Read("w").ToArray<float>(), Is.EqualTo(new[] { 1f, 2f, 3f }));
        Assert.That(archive.Read("block/b").ToArray<long>(), Is.EqualTo(new[] { 5L }));
    }

    [Test]
    public void A_changed_byte_in_a_stored_array_is_noticed()
    {
        using var folder = new ScratchFolder();
        NpzFile.Save(folder["a.npz"], new Dictionary<string, Tensor> { ["w"] = Tensor.From(Enumerable.Range(0, 100).Select(i => (float)i).ToArray()) });
        var bytes = File.ReadAllBytes(folder["a.npz"]);
        bytes[300] ^= 1;
        using var archive = NpzFile.Open(folder.Write("b.npz", bytes));
        Assert.That(Faults.Expect("VKN6107", () => archive.Read("w")).Message, Does.Contain("CRC"));
    }

    [Test]
    public void Cut_and_mangled_archives_never_get_through_unnoticed()
    {
        using var folder = new ScratchFolder();
        var whole = Convert.FromBase64String(FromNumpy);
        for (var length = 0; length < whole.Length; length += 5)
        {
            var path = folder.Write("cut.npz", whole[..length]);
            Faults.Expect("VKN6107", () => NpzFile.Open(path).Dispose());
        }
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var bytes = (byte[])whole.Clone();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var path = folder.Write("mangled.npz", bytes);
            try
            {
                using var archive = NpzFile.Open(path);
                foreach (var name in archive.Names) archive.Read(name);
            }
            catch (VkNetException e)
            {
                Assert.That(e.Diagnostic.Code, Does.Match("^VKN6(0|1)"));
            }
        }
    }

    [Test]
    public void A_decompression_bomb_is_refused_before_it_is_unpacked()
    {
        using var folder = new ScratchFolder();
        NpzFile.Save(folder["a.npz"], new Dictionary<string, Tensor> { ["w"] = Tensor.Zeros(DataType.UInt8, [100_000]) }, compress: true);
        var bytes = File.ReadAllBytes(folder["a.npz"]);
        // The uncompressed length in the central directory: 24 bytes into its record, which starts with PK 01 02.
        var record = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[(byte)'P', (byte)'K', 1, 2]);
        BitConverter.TryWriteBytes(bytes.AsSpan(record + 24), 0xF0000000u);
        using var archive = NpzFile.Open(folder.Write("bomb.npz", bytes));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Faults.Expect("VKN6109", () => archive.Read("w"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
    }

    [Test]
    public void An_array_held_twice_is_refused()
    {
        using var folder = new ScratchFolder();
        using (var archive = ZipFile.Open(folder["a.npz"], ZipArchiveMode.Create))
        {
            archive.CreateEntry("w.npy");
            archive.CreateEntry("w.npy");
        }
        Faults.Expect("VKN6107", () => NpzFile.Open(folder["a.npz"]).Dispose());
    }

    [Test]
    public void A_closed_archive_says_so()
    {
        using var folder = new ScratchFolder();
        var archive = NpzFile.Open(folder.Write("a.npz", Convert.FromBase64String(FromNumpy)));
        archive.Dispose();
        Assert.That(() => archive.Read("a"), Throws.InstanceOf<ObjectDisposedException>());
    }
}
