using System.CommandLine;
using VkNet.Execution;
using VkNet.Operators;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet check</c>: whether a device computes what the host evaluator does.</summary>
internal sealed class CheckCommand : RunnerCommand
{
    private readonly Option<string?> _filter = new("--filter") { Description = "Only what has this in its name", HelpName = "TEXT" };
    private readonly Option<bool> _validate = new("--validate") { Description = "Record under core and synchronization validation; any message fails" };
    private readonly Option<string?> _variant = new("--variant") { Description = "Take this kernel variant wherever a family has it", HelpName = "NAME" };

    protected override string Name => "check";

    protected override string Description => "Driver passport: runs every operator on a device and compares it with the host evaluator.";

    protected override string Example => "vknet check --filter conv --validate";

    protected override IEnumerable<Symbol> Symbols => [_filter, _validate, _variant];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        using var device = OpenDevice(arguments, arguments.GetValue(_validate));
        var report = new CheckReport(device.Profile.Name, device.Profile.IsSoftware);
        CheckOperators(arguments, device, report, cancellation);
        if (arguments.GetValue(CommonOptions.Json)) report.WriteJson(Output);
        else report.WriteText(Output);
        return report.ExitCode;
    }

    private void CheckOperators(ParseResult arguments, Devices.ComputeDevice device, CheckReport report, CancellationToken cancellation)
    {
        var filter = arguments.GetValue(_filter) ?? "";
        var operators = StandardOperators.Registry.Operators.Where(o => o.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
        if (operators.Count == 0) throw new VkNetException("VKN7012", $"no operator has '{filter}' in its name", Suggestion.For(filter, StandardOperators.Registry.Operators.Select(o => o.Name)));
        var check = new OperatorCheck(device, StandardOperators.Registry, options => options with { Variant = arguments.GetValue(_variant) });
        using var progress = new ProgressLine(Error, operators.Count);
        foreach (var @operator in operators)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Next(@operator.Name);
            foreach (var result in check.Run(@operator))
                report.Add(new CheckCase(result.Name, result.Operator, result.Status.ToString().ToLowerInvariant(), result.Reason, result.MaximumError, result.Dispatches));
        }
    }
}
