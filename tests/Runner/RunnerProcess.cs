using System.Text.Json;
using VkNet.Runner;

namespace VkNet.Tests.Runner;

/// <summary>A command line run inside the test's process.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record RunnerProcess(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Runs, whatever comes of it.</summary>
    public static RunnerProcess Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = CommandLine.Run(arguments, output, error);
        return new RunnerProcess(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command that must succeed.</summary>
    public static RunnerProcess Expect(params string[] arguments)
    {
        var result = Run(arguments);
        Assert.That(result.ExitCode, Is.Zero, $"vknet {string.Join(' ', arguments)}\n{result.Error}");
        return result;
    }

    /// <summary>Runs a command that must fail with that exit code and diagnostic.</summary>
    public static RunnerProcess Expect(int code, string diagnostic, params string[] arguments)
    {
        var result = Run(arguments);
        Assert.That(result.ExitCode, Is.EqualTo(code), $"vknet {string.Join(' ', arguments)}\n{result.Error}");
        Assert.That(result.Error, Does.Contain($"error {diagnostic}"));
        return result;
    }
}
