using System.CommandLine;
using System.CommandLine.Completions;
using VkNet.Devices;

namespace VkNet.Runner.Options;

/// <summary>Options that every command takes.</summary>
internal static class CommonOptions
{
    internal static Option<string?> Device { get; } = new("--device") { Description = "The device's number in 'vknet devices', or part of its name", HelpName = "INDEX|NAME", Recursive = true };

    internal static Option<bool> RequireHardware { get; } = new("--require-hardware") { Description = "Refuse drivers that run on the CPU", Recursive = true };

    internal static Option<int> Debug { get; } = new("--debug") { Description = "1: stack traces; 2: the graph as built; 3: after each pass; 4: calls; 5: memory; 6: barriers; 7: driver messages", HelpName = "1..7", Recursive = true };

    internal static Option<bool> Json { get; } = new("--json") { Description = "Write results as JSON to standard output", Recursive = true };

    static CommonOptions()
    {
        Device.CompletionSources.Add(_ => Names());
        Debug.CompletionSources.Add("1", "2", "3", "4", "5", "6", "7");
    }

    internal static IReadOnlyList<Option> All => [Device, RequireHardware, Debug, Json];

    private static IEnumerable<CompletionItem> Names()
    {
        try
        {
            return ComputeDevice.List().Select(d => new CompletionItem(d.Name));
        }
        catch (VkNetException)
        {
            // No driver: nothing to offer, and a completion is no place to say so.
            return [];
        }
    }
}
