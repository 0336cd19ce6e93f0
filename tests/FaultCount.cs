namespace VkNet.Tests;

/// <summary>
/// Counts the faults that tests inject. tools/campaign names a file in VKNET_FAULT_LOG and adds up what the tests write into it: the kind of
/// fault, how many were injected, and how many of them lost or corrupted something, separated by tabs.
/// </summary>
internal static class FaultCount
{
    private static readonly Lock Gate = new();

    /// <summary>Notes faults injected of which <paramref name="lost"/> did harm, and fails the test when any did.</summary>
    public static void Note(string kind, int injected, int lost)
    {
        TestContext.Out.WriteLine($"{kind}: {injected} injected, {lost} lost or corrupted something");
        if (Environment.GetEnvironmentVariable("VKNET_FAULT_LOG") is { Length: > 0 } file)
            lock (Gate) File.AppendAllText(file, FormattableString.Invariant($"{kind}\t{injected}\t{lost}\n"));
        Assert.That(injected, Is.Positive, $"{kind}: no fault was injected");
        Assert.That(lost, Is.Zero, $"{kind}: something was lost or corrupted");
    }
}
