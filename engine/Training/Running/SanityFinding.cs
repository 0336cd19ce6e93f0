namespace VkNet.Training;

/// <summary>One of the checks that <see cref="SanityCheck"/> makes.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Passed">Whether it is as it should be.</param>
/// <param name="Text">The figures.</param>
public sealed record SanityFinding(string Check, bool Passed, string Text);
