using System.Buffers.Binary;
using System.Text;
using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

/// <summary>Files with a few bytes changed, cut, doubled or made extreme: every reader gives a value or a diagnostic, nothing else.</summary>
internal sealed class ReaderMutationTests
{
    private const int Mutations = 2000;

    public static IEnumerable<TestCaseData> Readers()
    {
        var picture = new Picture(9, 7, 3, Enumerable.Range(0, 189).Select(i => (byte)(i * i)).ToArray());
        yield return Case("npy", Saved("a.npy", p => NpyFile.Save(p, Tensor.From(new float[12], 3, 4))), NpyFile.Load);
        yield return Case("npz", Saved("a.npz", p => NpzFile.Save(p, [new("w", Tensor.From(new float[100]))], compress: true)), path =>
        {
            using var archive = NpzFile.Open(path);
            foreach (var name in archive.Names) archive.Read(name);
        });
        yield return Case("safetensors", Saved("a.safetensors", p => SafetensorsFile.Save(p, [new("w", Tensor.From(new float[3])), new("b", Tensor.Scalar(1L))])), SafetensorsFile.Load);
        yield return Case("idx", Saved("a.idx", p => IdxFile.Save(p, Tensor.From(new int[6], 2, 3))), IdxFile.Load);
        yield return Case("idx.gz", Saved("a.idx.gz", p => IdxFile.Save(p, Tensor.From(new byte[600], 20, 30))), IdxFile.Load);
        yield return Case("png", Saved("a.png", p => PictureFile.Save(p, picture)), PictureFile.Load);
        yield return Case("ppm", Saved("a.ppm", p => PictureFile.Save(p, picture)), PictureFile.Load);
        yield return Case("ppm as text", Encoding.ASCII.GetBytes("P3 # text\n2 2 255\n1 2 3 4 5 6 7 8 9 10 11 12\n"), PictureFile.Load);
    }

    [TestCaseSource(nameof(Readers))]
    public void Mutated_files_give_a_value_or_a_diagnostic(byte[] seed, Action<string> read) => Try(seed, read, Mutations, mend: false);

    [Test]
    public void Mutated_png_chunks_with_mended_check_sums_give_a_value_or_a_diagnostic()
    {
        var picture = new Picture(9, 7, 4, Enumerable.Range(0, 252).Select(i => (ushort)(i * i)).ToArray());
        Try(Saved("a.png", p => PictureFile.Save(p, picture)), path => PictureFile.Load(path), Mutations, mend: true);
    }

    [Test]
    public void Mutated_photographs_give_a_value_or_a_diagnostic()
    {
        if (TurboJpeg.Library is null) Assert.Ignore("libturbojpeg is not installed");
        Try(File.ReadAllBytes(TestData.Require("photos", "winml_cat.jpg")), path => PictureFile.Load(path), 60, mend: false);
    }

    private static void Try(byte[] seed, Action<string> read, int count, bool mend)
    {
        using var folder = new ScratchFolder();
        var random = new Random(20);
        var refused = 0;
        for (var i = 0; i < count; i++)
        {
            var content = Mutate(seed, random);
            if (mend) MendCheckSums(content);
            var path = folder.Write("mutated", content);
            try
            {
                read(path);
            }
            catch (VkNetException e)
            {
                Assert.That(e.Diagnostic.Code, Does.StartWith("VKN6"), e.Message);
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"mutation {i}: {e}\n{Convert.ToBase64String(content)}");
            }
        }
        Assert.That(refused, Is.GreaterThan(count / 20), "most mutations do harm");
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var content = new List<byte>(seed);
        byte[] extremes = [0, 1, 0x7F, 0x80, 0xFF, (byte)'9', (byte)'-', (byte)'{'];
        for (var changes = random.Next(1, 4); changes > 0 && content.Count > 0; changes--)
        {
            // Headers stand at the start: half of the changes go there.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(64, content.Count) : content.Count);
            switch (random.Next(6))
            {
                case 0: content[at] = (byte)random.Next(256); break;
                case 1: content[at] = extremes[random.Next(extremes.Length)]; break;
                case 2: content[at] ^= (byte)(1 << random.Next(8)); break;
                case 3: content.RemoveRange(at, Math.Min(random.Next(1, 9), content.Count - at)); break;
                case 4: content.InsertRange(at, content.GetRange(at, Math.Min(random.Next(1, 9), content.Count - at))); break;
                default: content.RemoveRange(at, random.Next(4) == 0 ? content.Count - at : 0); break;
            }
        }
        return [.. content];
    }

    // Rewrites the CRC of every chunk that can still be found, so that the mutation reaches what lies behind that check.
    private static void MendCheckSums(byte[] content)
    {
        for (var at = 8; at + 12 <= content.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(at));
            if (length > content.Length - at - 12) return;
            var crc = Crc32.Of(content.AsSpan(at + 4, 4 + (int)length));
            BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(at + 8 + (int)length), crc);
            at += 12 + (int)length;
        }
    }

    private static byte[] Saved(string name, Action<string> save)
    {
        using var folder = new ScratchFolder();
        save(folder[name]);
        return File.ReadAllBytes(folder[name]);
    }

    private static TestCaseData Case<T>(string name, byte[] seed, Func<string, T> read) => Case(name, seed, path => { read(path); });

    private static TestCaseData Case(string name, byte[] seed, Action<string> read) =>
        new TestCaseData(seed, read).SetArgDisplayNames(name);
}
