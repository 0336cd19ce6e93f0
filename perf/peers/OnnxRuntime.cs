using System.Diagnostics;
using System.Globalization;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Onnx;

namespace VkNet.Perf.Peers;

/// <summary>
/// onnxruntime on the CPU, run in the same rounds as ours: a Node.js process (perf/peers/onnxruntime.mjs) that holds the same graph as an ONNX
/// model and runs it once per request. Needs <c>npm install</c> in perf/peers; without it its times are left out.
/// </summary>
internal sealed class OnnxRuntime : IDisposable
{
    private readonly Process _process;
    private readonly string _model;

    private OnnxRuntime(Process process, string model) => (_process, _model) = (process, model);

    /// <summary>The folder of the script with its packages; null where they are not installed.</summary>
    public static string? Folder { get; } = FindFolder();

    /// <summary>Whether it can be run, or what is missing.</summary>
    public static string Description => Folder is null ? "onnxruntime-node is not installed (ONNXRUNTIME_NODE_INSTALL=skip npm install, in perf/peers); its times are left out" : $"onnxruntime-node in {Folder}";

    /// <summary>Starts a process that holds a graph; null when it cannot, which is no failure of the measurement.</summary>
    public static OnnxRuntime? Start(Graph graph, IWeightSource? weights, int threads)
    {
        if (Folder is not { } folder) return null;
        var model = Path.Combine(Path.GetTempPath(), $"vknet-peer-{Guid.NewGuid():N}.onnx");
        try
        {
            var open = new OpenGraph(graph, [.. graph.Inputs.Select(i => new InputDeclaration(i.Name, i.DataType, [.. i.Shape.Select(s => new Dimension(s, null))]))], [.. graph.Outputs.Select(o => o.Value.Shape.Select(s => (long?)s).ToList())]);
            OnnxModel.Save(model, open, value => value.Constant ?? weights?.Find(value));
            var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(folder, "onnxruntime.mjs"), model, threads.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
            });
            if (process is null) return null;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var peer = new OnnxRuntime(process, model);
            if (process.StandardOutput.ReadLine() == "ready") return peer;
            peer.Dispose();
        }
        catch (Exception e) when (e is VkNetException or System.ComponentModel.Win32Exception or IOException)
        {
            File.Delete(model);
        }
        return null;
    }

    /// <summary>Runs the model once and returns the milliseconds; NaN when the process has ended.</summary>
    public double Run()
    {
        try
        {
            _process.StandardInput.WriteLine("run");
            _process.StandardInput.Flush();
            return double.TryParse(_process.StandardOutput.ReadLine(), CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : double.NaN;
        }
        catch (IOException)
        {
            return double.NaN;
        }
    }

    /// <summary>Ends the process and removes the model.</summary>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
        File.Delete(_model);
    }

    private static string? FindFolder()
    {
        if (Environment.GetEnvironmentVariable("VKNET_PEERS") is { Length: > 0 } chosen) return Directory.Exists(Path.Combine(chosen, "node_modules", "onnxruntime-node")) ? chosen : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "perf", "peers");
            if (Directory.Exists(Path.Combine(candidate, "node_modules", "onnxruntime-node"))) return candidate;
        }
        return null;
    }
}
