using Microsoft.Extensions.Diagnostics.HealthChecks;
using VkNet;
using VkNet.Hosting;

namespace EmbeddingWeb;

/// <summary>Healthy is what can run the network: one picture goes through it.</summary>
internal sealed class NetworkHealth(DigitClassifier classifier, VkNetDevice device) : IHealthCheck
{
    // A server under load is slow to answer, but one that takes this long is stuck.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await classifier.ProbeAsync(patience.Token);
            return HealthCheckResult.Healthy(device.Current.Profile.Name);
        }
        catch (VkNetException e)
        {
            return HealthCheckResult.Unhealthy(e.Diagnostic.Message, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"no answer from {device.Current.Profile.Name} in {Patience.TotalSeconds} s", e);
        }
    }
}
