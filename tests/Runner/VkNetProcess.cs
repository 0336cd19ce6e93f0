using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace VkNet.Tests.Runner;

/// <summary>The runner as a process of its own, which may be ended from outside.</summary>
internal sealed partial class VkNetProcess : IDisposable
{
    /// <summary>The signal of Ctrl-C.</summary>
    internal const int Interrupt = 2;

    private readonly Process _process;
    private readonly StringBuilder _error = new();

    private VkNetProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, e) =>
        {
            lock (_error) _error.AppendLine(e.Data);
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Whether it is over.</summary>
    internal bool HasExited => _process.HasExited;

    /// <summary>Its exit code as a shell sees it: 128 and the signal's number when a signal ended it.</summary>
    internal int ExitCode => _process.ExitCode;

    /// <summary>What it has written to standard error so far.</summary>
    internal string ErrorText
    {
        get
        {
            lock (_error) return _error.ToString();
        }
    }

    /// <summary>The program and the arguments that start the runner with a command line.</summary>
    internal static string[] CommandLine(string[] arguments) => [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "vknet.dll"), .. arguments];

    /// <summary>Starts it.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="caches">Its cache folder; null for the user's.</param>
    /// <param name="temporary">Its folder for temporary files; null for the system's.</param>
    internal static VkNetProcess Start(string[] arguments, string? caches = null, string? temporary = null)
    {
        var line = Interruptible(CommandLine(arguments));
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        if (caches is not null) start.Environment["VKNET_CACHE_DIR"] = caches;
        if (temporary is not null) start.Environment["TMPDIR"] = temporary;
        return new VkNetProcess(Process.Start(start)!);
    }

    /// <summary>
    /// A command line that Ctrl-C ends. A shell that starts tests in the background has them ignore it, and what they start inherits that.
    /// </summary>
    internal static string[] Interruptible(string[] line) => InterruptIsIgnored() ? ["/usr/bin/env", "--default-signal=INT", .. line] : line;

    private static bool InterruptIsIgnored() =>
        OperatingSystem.IsLinux() && File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } ignored
        && (Convert.ToUInt64(ignored[7..].Trim(), 16) & (1UL << (Interrupt - 1))) != 0;

    /// <summary>Sends a signal.</summary>
    /// <returns>0 when it was sent.</returns>
    internal static int Send(VkNetProcess process, int signal) => SendSignal(process._process.Id, signal);

    /// <summary>Waits until it is over and all that it wrote has been read.</summary>
    internal void WaitForExit() => _process.WaitForExit();

    /// <summary>Waits so many milliseconds at most.</summary>
    /// <returns>Whether it is over.</returns>
    internal bool WaitForExit(int milliseconds) => _process.WaitForExit(milliseconds);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
