using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Formats;
using VkNet.Formats.Plans;
using VkNet.Graphs;
using VkNet.Onnx;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Runner.Fuzzing;

/// <summary>All readers of files. Where a check sum or compression guards a format, it is tried both as it falls and with the guard mended.</summary>
internal static class FuzzTargets
{
    private const int MagicBytes = 8;
    private const int PlanPrefixBytes = MagicBytes + 4 + SHA256.HashSizeInBytes;

    // Every form that a recipe can take and that needs no data files.
    private const string GeneralRecipe = """
        version: 1
        train: two-layers.yaml
        name: general
        bind: {N: 2}
        parameters: {"*.weight": {init: he, scale: 0.5}}
        data:
          train: {source: inline, columns: {points: [[0, 0], [0, 1], [1, 0], [1, 1]], answers: [[0], [1], [1], [0]]}}
          test:  {source: none, count: 8}
          feed:  {x: points, noise: {random: uniform, shape: [2], low: -1, high: 1}}
        nodes:
          squared: {op: square, input: y}
        steps:
          - {name: first, minimise: {op: reduce_mean, input: squared}, wrt: ["*"], optimizer: {op: sgd, lr: 0.1, average: 0.9}, every: 1}
          - {name: second, minimise: {op: reduce_mean, input: squared}, wrt: ["*.bias"], optimizer: {op: adam, lr: 0.1, clip_norm: 1}, every: 2}
        metrics: {size: {op: reduce_mean, input: squared}}
        early_stopping: {metric: size, patience: 2}
        batch: 2
        iterations: 10
        checkpoint_every: 5
        seed: 3
        """;

