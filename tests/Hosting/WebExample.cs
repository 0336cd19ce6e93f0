using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using EmbeddingWeb;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Hosting;

namespace VkNet.Tests.Hosting;

/// <summary>The web example, started inside the test's process on a free port; it sets the process's limits, which are put back at the end.</summary>
internal sealed class WebExample : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MeterListener _listener;
    private readonly (long Bytes, long Pixels) _limits;
    private readonly ConcurrentQueue<string> _warnings = [];
    private int _runs;

    private WebExample(WebApplication app, (long Bytes, long Pixels) limits)
    {
        (_app, _limits) = (app, limits);
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(new Recorder(_warnings));
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Telemetry.Name && instrument.Name == "vknet.run.duration") listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _runs));
        _listener.Start();
    }

    /// <summary>Where it listens.</summary>
    internal Uri Address { get; }

    /// <summary>A client of it, as many connections as are asked of it.</summary>
    internal HttpClient Client { get; }

    /// <summary>The device that it has open.</summary>
    internal ComputeDevice Device => _app.Services.GetRequiredService<VkNetDevice>().Current;

    /// <summary>Runs of the network since it was started, each of a whole batch.</summary>
    internal int Runs => Volatile.Read(ref _runs);

    /// <summary>What it logged as warning or error.</summary>
    internal IReadOnlyCollection<string> Warnings => _warnings;

    /// <summary>Stops it as Ctrl-C does: nothing new is accepted, what has come is answered.</summary>
    internal Task StopAsync() => _app.StopAsync();

    /// <summary>Starts it on a driver.</summary>
    internal static async Task<WebExample> StartAsync(string driver, params string[] more)
    {
        var limits = (Limits.MaximumPictureFileBytes, Limits.MaximumPicturePixels);
        try
        {
            var app = await DigitApplication.CreateAsync(["--urls", "http://127.0.0.1:0", "--VkNet:Device", driver, "--Logging:LogLevel:Default", "Warning", .. more]);
            await app.StartAsync();
            return new WebExample(app, limits);
        }
        catch
        {
            (Limits.MaximumPictureFileBytes, Limits.MaximumPicturePixels) = limits;
            throw;
        }
    }

    /// <summary>Posts a picture.</summary>
    internal async Task<(HttpStatusCode Status, JsonElement Answer)> ClassifyAsync(byte[] picture, string? type = "image/png", CancellationToken cancellation = default)
    {
        using var content = new ByteArrayContent(picture);
        if (type is not null) content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, "classify") { Content = content };
        // What is too long is then refused before it is sent.
        request.Headers.ExpectContinue = picture.Length > 1 << 20;
        using var response = await Client.SendAsync(request, cancellation);
        if (!response.IsSuccessStatusCode) Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellation)).RootElement);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Client.Dispose();
        await _app.DisposeAsync();
        (Limits.MaximumPictureFileBytes, Limits.MaximumPicturePixels) = _limits;
    }

    private sealed class Recorder(ConcurrentQueue<string> warnings) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) warnings.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
