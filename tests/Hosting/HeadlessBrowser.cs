using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VkNet.Tests.Hosting;

/// <summary>A Chromium without a window, driven by the Chrome DevTools Protocol (version 1.3), with a profile of its own.</summary>
internal sealed class HeadlessBrowser : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ScratchFolder _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = [];
    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly CancellationTokenSource _closing = new();
    private Task _reader = Task.CompletedTask;
    private int _number;

    private HeadlessBrowser(Process process, ScratchFolder profile) => (_process, _profile) = (process, profile);

    /// <summary>Of the page that is open: errors and warnings of the console, exceptions that nobody caught, and requests that were refused.</summary>
    internal IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Starts the browser; skips the running test where there is none.</summary>
    internal static async Task<HeadlessBrowser> StartAsync()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var program = Names.SelectMany(n => folders.Select(f => Path.Combine(f, n))).FirstOrDefault(File.Exists);
        if (program is null) Assert.Ignore($"there is no browser on this machine ({string.Join(", ", Names)})");
        var profile = new ScratchFolder();
        // Containers have neither the rights that the browser's sandbox needs nor much shared memory; it sees no page but ours.
        var start = new ProcessStartInfo(program!, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run", "--no-proxy-server", "--remote-debugging-port=0", $"--user-data-dir={profile["profile"]}", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var browser = new HeadlessBrowser(process, profile);
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a page and waits until it has loaded.</summary>
    internal async Task OpenAsync(Uri page)
    {
        _complaints.Clear();
        await SendAsync("Page.navigate", new { url = page.AbsoluteUri });
        await WaitForAsync($"location.href === {JsonSerializer.Serialize(page.AbsoluteUri)} && document.readyState === 'complete'");
    }

    /// <summary>The value of a JavaScript expression.</summary>
    internal async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var result = await SendAsync("Runtime.evaluate", new { expression, returnByValue = true });
        if (result["exceptionDetails"] is { } details) throw new InvalidOperationException($"{expression}: {details.ToJsonString()}");
        return result["result"]!["value"];
    }

    /// <summary>Waits until an expression is true.</summary>
    internal async Task WaitForAsync(string condition)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(20))
            if ((await EvaluateAsync(condition))?.GetValue<bool>() == true) return;
        throw new TimeoutException($"{condition} did not come true in {Patience.TotalSeconds} s; the page says: {await EvaluateAsync("document.body.innerText")}");
    }

    /// <summary>Draws a stroke with the mouse, through points in pixels of the page.</summary>
    internal async Task DrawAsync(params (double X, double Y)[] points)
    {
        await Mouse("mousePressed", points[0], 1);
        foreach (var point in points) await Mouse("mouseMoved", point, 1);
        await Mouse("mouseReleased", points[^1], 0);

        Task Mouse(string type, (double X, double Y) point, int buttons) =>
            SendAsync("Input.dispatchMouseEvent", new { type, x = point.X, y = point.Y, button = "left", buttons, clickCount = 1 });
    }

    /// <summary>Chooses a file in an input element.</summary>
    internal async Task ChooseFileAsync(string selector, string path)
    {
        var document = await SendAsync("DOM.getDocument", new { });
        var node = await SendAsync("DOM.querySelector", new { nodeId = document["root"]!["nodeId"]!.GetValue<int>(), selector });
        await SendAsync("DOM.setFileInputFiles", new { files = new[] { path }, nodeId = node["nodeId"]!.GetValue<int>() });
    }

    /// <summary>Makes the window so large and the user's scheme light or dark.</summary>
    internal async Task SetViewAsync(int width, int height, string scheme)
    {
        await SendAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = false });
        await SendAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme } } });
    }

    /// <summary>Saves what the window shows as PNG and attaches it to the test.</summary>
    internal async Task SaveScreenshotAsync(string name)
    {
        var picture = Convert.FromBase64String((await SendAsync("Page.captureScreenshot", new { format = "png" }))["data"]!.GetValue<string>());
        var folder = Directory.CreateDirectory(Path.Combine(TestData.Repository, "artifacts", "screenshots")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, name), picture);
        TestContext.AddTestAttachment(Path.Combine(folder, name));
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reader;
        _socket.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _closing.Dispose();
        try
        {
            _profile.Dispose();
        }
        catch (IOException)
        {
            // A helper process of the browser wrote once more on its way out; the folder is in the system's temporary one.
        }
    }

    private async Task ConnectAsync()
    {
        // The browser writes the port that it chose into its profile.
        var file = Path.Combine(_profile["profile"], "DevToolsActivePort");
        var clock = Stopwatch.StartNew();
        string[] lines;
        while ((lines = File.Exists(file) ? await File.ReadAllLinesAsync(file) : []).Length < 2)
        {
            if (_process.HasExited || clock.Elapsed > Patience) throw new InvalidOperationException($"the browser did not start in {clock.Elapsed.TotalSeconds:F0} s");
            await Task.Delay(20);
        }
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var targets = await client.GetFromJsonAsync<JsonArray>(new Uri($"http://127.0.0.1:{int.Parse(lines[0], CultureInfo.InvariantCulture)}/json/list"));
        var page = targets!.Single(t => t!["type"]!.GetValue<string>() == "page")!;
        await _socket.ConnectAsync(new Uri(page["webSocketDebuggerUrl"]!.GetValue<string>()), CancellationToken.None);
        _reader = Task.Run(ReadAsync);
        foreach (var domain in new[] { "Page", "Runtime", "Log", "DOM" }) await SendAsync($"{domain}.enable", new { });
    }

    private async Task<JsonNode> SendAsync(string method, object parameters)
    {
        var id = ++_number;
        var answer = _waiting[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, CancellationToken.None);
        var message = await answer.Task.WaitAsync(Patience);
        return message["result"] ?? throw new InvalidOperationException($"{method}: {message.ToJsonString()}");
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (true)
            {
                using var text = new MemoryStream();
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(), _closing.Token);
                    text.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close) return;
                Take(JsonNode.Parse(text.ToArray())!);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            foreach (var answer in _waiting.Values) answer.TrySetException(new InvalidOperationException("the browser has gone", e));
        }
    }

    private void Take(JsonNode message)
    {
        if (message["id"] is { } id)
        {
            if (_waiting.TryRemove(id.GetValue<int>(), out var answer)) answer.SetResult(message);
            return;
        }
        var kind = message["method"]!.GetValue<string>() switch
        {
            "Runtime.exceptionThrown" => "error",
            "Runtime.consoleAPICalled" => message["params"]!["type"]!.GetValue<string>(),
            "Log.entryAdded" => message["params"]!["entry"]!["level"]!.GetValue<string>(),
            _ => "",
        };
        if (kind is "error" or "warning" or "assert") _complaints.Enqueue(message["params"]!.ToJsonString());
    }
}