    /// <summary>Makes them.</summary>
    internal static IEnumerable<FuzzTarget> Create()
    {
        var picture = new Picture(9, 7, 3, Enumerable.Range(0, 189).Select(i => (byte)(i * i)).ToArray());
        var deep = new Picture(9, 7, 4, Enumerable.Range(0, 252).Select(i => (ushort)(i * i)).ToArray());
        byte[][] pngs = [FuzzSeeds.Saved("a.png", p => PictureFile.Save(p, picture)), FuzzSeeds.Saved("a.png", p => PictureFile.Save(p, deep))];
        byte[][] npys = [FuzzSeeds.Saved("a.npy", p => NpyFile.Save(p, Tensor.From(new float[12], 3, 4))), FuzzSeeds.Saved("a.npy", p => NpyFile.Save(p, Tensor.Scalar(1L)))];
        var idx = FuzzSeeds.Saved("a.idx", p => IdxFile.Save(p, Tensor.From(new int[6], 2, 3)));
        var plans = new[] { "two-layers.yaml", "lenet5.yaml" }.Select(FuzzSeeds.Plan).ToArray();

        yield return new("graph file", "a.yaml", "VKN1 VKN2", [.. FuzzSeeds.Examples.Where(e => !IsRecipe(e.Key)).Select(e => e.Value)], Mutation.Text,
            path => Build(GraphFile.Load(path, StandardOperators.Registry)));
        yield return new("recipe", "a.train.yaml", "VKN1 VKN2 VKN5 VKN6", [Encoding.UTF8.GetBytes(GeneralRecipe), .. FuzzSeeds.Examples.Where(e => IsRecipe(e.Key)).Select(e => e.Value)], Mutation.Text,
            path => Done(RecipeFile.Load(path, StandardOperators.Registry))) { Beside = FuzzSeeds.Examples };
        yield return new("search space", "space.yaml", "VKN1 VKN5", ["optimizer.lr: {log_uniform: [1e-4, 1e-1]}\nbatch: {choice: [16, 32]}\n"u8.ToArray(), "batch: [16, 32]\nepochs: [1, 2, 3]\n"u8.ToArray()], Mutation.Text,
            path => Done(SearchSpace.Load(path).Trials(5, 1).Take(5).Count()));
        yield return new("onnx", "a.onnx", "VKN2 VKN3 VKN6", [FuzzSeeds.Onnx("two-layers.yaml"), FuzzSeeds.Onnx("laplacian.yaml"), FuzzSeeds.Onnx("highway.yaml"), FuzzSeeds.OnnxWithBodies()], ProtobufMutation.Change, LoadOnnx);
        yield return new("onnx, external data", "a.onnx", "VKN2 VKN3 VKN6", [FuzzSeeds.OnnxWithExternalData()], ProtobufMutation.Change, LoadOnnx) { Beside = new Dictionary<string, byte[]> { ["weights.bin"] = new byte[40] } };
        yield return new("onnx tensor", "a.pb", "VKN3 VKN6", [FuzzSeeds.OnnxTensor()], ProtobufMutation.Change, path => Done(OnnxTensorFile.Read(path)));
        yield return new("safetensors", "a.safetensors", "VKN6", [FuzzSeeds.Saved("a.safetensors", p => SafetensorsFile.Save(p, [new("w", Tensor.From(new float[3])), new("b", Tensor.Scalar(1L))]))], Mutation.Safetensors, path => Done(SafetensorsFile.Load(path)));
        yield return new("npy", "a.npy", "VKN6", npys, Mutation.Npy, path => Done(NpyFile.Load(path)));
        yield return new("npz", "a.npz", "VKN6", [FuzzSeeds.Saved("a.npz", p => NpzFile.Save(p, [new("w", Tensor.From(new float[100]))], compress: true))], Mutation.Bytes, LoadNpz);
        yield return new("npz, members", "a.npz", "VKN6", npys, Mutation.Npy, LoadNpz) { Pack = Zipped };
        yield return new("idx", "a.idx", "VKN6", [idx], Mutation.Bytes, path => Done(IdxFile.Load(path)));
        yield return new("idx.gz", "a.idx.gz", "VKN6", [Gzipped(idx)], Mutation.Bytes, path => Done(IdxFile.Load(path)));
        yield return new("idx.gz, content", "a.idx.gz", "VKN6", [idx], Mutation.Bytes, path => Done(IdxFile.Load(path))) { Pack = Gzipped };
        yield return new("png", "a.png", "VKN6", pngs, Mutation.Bytes, path => Done(PictureFile.Load(path)));
        yield return new("png, sums mended", "a.png", "VKN6", pngs, Mutation.Bytes, path => Done(PictureFile.Load(path))) { Pack = WithSums };
        yield return new("ppm", "a.ppm", "VKN6", [FuzzSeeds.Saved("a.ppm", p => PictureFile.Save(p, picture))], Mutation.Bytes, path => Done(PictureFile.Load(path)));
        yield return new("ppm as text", "a.ppm", "VKN6", ["P3 # text\n2 2 255\n1 2 3 4 5 6 7 8 9 10 11 12\n"u8.ToArray(), "P2\n2 3\n65535\n1 2 3\n4 5 6\n"u8.ToArray()], Mutation.Text, path => Done(PictureFile.Load(path)));
        if (TurboJpeg.Library is not null) yield return new("jpeg", "a.jpg", "VKN6", [FuzzSeeds.Jpeg], Mutation.Bytes, path => Done(PictureFile.Load(path)));
        yield return new("csv", "a.csv", "VKN5 VKN6", ["x,y,word\n1,2,a\n-3.5,4e2,\"b, \"\"c\"\"\"\n5,6,\"two\nlines\"\n"u8.ToArray()], Mutation.Text, LoadCsv);
        yield return new("cifar10", "a.bin", "VKN5 VKN6", [[7, .. new byte[3072]]], Mutation.Bytes, path => Done(CifarFile.Load([path])));
        yield return new("plan", "a.vkplan", "VKN6", plans, Mutation.Bytes, path => Done(PlanFile.Load(path, FuzzSeeds.Profile)));
        yield return new("plan, sum mended", "a.vkplan", "VKN6", plans, MutatePlan, path => Done(PlanFile.Load(path, FuzzSeeds.Profile)));
        yield return Checkpoints();
        foreach (var target in Caches()) yield return target;
    }

    private static FuzzTarget Checkpoints()
    {
        var checkpoint = new Checkpoint
        {
            Tensors = new Dictionary<string, Tensor> { ["w"] = Tensor.From(new float[3]), ["best/w"] = Tensor.From(new float[3]) },
            Iteration = 12,
            RecipeText = "version: 1\ntrain: xor.yaml\n",
            Kernels = ["gemm/simple:baseline"],
            PlanSteps = [12, 6],
            Counters = [0.5, double.NaN, double.PositiveInfinity],
        };
        return new("checkpoint", "a.safetensors", "VKN5 VKN6", [FuzzSeeds.Saved("a.safetensors", checkpoint.Save)], Mutation.Safetensors, path => Done(Checkpoint.Load(path)));
    }

