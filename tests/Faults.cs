namespace VkNet.Tests;

/// <summary>Assertions about diagnostics.</summary>
internal static class Faults
{
    /// <summary>Runs <paramref name="action"/>, which must fail with the diagnostic <paramref name="code"/>; returns the exception.</summary>
    public static VkNetException Expect(string code, Action action)
    {
        VkNetException? thrown = null;
        try
        {
            action();
        }
        catch (VkNetException e)
        {
            thrown = e;
        }
        Assert.That(thrown, Is.Not.Null, $"{code} was expected, but nothing was thrown");
        Assert.That(thrown!.Diagnostic.Code, Is.EqualTo(code), thrown.Message);
        return thrown;
    }
}
