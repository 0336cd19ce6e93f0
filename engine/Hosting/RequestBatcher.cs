using System.Threading.Channels;
using VkNet.Execution;
using VkNet.Tensors;

namespace VkNet.Hosting;

/// <summary>
/// Runs requests that arrive together as one batch: their inputs are joined along axis 0, the outputs cut apart. Batches are filled up to a
/// power of two, so that few plans serve all sizes. Requests of other shapes than the first of a batch go into the next one.
/// </summary>
public sealed class RequestBatcher : IAsyncDisposable
{
    private readonly ModelRunner _runner;
    private readonly int _maximum;
    private readonly TimeSpan _delay;
    private readonly Channel<Request> _requests;
    private readonly Task _worker;

    /// <summary>Starts a batcher.</summary>
    /// <param name="runner">Runs the batches; it must outlive the batcher. Axis 0 of its model's inputs and outputs must be the batch.</param>
    /// <param name="maximumBatch">Most rows of a batch; more in one request are refused.</param>
    /// <param name="delay">How long a request waits for others.</param>
    public RequestBatcher(ModelRunner runner, int maximumBatch, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumBatch, 1);
        (_runner, _maximum, _delay) = (runner, maximumBatch, delay);
        // A bound makes callers wait instead of letting a flood take all memory.
        _requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(64 * maximumBatch) { SingleReader = true });
        _worker = Task.Run(WorkAsync);
    }

    /// <summary>Runs a request, alone or with others.</summary>
    /// <param name="inputs">A tensor for every input, by name; all of one size along axis 0.</param>
    /// <param name="cancellation">Abandons a request that has not been submitted.</param>
    /// <exception cref="VkNetException">VKN2207: the inputs have no common axis 0, or more rows than a batch may have; otherwise as <see cref="ModelRunner.RunAsync"/>.</exception>
    public async Task<IReadOnlyDictionary<string, Tensor>> RunAsync(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var rows = inputs.Count == 0 ? 0 : inputs.Values.Min(t => t.Shape.Rank == 0 ? 0 : t.Shape[0]);
        if (rows < 1 || rows > _maximum || inputs.Values.Any(t => t.Shape[0] != rows))
            throw new VkNetException("VKN2207", $"a batched request needs inputs of one common size from 1 to {_maximum} along axis 0, but has {string.Join(", ", inputs.Select(i => $"{i.Key} {i.Value.Type}"))}");
        var request = new Request(inputs, (int)rows, cancellation);
        try
        {
            await _requests.Writer.WriteAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(RequestBatcher));
        }
        // The caller gets its cancellation at once; the worker skips the request when it comes to it.
        using var registration = cancellation.Register(() => request.Completion.TrySetCanceled(cancellation));
        return await request.Completion.Task.ConfigureAwait(false);
    }

    /// <summary>Finishes the requests accepted so far and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        await _worker.ConfigureAwait(false);
    }

    private async Task WorkAsync()
    {
        var reader = _requests.Reader;
        Request? held = null;
        while (held is not null || await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var batch = new List<Request>();
            if (held is null && !reader.TryRead(out held)) continue;
            batch.Add(held);
            var rows = held.Rows;
            held = null;
            using var patience = new CancellationTokenSource(_delay);
            while (rows < _maximum && held is null)
            {
                if (!reader.TryRead(out var next))
                {
                    try
                    {
                        if (!await reader.WaitToReadAsync(patience.Token).ConfigureAwait(false)) break;
                    }
                    catch (OperationCanceledException)
                    {
                        break;
                    }
                    continue;
                }
                if (next.Completion.Task.IsCompleted) continue;
                if (rows + next.Rows > _maximum || !batch[0].Joins(next)) held = next;
                else
                {
                    batch.Add(next);
                    rows += next.Rows;
                }
            }
            await RunAsync([.. batch.Where(r => !r.Completion.Task.IsCompleted)]).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(List<Request> batch)
    {
        if (batch.Count == 0) return;
        try
        {
            var rows = batch.Sum(r => r.Rows);
            var filled = Math.Min(_maximum, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows));
            var inputs = batch[0].Inputs.ToDictionary(i => i.Key, i => Join(batch, i.Key, filled), StringComparer.Ordinal);
            var outputs = await _runner.RunAsync(inputs).ConfigureAwait(false);
            var first = 0;
            foreach (var request in batch)
            {
                request.Completion.TrySetResult(outputs.ToDictionary(o => o.Key, o => Cut(o.Key, o.Value, first, request.Rows, filled), StringComparer.Ordinal));
                first += request.Rows;
            }
        }
        catch (Exception e)
        {
            // Whatever it is, it is the callers' to hear, and the next batch may fare better.
            foreach (var request in batch) request.Completion.TrySetException(e);
        }
    }

    // Missing rows repeat the last one, so that no kernel meets numbers that no request could have had.
    private static Tensor Join(List<Request> batch, string name, int rows)
    {
        var type = batch[0].Inputs[name].Type;
        var result = Tensor.Zeros(type with { Shape = type.Shape.With(0, rows) });
        var target = result.Bytes();
        var width = target.Length / rows;
        var at = 0;
        foreach (var request in batch)
        {
            var bytes = request.Inputs[name].Bytes();
            bytes.CopyTo(target[at..]);
            at += bytes.Length;
        }
        for (; at < target.Length; at += width) target.Slice(at - width, width).CopyTo(target[at..]);
        return result;
    }

    private static Tensor Cut(string name, Tensor output, int first, int rows, int all)
    {
        if (output.Shape.Rank == 0 || output.Shape[0] != all)
            throw new VkNetException("VKN2208", $"output '{name}' {output.Type} of a batch of {all} has no axis of that size in front, so it cannot be cut apart", "run this model without batching");
        var result = Tensor.Zeros(output.Type with { Shape = output.Shape.With(0, rows) });
        var width = output.Bytes().Length / all;
        output.Bytes().Slice(first * width, rows * width).CopyTo(result.Bytes());
        return result;
    }

    private sealed record Request(IReadOnlyDictionary<string, Tensor> Inputs, int Rows, CancellationToken Cancellation)
    {
        internal TaskCompletionSource<IReadOnlyDictionary<string, Tensor>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal bool Joins(Request other) => Inputs.Count == other.Inputs.Count
            && Inputs.All(i => other.Inputs.TryGetValue(i.Key, out var tensor) && tensor.DataType == i.Value.DataType && tensor.Shape.Rank == i.Value.Shape.Rank && tensor.Shape.With(0, 1) == i.Value.Shape.With(0, 1));
    }
}
