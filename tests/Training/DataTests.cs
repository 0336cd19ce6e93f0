using System.Text;
using VkNet.Formats;
using VkNet.Operators;
using VkNet.Tensors;
using VkNet.Training;

namespace VkNet.Tests.Training;

internal sealed class DataTests
{
    [Test]
    public void Csv_cells_quotes_and_classes()
    {
        var table = CsvFile.Parse("a,\"b, c\",kind\r\n1,2.5,red\n-3,\"4\",\"dark \"\"blue\"\"\"\n\n", "t.csv");
        Assert.That(table.Header, Is.EqualTo(new[] { "a", "b, c", "kind" }));
        Assert.That(table.Count, Is.EqualTo(2));
        Assert.That(table.Real(1, 1), Is.EqualTo(4));
        Assert.That(table.IsNumeric(2), Is.False);
        Assert.That(table.Words(2), Is.EqualTo(new[] { "red", "dark \"blue\"" }));
    }

    [TestCase("", "VKN5102", 0, 0)]
    [TestCase("a,b\n", "VKN5102", 0, 0)]
    [TestCase("a,b\n1,2\n3\n", "VKN5105", 3, 1)]
    [TestCase("a,b\n1,2,\n", "VKN5105", 2, 5)]
    [TestCase("a,b\n1,\"2\n", "VKN5105", 2, 3)]
    public void Csv_mistakes_have_line_and_column(string text, string code, int line, int column)
    {
        var fault = Faults.Expect(code, () => CsvFile.Parse(text, "t.csv"));
        Assert.That((fault.Diagnostic.Location!.Line, fault.Diagnostic.Location.Column), Is.EqualTo((line, column)));
    }

    [Test]
    public void Csv_words_where_numbers_are_wanted()
    {
        var table = CsvFile.Parse("a,b\n1,2\n3,four\n", "t.csv");
        var fault = Faults.Expect("VKN5106", () => table.Real(1, 1));
        Assert.That((fault.Diagnostic.Location!.Line, fault.Diagnostic.Location.Column), Is.EqualTo((3, 3)));
        Faults.Expect("VKN5107", () => table.Find("c"));
    }

    [Test]
    public void Cifar_records()
    {
        using var folder = new ScratchFolder();
        var record = new byte[2 * 3073];
        (record[0], record[1], record[3073], record[6145]) = (3, 200, 9, 77);
        var source = CifarFile.Load([folder.Write("a.bin", record)]);
        Assert.That(source.Count, Is.EqualTo(2));
        var (images, labels) = (Tensor.Zeros(DataType.UInt8, [2, 3, 32, 32]), Tensor.Zeros(DataType.UInt8, [2]));
        source.Read(0, [1, 0], images);
        source.Read(1, [1, 0], labels);
        Assert.That(labels.ToArray<byte>(), Is.EqualTo(new byte[] { 9, 3 }));
        Assert.That(images.Values<byte>()[3071], Is.EqualTo(77));
        Assert.That(images.Values<byte>()[3072], Is.EqualTo(200));
        Faults.Expect("VKN5104", () => CifarFile.Load([folder.Write("b.bin", record[..4000])]));
        Faults.Expect("VKN5104", () => CifarFile.Load([folder.Write("c.bin", [])]));
        record[0] = 10;
        Faults.Expect("VKN5103", () => CifarFile.Load([folder.Write("d.bin", record)]));
        Faults.Expect("VKN6001", () => CifarFile.Load([folder["missing.bin"]]));
    }

    [Test]
    public void Windows_of_a_text_follow_one_another()
    {
        var source = new TextSource("abcabcabd", 3);
        Assert.That(source.Vocabulary, Is.EqualTo(new[] { "a", "b", "c", "d" }));
        Assert.That(source.Count, Is.EqualTo(2));
        var (tokens, next) = (Tensor.Zeros(DataType.Int32, [2, 3]), Tensor.Zeros(DataType.Int32, [2, 3]));
        source.Read(0, [0, 1], tokens);
        source.Read(1, [0, 1], next);
        Assert.That(tokens.ToArray<int>(), Is.EqualTo(new[] { 0, 1, 2, 0, 1, 2 }));
        Assert.That(next.ToArray<int>(), Is.EqualTo(new[] { 1, 2, 0, 1, 2, 0 }));
        Faults.Expect("VKN5109", () => _ = new TextSource("abc", 3));
    }

