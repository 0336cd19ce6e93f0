using System.CommandLine;
using VkNet.Devices;
using VkNet.Runner.Options;

namespace VkNet.Runner.Commands;

/// <summary>One command of the runner.</summary>
internal abstract class RunnerCommand
{
    /// <summary>Its name on the command line.</summary>
    protected abstract string Name { get; }

    /// <summary>What it does, in a sentence.</summary>
    protected abstract string Description { get; }

    /// <summary>Command lines that --help shows; what they name under examples/ exists.</summary>
    protected abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Its arguments and options.</summary>
    protected abstract IEnumerable<Symbol> Symbols { get; }

    /// <summary>Whether it takes its time to save what it has when it is interrupted; other commands end at once.</summary>
    protected virtual bool SavesWhenInterrupted => false;

    /// <summary>Where results go.</summary>
    protected TextWriter Output { get; private set; } = TextWriter.Null;

    /// <summary>Where progress and diagnostics go.</summary>
    protected TextWriter Error { get; private set; } = TextWriter.Null;

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    protected abstract int Execute(ParseResult arguments, CancellationToken cancellation);

    /// <summary>Makes the command for the parser, and its examples for the help.</summary>
    internal (Command Command, IReadOnlyList<string> Examples) Build(TextWriter output, TextWriter error)
    {
        (Output, Error) = (output, error);
        var command = new Command(Name, Description);
        foreach (var symbol in Symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }
        command.SetAction((arguments, cancellation) =>
        {
            using var end = SavesWhenInterrupted ? null : new PromptEnd(Error, cancellation);
            return Task.FromResult(Execute(arguments, cancellation));
        });
        return (command, Examples);
    }

    /// <summary>Opens the device that the options choose, and says so when it is a CPU driver.</summary>
    protected ComputeDevice OpenDevice(ParseResult arguments, bool validation = false)
    {
        var device = ComputeDevice.Open(new DeviceOptions
        {
            Selector = arguments.GetValue(CommonOptions.Device),
            RequireHardware = arguments.GetValue(CommonOptions.RequireHardware),
            Validation = validation,
            OnValidationMessage = arguments.GetValue(CommonOptions.Debug) >= 7 ? m => Error.WriteLine(m) : null,
        });
        if (device.Profile.IsSoftware) Error.WriteLine($"note: {device.Profile.Name} runs on the CPU; no hardware device was chosen");
        if (arguments.GetValue(CommonOptions.Debug) > 0)
            foreach (var quirk in DriverQuirk.Of(device.Profile)) Error.WriteLine($"note: {quirk.Driver} {quirk.What}; {quirk.Remedy}");
        return device;
    }
}
