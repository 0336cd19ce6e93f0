using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VkNet.Tests.Device;

namespace VkNet.Tests.Examples;

/// <summary>examples/custom-operator: a kernel and an operator that are not VkNet's own.</summary>
internal sealed partial class CustomOperatorTests
{
    [Test]
    public void It_agrees_with_the_host_has_the_right_gradient_and_learns()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "CustomOperator.dll")]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, output);
        Check(output);
    }

    /// <summary>Whether the example's output tells of success.</summary>
    internal static void Check(string output)
    {
        Assert.That(Regex.Count(output, "^device    Passed: squared_distance", RegexOptions.Multiline), Is.EqualTo(3), output);
        Assert.That(Gradients().Matches(output).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)), Has.Exactly(2).LessThan(1e-7), output);
        Assert.That(double.Parse(Loss().Match(output).Groups[1].Value, CultureInfo.InvariantCulture), Is.LessThan(0.25), output);
    }

    [GeneratedRegex("^gradient  of .*: largest error (.*)$", RegexOptions.Multiline)]
    private static partial Regex Gradients();

    [GeneratedRegex(@"^training  loss ([\d.]+) on", RegexOptions.Multiline)]
    private static partial Regex Loss();
}