    [Test]
    public void Pictures_in_folders_are_classes_by_name()
    {
        using var folder = new ScratchFolder();
        foreach (var (name, value) in ((string, byte)[])[("cat", 255), ("ant", 0)])
        {
            Directory.CreateDirectory(folder[name]);
            PictureFile.Save(Path.Combine(folder[name], "one.png"), new Picture(4, 2, 1, [.. Enumerable.Repeat(value, 8)]));
        }
        var source = new PictureFolderSource(folder[""], 1, 2, 2);
        Assert.That(source.Vocabulary, Is.EqualTo(new[] { "ant", "cat" }));
        var (images, labels) = (Tensor.Zeros(DataType.Float32, [2, 1, 2, 2]), Tensor.Zeros(DataType.Int32, [2]));
        source.Read(0, [1, 0], images);
        source.Read(1, [1, 0], labels);
        Assert.That(labels.ToArray<int>(), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(images.ToArray<float>(), Is.EqualTo(new float[] { 1, 1, 1, 1, 0, 0, 0, 0 }));
        Faults.Expect("VKN5108", () => _ = new PictureFolderSource(folder["nowhere"], 1, 2, 2));
        Directory.CreateDirectory(folder["empty"]);
        Faults.Expect("VKN5108", () => _ = new PictureFolderSource(folder["empty"], 1, 2, 2));
    }

    [Test]
    public void Splits_and_folds_hold_every_example_once()
    {
        var source = new EmptySource(103);
        var parts = SourcePart.Split(source, [0.2, 0.1], 5);
        Assert.That(parts.Select(p => p.Count), Is.EqualTo(new long[] { 72, 21, 10 }));
        var held = Enumerable.Range(0, 5).Select(f => SourcePart.Fold(source, 5, f, 5)).ToList();
        Assert.That(held.Sum(h => h.Validation.Count), Is.EqualTo(103));
        Assert.That(held.All(h => h.Train.Count + h.Validation.Count == 103));
    }

    [Test]
    public void Every_epoch_has_every_example_in_another_order()
    {
        var order = new BatchOrder(12, 4, DataOrder.Shuffled, 9);
        var epochs = new List<long[]>();
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var seen = new List<long>();
            for (var batch = 0; batch < 3; batch++)
            {
                var examples = new long[4];
                order.Fill(epoch * 3 + batch, examples);
                seen.AddRange(examples);
            }
            Assert.That(seen.Order(), Is.EqualTo(Enumerable.Range(0, 12).Select(i => (long)i)));
            epochs.Add([.. seen]);
        }
        Assert.That(epochs[0], Is.Not.EqualTo(epochs[1]));
        Assert.That(epochs[1], Is.Not.EqualTo(epochs[2]));
        var again = new long[4];
        order.Fill(1, again);
        Assert.That(again, Is.EqualTo(epochs[0][4..8]));
    }

    [Test]
    public void Rows_of_streams_walk_through_parts_of_their_own()
    {
        var order = new BatchOrder(10, 3, DataOrder.Streams, 1);
        Assert.That(order.BatchesPerEpoch, Is.EqualTo(3));
        var examples = new long[3];
        order.Fill(1, examples);
        Assert.That(examples, Is.EqualTo(new long[] { 1, 4, 7 }));
    }

