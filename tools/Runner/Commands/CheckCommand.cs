using System.CommandLine;
using VkNet.Execution;
using VkNet.Formats;
using VkNet.Onnx.Testing;
using VkNet.Operators;
using VkNet.Runner.Fuzzing;
using VkNet.Runner.Options;
using VkNet.Runner.Reports;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet check</c>: whether a device computes what the host evaluator does.</summary>
internal sealed class CheckCommand : RunnerCommand
{
    private readonly Option<string?> _filter = new("--filter") { Description = "Only what has this in its name", HelpName = "TEXT" };
    private readonly Option<bool> _validate = new("--validate") { Description = "Record under core and synchronization validation; any message fails" };
    private readonly Option<bool> _gradients = new("--gradients") { Description = "Check the gradients of every differentiable operator instead of its results, and list the operators that have none" };
    private readonly Option<string?> _variant = new("--variant") { Description = "Take this kernel variant wherever a family has it", HelpName = "NAME" };

    private readonly Option<string?> _onnxTests = new("--onnx-tests") { Description = "Run a folder of ONNX backend tests instead (model.onnx beside test_data_set_N)", HelpName = "DIR" };
    private readonly Option<int?> _fuzz = new("--fuzz") { Description = "Instead give every reader of files N files that were damaged at random; needs no device", HelpName = "N" };
    private readonly Option<int> _seed = new("--seed") { Description = "The seed of these: the same one repeats them", HelpName = "S", DefaultValueFactory = _ => 1 };

    protected override string Name => "check";

    protected override string Description => "Driver passport: runs every operator on a device and compares it with the host evaluator.";

    protected override IReadOnlyList<string> Examples => ["vknet check", "vknet check --filter conv --validate", "vknet check --onnx-tests FOLDER --json", "vknet check --fuzz 200 --seed 1"];

    protected override IEnumerable<Symbol> Symbols => [_filter, _validate, _gradients, _variant, _onnxTests, _fuzz, _seed];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        if (arguments.GetValue(_fuzz) is { } mutations) return Fuzz(mutations, arguments, cancellation);
        using var device = OpenDevice(arguments, arguments.GetValue(_validate));
        var report = new CheckReport(device.Profile.Name, device.Profile.IsSoftware);
        if (arguments.GetValue(_onnxTests) is { } folder) CheckOnnxTests(folder, arguments, device, report, cancellation);
        else CheckOperators(arguments, device, report, cancellation);
        if (arguments.GetValue(CommonOptions.Json)) report.WriteJson(Output);
        else report.WriteText(Output);
        return report.ExitCode;
    }

    private void CheckOnnxTests(string folder, ParseResult arguments, Devices.ComputeDevice device, CheckReport report, CancellationToken cancellation)
    {
        var filter = arguments.GetValue(_filter) ?? "";
        var cases = OnnxTestCase.Find(folder);
        var chosen = cases.Where(c => c.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
        if (chosen.Count == 0) throw new VkNetException("VKN7012", $"no case has '{filter}' in its name", Suggestion.For(filter, cases.Select(c => c.Name)));
        using var progress = new ProgressLine(Error, chosen.Count);
        var suite = new OnnxTestSuite(StandardOperators.Registry, OnnxTestSuite.DeviceRunner(device, options => options with { Variant = arguments.GetValue(_variant) }));
        foreach (var result in suite.Run(chosen, progress: r => progress.Next(r.Case.Name), cancellation: cancellation))
            report.Add(new CheckCase(result.Case.Name, result.MainOperator, result.Status.ToString().ToLowerInvariant(), result.Reason, result.MaximumError, result.Dispatches));
        // Cases run side by side, so a message belongs to no single one.
        foreach (var message in device.ValidationMessages)
            report.Add(new CheckCase("validation", "validation", "failed", message.ToString(), double.NaN, null));
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
            foreach (var result in arguments.GetValue(_gradients) ? check.RunGradients(@operator) : check.Run(@operator))
                report.Add(new CheckCase(result.Name, result.Operator, result.Status.ToString().ToLowerInvariant(), result.Reason, result.MaximumError, result.Dispatches));
        }
    }

    private int Fuzz(int mutations, ParseResult arguments, CancellationToken cancellation)
    {
        if (mutations < 1) throw new VkNetException("VKN7011", $"--fuzz must be at least 1, not {mutations}");
        var (filter, seed) = (arguments.GetValue(_filter) ?? "", arguments.GetValue(_seed));
        var targets = FuzzTargets.Create().ToList();
        var chosen = targets.Where(t => t.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToList();
        if (chosen.Count == 0) throw new VkNetException("VKN7012", $"no reader has '{filter}' in its name", Suggestion.For(filter, targets.Select(t => t.Name)));
        var folder = Directory.CreateTempSubdirectory("vknet-fuzz-").FullName;
        TemporaryFiles.Add(folder);
        var campaign = new FuzzCampaign(seed, folder);
        var results = new List<FuzzResult>();
        try
        {
            Fuzz(chosen, mutations, campaign, results, cancellation);
        }
        catch (OperationCanceledException)
        {
            TemporaryFiles.DeleteAll();
            throw;
        }
        TemporaryFiles.Remove(folder);
        if (results.All(r => r.Findings.Count == 0)) Directory.Delete(folder, recursive: true);
        string FileOf(FuzzFinding finding) => Path.Combine(folder, $"{finding.Reader.Replace(' ', '-')}.{finding.Mutation}");
        foreach (var finding in results.SelectMany(r => r.Findings)) File.WriteAllBytes(FileOf(finding), finding.Content);
        if (arguments.GetValue(CommonOptions.Json)) FuzzReport.WriteJson(Output, seed, results, FileOf);
        else FuzzReport.WriteText(Output, seed, results, FileOf);
        return results.Any(r => r.Findings.Count > 0) ? (int)ErrorKind.Check : 0;
    }

    private void Fuzz(List<FuzzTarget> chosen, int mutations, FuzzCampaign campaign, List<FuzzResult> results, CancellationToken cancellation)
    {
        using var caps = Limits.Use(FuzzCampaign.Caps);
        using var progress = new ProgressLine(Error, chosen.Count);
        foreach (var target in chosen)
        {
            progress.Next(target.Name);
            results.Add(campaign.Run(target, mutations, cancellation));
        }
    }
}