    // Caches are looked for by the device's name in a folder; a damaged one is as none.
    private static IEnumerable<FuzzTarget> Caches()
    {
        var profile = FuzzSeeds.Profile;
        var tables = FuzzSeeds.Saved(Path.GetFileName(TuningTable.PathFor(profile, "."))!, p => TuningTable.Empty.With("conv2d(f32[1, 3]) {}", "tile").With("matmul", "wide").Save(profile, Path.GetDirectoryName(p)));
        yield return new("tuning table", Path.GetFileName(TuningTable.PathFor(profile, "."))!, "none", [tables], Mutation.Text, path => TuningTable.Load(profile, Path.GetDirectoryName(path)).Choices.Count > 0);
        byte[] data = [32, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, .. Enumerable.Range(0, 216).Select(i => (byte)i)];
        var name = Path.GetFileName(new PipelineCacheFile(".", profile, null).FullPath);
        var cache = FuzzSeeds.Saved(name, p => new PipelineCacheFile(Path.GetDirectoryName(p)!, profile, null).Write(data));
        yield return new("pipeline cache", name, "none", [cache], Mutation.Bytes, path => new PipelineCacheFile(Path.GetDirectoryName(path)!, profile, null).Read().Length > 0);
        yield return new("pipeline cache, sum mended", name, "none", [data], Mutation.Bytes, path => new PipelineCacheFile(Path.GetDirectoryName(path)!, profile, null).Read().Length > 0)
        {
            Pack = changed => [.. cache.AsSpan(0, MagicBytes), .. SHA256.HashData(changed), .. changed],
        };
    }

    private static bool IsRecipe(string name) => name.EndsWith(".train.yaml", StringComparison.Ordinal);

    private static bool LoadOnnx(string path) => Build(OnnxModel.Load(path, StandardOperators.Registry));

    private static bool Build(ModelDefinition model) => Done(model.Build(new Bindings { Symbols = new Dictionary<string, long> { ["V"] = 16 }, OpenSymbols = 16 }));

    private static bool LoadNpz(string path)
    {
        using var archive = NpzFile.Open(path);
        foreach (var name in archive.Names) archive.Read(name);
        return true;
    }

    private static bool LoadCsv(string path)
    {
        var table = CsvFile.Load(path);
        for (var column = 0; column < table.Header.Count; column++)
            if (table.IsNumeric(column)) table.Real(table.Count - 1, column);
            else _ = table.Words(column).Count();
        return true;
    }

    private static bool Done(object? value) => value is not null;

    // Changes the header's text or the constants, then mends the header's length and the sum over both.
    private static byte[] MutatePlan(byte[] seed, Random random)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(seed.AsSpan(PlanPrefixBytes));
        var (header, data) = (seed[(PlanPrefixBytes + 8)..(PlanPrefixBytes + 8 + length)], seed[(PlanPrefixBytes + 8 + length)..]);
        if (random.Next(16) == 0 && data.Length > 0) data = Mutation.Bytes(data, random);
        else header = Mutation.Text(header, random);
        var size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, header.Length);
        byte[] content = [.. size, .. header, .. data];
        return [.. seed.AsSpan(0, 12), .. SHA256.HashData(content), .. content];
    }

    // Rewrites the CRC of every chunk that can still be found, so that the mutation reaches what lies behind that check.
    private static byte[] WithSums(byte[] content)
    {
        for (var at = 8; at + 12 <= content.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(at));
            if (length > content.Length - at - 12) break;
            var crc = Crc32.Of(content.AsSpan(at + 4, 4 + (int)length));
            BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(at + 8 + (int)length), crc);
            at += 12 + (int)length;
        }
        return content;
    }

    private static byte[] Gzipped(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(content);
        return packed.ToArray();
    }

    private static byte[] Zipped(byte[] member)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            using var entry = archive.CreateEntry("w.npy", CompressionLevel.Fastest).Open();
            entry.Write(member);
        }
        return packed.ToArray();
    }
}