    [Test]
    public void Batches_are_the_same_whatever_the_number_of_workers()
    {
        var part = new DataPart(new DigitSource(50, 3)) { Augmentation = new Augmentation { FlipHorizontal = true, Crop = 2, Rotate = 10, Shift = 1.5, SmallestScale = 0.9, LargestScale = 1.1, Brightness = 0.2, Contrast = 0.2 } };
        List<float[]> Batches(int workers)
        {
            var order = new BatchOrder(50, 8, DataOrder.Shuffled, 4);
            DataFeed[] feeds = [new("x", "images"), new("t", "labels"), new("z", null, new RandomFeed(true, [3], 0, 1))];
            KeyValuePair<string, TensorType>[] inputs = [new("x", TensorType.Float(8, 1, 28, 28)), new("t", new TensorType(DataType.Int32, [8])), new("z", TensorType.Float(8, 3))];
            using var pipeline = new BatchPipeline([.. Enumerable.Range(0, workers).Select(_ => new BatchAssembler(part, order, feeds, inputs, 4))], 2, 20);
            var batches = new List<float[]>();
            for (var i = 2; i < 20; i++)
            {
                var batch = pipeline.Take();
                batches.Add([.. batch[0].ToArray<float>(), .. batch[1].ToArray<int>().Select(l => (float)l), .. batch[2].ToArray<float>()]);
            }
            return batches;
        }
        var one = Batches(1);
        Assert.That(Batches(3), Is.EqualTo(one));
        Assert.That(one[0], Is.Not.EqualTo(one[1]));
    }

