using System.CommandLine;
using BenchmarkDotNet.Running;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Perf.Benchmarks;
using VkNet.Perf.Cases;
using VkNet.Perf.Plans;

namespace VkNet.Perf;

/// <summary>The performance harness: <c>perf/run</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is ["--benchmarks", .. var rest])
        {
            BenchmarkSwitcher.FromTypes([typeof(CompileBenchmarks), typeof(ReplayBenchmarks)]).Run(rest.Length > 0 ? rest : ["--filter", "*"]);
            return 0;
        }
        var filter = new Option<string?>("--filter") { Description = "The cases whose set, kernel and shape contain this, of all sets; without it the set 'core'", HelpName = "TEXT" };
        var variant = new Option<string?>("--variant") { Description = "Take this kernel variant wherever a family has it; several measure each case with each, in turn", HelpName = "NAME[,NAME...]" };
        var quick = new Option<bool>("--quick") { Description = "A few cases, few rounds" };
        var json = new Option<bool>("--json") { Description = "Write JSON to standard output" };
        var compare = new Option<string?>("--compare") { Description = "Compare with an earlier --json; exit code 4 on a regression beyond the spread", HelpName = "OLD.json" };
        var svg = new Option<string?>("--svg") { Description = "Draw the roofline", HelpName = "FILE" };
        var selector = new Option<string?>("--device") { Description = "The device's number or part of its name", HelpName = "INDEX|NAME" };
        var exact = new Option<bool>("--exact") { Description = "Refuse kernels that trade accuracy for speed (Winograd)" };
        var peers = new Option<bool>("--peers") { Description = "Run OpenBLAS (products) and onnxruntime (convolutions, networks) in the same rounds" };
        var rounds = new Option<int?>("--rounds") { Description = "Timed rounds: 15, or 7 with --quick", HelpName = "N" };
        var rows = new Option<bool>("--rows") { Description = "Measure what perf/README.md's table needs and print its ratios" };
        var best = new Option<bool>("--best") { Description = "Compare least times instead of medians in --rows: for a machine that is busy with other things" };
        var calls = new Option<bool>("--calls") { Description = "List the calls of each case beneath it" };
        var list = new Option<bool>("--list") { Description = "List the cases and measure nothing" };
        var plans = new Option<string[]?>("--plans") { Description = "Instead: a table of what compilation makes of these graph files or ONNX models (none: examples/networks)", HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.ZeroOrMore };
        var compile = new Option<bool>("--compile") { Description = "Instead: a table of compile times of generated graphs of 1,000, 10,000 and 100,000 nodes" };
        var models = new Option<string?>("--models") { Description = "With --plans or --fusion: the graph files and ONNX models of this folder", HelpName = "FOLDER" };
        var replay = new Option<bool>("--replay") { Description = "Instead: a table of what a replay costs the host, driver calls apart" };
        var training = new Option<bool>("--training") { Description = "Instead: a training step of LeNet-5, fused and unfused in turn" };
        var fusion = new Option<string[]?>("--fusion") { Description = "Instead: a table of what fusion saves on these, beside what it should save", HelpName = "FILE", AllowMultipleArgumentsPerToken = true, Arity = ArgumentArity.ZeroOrMore };
        var root = new RootCommand("Measures kernels: GFLOP/s and GB/s beside the device's own peak, each beside a verified result.") { filter, variant, quick, json, compare, svg, selector, exact, peers, rounds, rows, best, calls, list, plans, models, compile, replay, training, fusion };
        root.SetAction(parsed =>
        {
            if (parsed.GetResult(plans) is not null || parsed.GetResult(fusion) is not null || parsed.GetValue(compile) || parsed.GetValue(replay) || parsed.GetValue(training))
            {
                using var chosen = ComputeDevice.Open(new DeviceOptions { Selector = parsed.GetValue(selector) });
                IReadOnlyList<string> Files(Option<string[]?> given) => parsed.GetValue(models) is { } folder ? Networks.In(folder) : parsed.GetValue(given) ?? [];
                if (parsed.GetValue(compile)) CompileTable.Write(Console.Out, chosen.Profile);
                if (parsed.GetValue(replay)) ReplayTable.Write(Console.Out, chosen);
                if (parsed.GetValue(training)) TrainingTable.Write(Console.Out, chosen);
                if (parsed.GetResult(plans) is not null) PlanTable.Write(Console.Out, chosen.Profile, Files(plans));
                if (parsed.GetResult(fusion) is not null) FusionTable.Write(Console.Out, chosen, DeviceSpeed.Measure(chosen), Files(fusion));
                return 0;
            }
            var cases = AllCases.Create()
                .Where(c => !parsed.GetValue(quick) || c.Quick)
                .Where(c => parsed.GetValue(filter) is { } text ? c.Title.Contains(text, StringComparison.OrdinalIgnoreCase) : parsed.GetValue(rows) ? Rows.Needs(c) : c.Set == PerfCase.Core).ToList();
            if (cases.Count == 0) throw new VkNetException("VKN7011", $"no case matches '{parsed.GetValue(filter)}'");
            if (parsed.GetValue(list))
            {
                foreach (var item in cases) Console.WriteLine(item.Title);
                return 0;
            }
            using var device = ComputeDevice.Open(new DeviceOptions { Selector = parsed.GetValue(selector) });
            Console.Error.WriteLine("measuring the device");
            var speed = DeviceSpeed.Measure(device);
            if (parsed.GetValue(peers))
            {
                Console.Error.WriteLine(Peers.OpenBlas.Description);
                Console.Error.WriteLine(Peers.OnnxRuntime.Description);
            }
            IReadOnlyList<string?> variants = parsed.GetValue(variant) is { } names ? names.Split(',') : new string?[1];
            var harness = new Harness(device, variants, parsed.GetValue(exact), Math.Max(1, parsed.GetValue(rounds) ?? (parsed.GetValue(quick) ? 7 : 15)), parsed.GetValue(peers));
            var results = harness.Run(cases, text => Console.Error.WriteLine(text));
            // Once more at the end: what the device can do is the better of two moments.
            speed = DeviceSpeed.Best(speed, DeviceSpeed.Measure(device));
            results = [.. results.Select(r => r.Against(speed))];
            var document = Report.Of(device.Profile.Name, speed, results);
            if (parsed.GetValue(json)) Report.WriteJson(Console.Out, document);
            else Report.WriteTable(Console.Out, document, parsed.GetValue(calls));
            if (parsed.GetValue(rows)) new Rows(document, parsed.GetValue(best)).Write(parsed.GetValue(json) ? Console.Error : Console.Out);
            if (parsed.GetValue(svg) is { } picture) Roofline.Save(picture, document);
            var regressions = parsed.GetValue(compare) is { } old ? Report.Compare(Console.Error, document, old) : 0;
            return regressions > 0 || results.Any(r => !r.Correct) ? (int)ErrorKind.Check : 0;
        });
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (VkNetException e)
        {
            Console.Error.WriteLine(e.Diagnostic);
            return (int)e.Kind;
        }
    }
}
