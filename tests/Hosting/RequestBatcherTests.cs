using VkNet.Execution;
using VkNet.Hosting;
using VkNet.Tensors;
using VkNet.Tests.Device;
using static VkNet.Tests.Hosting.ModelRunnerTests;

namespace VkNet.Tests.Hosting;

internal sealed class RequestBatcherTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public async Task Requests_that_arrive_together_share_a_plan_of_a_few_sizes()
    {
        using var runner = new ModelRunner(Device, Doubling(), options: new ModelRunnerOptions { Plans = 16 });
        await using var batcher = new RequestBatcher(runner, 8, TimeSpan.FromMilliseconds(20));
        await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, cancellation) =>
        {
            var x = Rows(1 + (i % 3), i);
            var y = (await batcher.RunAsync(Input(x), cancellation))["y"];
            if (!y.ToArray<float>().SequenceEqual(x.ToArray<float>().Select(v => (2 * v) + 1))) throw new InvalidOperationException($"wrong answer {i}");
        });
        // 1, 2, 4 and 8 rows.
        Assert.That(runner.PlanCount, Is.LessThanOrEqualTo(4));
    }

    [Test]
    public async Task A_request_that_fails_harms_no_other()
    {
        using var runner = new ModelRunner(Device, Doubling());
        await using var batcher = new RequestBatcher(runner, 4, TimeSpan.FromMilliseconds(5));
        var good = batcher.RunAsync(Input(Rows(1)));
        var bad = batcher.RunAsync(Input(Tensor.From([1f, 2], 1, 2)));
        Assert.That((await good)["y"].ToArray<float>(), Is.EqualTo(new float[] { 1, 3, 5 }));
        Assert.That(async () => await bad, Throws.TypeOf<VkNetException>());
        Assert.That(async () => await batcher.RunAsync(Input(Rows(5))), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN2207"));
        Assert.That((await batcher.RunAsync(Input(Rows(2))))["y"].Shape[0], Is.EqualTo(2));
    }

    [Test]
    public async Task A_cancelled_request_ends_at_once()
    {
        using var runner = new ModelRunner(Device, Doubling());
        await using var batcher = new RequestBatcher(runner, 4, TimeSpan.FromSeconds(30));
        using var source = new CancellationTokenSource();
        var request = batcher.RunAsync(Input(Rows(1)), source.Token);
        await source.CancelAsync();
        Assert.That(async () => await request, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Disposing_finishes_what_was_accepted()
    {
        using var runner = new ModelRunner(Device, Doubling());
        var batcher = new RequestBatcher(runner, 4, TimeSpan.FromMilliseconds(200));
        var request = batcher.RunAsync(Input(Rows(1)));
        await batcher.DisposeAsync();
        Assert.That((await request)["y"].ToArray<float>(), Is.EqualTo(new float[] { 1, 3, 5 }));
        Assert.That(async () => await batcher.RunAsync(Input(Rows(1))), Throws.TypeOf<ObjectDisposedException>());
    }
}