    [Test]
    public void What_a_source_throws_arrives_where_batches_are_taken()
    {
        var order = new BatchOrder(4, 2, DataOrder.Sequential, 1);
        using var pipeline = new BatchPipeline([new BatchAssembler(new DataPart(new Broken()), order, [new DataFeed("x", "x")], [new("x", TensorType.Float(2))], 1)], 0, 2);
        Assert.That(() => pipeline.Take(), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void Bytes_of_pictures_are_scaled_by_channel()
    {
        var images = Tensor.Zeros(DataType.UInt8, [1, 2, 1, 2]);
        new byte[] { 0, 255, 51, 102 }.CopyTo(images.Values<byte>());
        var source = new TensorSource([(new DataColumn("images", new TensorType(DataType.UInt8, [2, 1, 2])) { IsPicture = true }, images)]);
        float[] Read(PictureNormalization normalization)
        {
            var assembler = new BatchAssembler(new DataPart(source) { Normalization = normalization }, new BatchOrder(1, 1, DataOrder.Sequential, 1), [new DataFeed("x", "images")], [new("x", TensorType.Float(1, 2, 1, 2))], 1);
            var batch = assembler.Allocate();
            assembler.Fill(0, batch);
            return batch[0].ToArray<float>();
        }
        Assert.That(Read(PictureNormalization.None), Is.EqualTo(new[] { 0, 1, 0.2f, 0.4f }).Within(1e-6));
        Assert.That(Read(new PictureNormalization([0.5], [0.5])), Is.EqualTo(new[] { -1, 1, -0.6f, -0.2f }).Within(1e-6));
        Assert.That(Read(new PictureNormalization([0, 0.2], [1, 0.2])), Is.EqualTo(new[] { 0, 1, 0f, 1f }).Within(1e-6));
        Assert.That(Read(PictureNormalization.None with { Range = 255 }), Is.EqualTo(new[] { 0, 255, 51f, 102f }).Within(1e-4));
        Faults.Expect("VKN5115", () => Read(new PictureNormalization([0, 1, 2], [1])));
    }

    [Test]
    public void Augmentation_moves_what_it_says()
    {
        float[] picture = [1, 2, 3, 4, 5, 6];
        float[] Changed(Augmentation augmentation, long example)
        {
            var copy = (float[])picture.Clone();
            augmentation.Apply(copy, new float[6], 1, 2, 3, 1, 0, example);
            return copy;
        }
        var flips = Enumerable.Range(0, 40).Select(i => Changed(new Augmentation { FlipHorizontal = true }, i)).ToList();
        Assert.That(flips.All(f => f.SequenceEqual(picture) || f.SequenceEqual(new float[] { 3, 2, 1, 6, 5, 4 })));
        Assert.That(flips.Count(f => f.SequenceEqual(picture)), Is.InRange(8, 32));
        var crops = Enumerable.Range(0, 200).Select(i => Changed(new Augmentation { Crop = 1 }, i)).DistinctBy(c => string.Join(',', c)).ToList();
        Assert.That(crops, Has.Count.EqualTo(9));
        Assert.That(crops.Any(c => c.SequenceEqual(new float[] { 5, 6, 0, 0, 0, 0 })));
        Assert.That(Changed(new Augmentation(), 3), Is.EqualTo(picture));
        var turned = Changed(new Augmentation { Rotate = 20 }, 3);
        Assert.That(turned, Is.Not.EqualTo(picture));
        Assert.That(turned, Is.All.InRange(0, 6));
    }

    [Test]
    public void Digits_are_the_same_every_time_and_differ_from_one_another()
    {
        float Ink(Tensor t, int i) => t.Values<byte>().Slice(i * 784, 784).ToArray().Average(b => (float)b);
        var (a, b) = (Tensor.Zeros(DataType.UInt8, [20, 28, 28]), Tensor.Zeros(DataType.UInt8, [20, 28, 28]));
        var numbers = Enumerable.Range(0, 20).Select(i => (long)i).ToArray();
        new DigitSource(20, 1).Read(0, numbers, a);
        new DigitSource(20, 1).Read(0, numbers, b);
        Assert.That(a.ToArray<byte>(), Is.EqualTo(b.ToArray<byte>()));
        for (var i = 0; i < 20; i++) Assert.That(Ink(a, i), Is.InRange(8, 90), $"digit {i}");
        var labels = Tensor.Zeros(DataType.Int32, [20]);
        new DigitSource(20, 1).Read(1, numbers, labels);
        Assert.That(labels.ToArray<int>().GroupBy(l => l).Select(g => g.Count()), Is.EqualTo(Enumerable.Repeat(2, 10)));
    }

    [TestCase("{source: idx, images: images.idx, labels: labels.idx}", "VKN5101")]
    [TestCase("{source: idx, images: cut.idx}", "VKN6303")]
    [TestCase("{source: idx, images: nowhere.idx}", "VKN6001")]
    [TestCase("{source: csv, file: empty.csv, columns: {points: a}}", "VKN5102")]
    [TestCase("{source: csv, file: words.csv, columns: {points: [a, b]}}", "VKN5106")]
    [TestCase("{source: csv, file: words.csv, columns: {points: [a, z]}}", "VKN5107")]
    [TestCase("{source: text, file: short.txt, length: 10}", "VKN5109")]
    [TestCase("{source: text, file: short.txt, from: 0.5, to: 0.5}", "VKN5114")]
    [TestCase("{source: inline, columns: {points: [[1, 2]], targets: [[1], [2]]}}", "VKN5101")]
    [TestCase("{source: digits, count: 10, first: 11}", "VKN5114")]
    public void Bad_files_are_named(string source, string code)
    {
        using var folder = new RecipeFolder();
        IdxFile.Save(folder["images.idx"], Tensor.Zeros(DataType.UInt8, [3, 2, 2]));
        IdxFile.Save(folder["labels.idx"], Tensor.Zeros(DataType.UInt8, [2]));
        File.WriteAllBytes(folder["cut.idx"], File.ReadAllBytes(folder["images.idx"])[..^1]);
        File.WriteAllText(folder["empty.csv"], "");
        File.WriteAllText(folder["words.csv"], "a,b\n1,x\n");
        File.WriteAllText(folder["short.txt"], "hello", Encoding.UTF8);
        Faults.Expect(code, () => folder.Load(("data.train", source)));
    }

    [TestCase("data.feed.x", "pionts", "VKN5110")]
    [TestCase("data.feed.x", "targets", "VKN5111")]
    public void Feeds_must_fit(string key, string value, string code)
    {
        using var folder = new RecipeFolder();
        var recipe = folder.Load((key, value));
        Faults.Expect(code, () => FeedBinding.Bind(recipe.Model, recipe.Bind, recipe.Data, recipe.LearntInputs, 4));
    }

    [Test]
    public void An_input_that_is_not_fed_is_named()
    {
        using var folder = new RecipeFolder(RecipeFolder.Recipe.Replace("x: points, ", "", StringComparison.Ordinal));
        var recipe = folder.Load();
        var fault = Faults.Expect("VKN5112", () => FeedBinding.Bind(recipe.Model, recipe.Bind, recipe.Data, recipe.LearntInputs, 4));
        Assert.That(fault.Message, Does.Contain("points"));
    }

    private sealed class Broken : IDataSource
    {
        public long Count => 4;

        public IReadOnlyList<DataColumn> Columns { get; } = [new DataColumn("x", TensorType.Float())];

        public void Read(int column, ReadOnlySpan<long> examples, Tensor batch) => throw new IOException("the disk is gone");
    }
}
