using VkNet.Training;

namespace VkNet.Tests.Training;

internal sealed class SearchSpaceTests
{
    [Test]
    public void Lists_make_a_grid()
    {
        var space = SearchSpace.Parse("batch: [32, 64]\noptimizer.lr: [0.1, 0.01, 0.001]\n");
        Assert.That(space.IsGrid);
        var trials = space.Trials(null, 1).Select(t => string.Join(' ', t.Select(s => s.Value))).ToList();
        Assert.That(trials, Is.EqualTo(new[] { "32 0.1", "32 0.01", "32 0.001", "64 0.1", "64 0.01", "64 0.001" }));
        Assert.That(space.Trials(4, 1).Count(), Is.EqualTo(4));
    }

    [Test]
    public void Ranges_are_drawn_from()
    {
        var space = SearchSpace.Parse("lr: {log_uniform: [1e-4, 1]}\nrate: {uniform: [2, 3]}\nkind: {choice: [a, b]}\n");
        var trials = space.Trials(200, 1).ToList();
        var rates = trials.Select(t => double.Parse(t[0].Value, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.That(rates, Is.All.InRange(1e-4, 1));
        Assert.That(rates.Count(r => r < 1e-2), Is.InRange(70, 130), "half of the orders of magnitude");
        Assert.That(trials.Select(t => t[2].Value).Distinct(), Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(space.Trials(200, 1).Select(t => t[1].Value), Is.EqualTo(trials.Select(t => t[1].Value)));
    }

    [TestCase("lr: {log_uniform: [0, 1]}", "VKN1006")]
    [TestCase("lr: {uniform: [2, 1]}", "VKN1006")]
    [TestCase("lr: {uniform: [0, .inf]}", "VKN1006")]
    [TestCase("lr: {unifrom: [1, 2]}", "VKN1102")]
    [TestCase("lr: []", "VKN1006")]
    [TestCase("lr: 3", "VKN1002")]
    [TestCase("{}", "VKN1005")]
    public void Mistakes(string text, string code) => Faults.Expect(code, () => SearchSpace.Parse(text));
}
