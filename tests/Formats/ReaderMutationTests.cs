using System.Text;
using VkNet.Runner.Fuzzing;

namespace VkNet.Tests.Formats;

/// <summary>Files with a few bytes, words or fields changed: every reader gives a value or a diagnostic, nothing else.</summary>
internal sealed class ReaderMutationTests
{
    private const int Seed = 20;

    public static IEnumerable<FuzzTarget> Readers() => FuzzTargets.Create();

    [TestCaseSource(nameof(Readers))]
    public void Mutated_files_give_a_value_or_a_diagnostic(FuzzTarget target) => Try(target, Seed, 2_000);

    [TestCaseSource(nameof(Readers))]
    [Category("Full")]
    public void Many_mutated_files_give_a_value_or_a_diagnostic(FuzzTarget target) => Try(target, Seed + 1, 10_000);

    [TestCaseSource(nameof(Readers))]
    public void The_files_begun_from_are_read(FuzzTarget target)
    {
        using var folder = new ScratchFolder();
        foreach (var (name, content) in target.Beside) folder.Write(name, content);
        Assert.Multiple(() =>
        {
            foreach (var seed in target.Seeds) Assert.That(target.Read(folder.Write(target.FileName, target.Pack(seed))), Encoding.UTF8.GetString(seed.AsSpan(0, Math.Min(100, seed.Length))));
        });
    }

    // Files that a reader once did not treat as promised: Formats/Corpus/READER/FILE.
    public static IEnumerable<TestCaseData> Corpus()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(TestData.Repository, "tests", "Formats", "Corpus"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            yield return new TestCaseData(Path.GetFileName(Path.GetDirectoryName(file)!), file).SetArgDisplayNames($"{Path.GetFileName(Path.GetDirectoryName(file))}/{Path.GetFileName(file)}");
    }

    [TestCaseSource(nameof(Corpus))]
    public void Files_that_were_findings_are_refused(string reader, string file)
    {
        using var folder = new ScratchFolder();
        var target = FuzzTargets.Create().Single(t => t.Name.Replace(' ', '-') == reader);
        foreach (var (name, content) in target.Beside) folder.Write(name, content);
        using var caps = Limits.Use(FuzzCampaign.Caps);
        var fault = Assert.Throws<VkNetException>(() => target.Read(folder.Write(target.FileName, File.ReadAllBytes(file))))!;
        Assert.That(target.Codes.Split(' ').Any(c => fault.Diagnostic.Code.StartsWith(c, StringComparison.Ordinal)), fault.Message);
        Assert.That(fault.Kind, Is.Not.EqualTo(ErrorKind.Internal));
    }

    [Test]
    public void A_mutation_depends_on_seed_reader_and_number_only()
    {
        var target = FuzzTargets.Create().First();
        var (first, again, other) = (new FuzzCampaign(1, "a"), new FuzzCampaign(1, "b"), new FuzzCampaign(2, "a"));
        Assert.That(again.Make(target, 7), Is.EqualTo(first.Make(target, 7)));
        Assert.That(Enumerable.Range(0, 10).Count(i => first.Make(target, i).SequenceEqual(other.Make(target, i))), Is.LessThan(3));
    }

    [Test]
    public void What_is_not_as_promised_is_found()
    {
        using var folder = new ScratchFolder();
        var campaign = new FuzzCampaign(Seed, folder["files"], patience: TimeSpan.FromSeconds(6));
        Assert.Multiple(() =>
        {
            Assert.That(Kinds(_ => throw new InvalidOperationException()), Is.EqualTo(new[] { "exception" }));
            Assert.That(Kinds(_ => throw new VkNetException("VKN5001", "another room's")), Is.EqualTo(new[] { "exception" }));
            Assert.That(Kinds(_ => throw new VkNetException("VKN6001", "a fault of VkNet itself", kind: ErrorKind.Internal)), Is.EqualTo(new[] { "exception" }));
            Assert.That(Kinds(_ => new byte[1_000_000_001].Length > 0), Is.EqualTo(new[] { "memory" }));
            Assert.That(Kinds(_ => Thread.CurrentThread.Join(Timeout.Infinite)), Is.EqualTo(new[] { "hang" }));
            Assert.That(Kinds(_ => throw new VkNetException("VKN6001", "as promised")), Is.Empty);
        });

        IEnumerable<string> Kinds(Func<string, bool> read) => campaign.Run(new FuzzTarget("stub", "a", "VKN6", [[1, 2, 3]], Mutation.Bytes, read), 1).Findings.Select(f => f.Kind);
    }

    private static void Try(FuzzTarget target, int seed, int mutations)
    {
        using var folder = new ScratchFolder();
        using var caps = Limits.Use(FuzzCampaign.Caps);
        var result = new FuzzCampaign(seed, folder["files"]).Run(target, mutations);
        Assert.Multiple(() =>
        {
            foreach (var finding in result.Findings) Assert.Fail($"{finding.Kind} at mutation {finding.Mutation}: {finding.Message}\n{Convert.ToBase64String(finding.Content)}");
            Assert.That(result.Values + result.Refused, Is.EqualTo(result.Mutations));
            Assert.That(result.Refused, Is.GreaterThan(result.Mutations / 20), "most mutations do harm");
            Assert.That(result.Values, Is.Positive, "not every mutation does harm");
        });
    }
}
