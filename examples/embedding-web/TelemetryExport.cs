using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using VkNet.Execution;

namespace EmbeddingWeb;

/// <summary>
/// Sends metrics and traces of VkNet and of the server to an OpenTelemetry collector, as long as the application runs. Where to is said in
/// OpenTelemetry's own way: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, and beside it <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>.
/// </summary>
/// <param name="configuration">The application's configuration.</param>
internal sealed class TelemetryExport(IConfiguration configuration) : IHostedService, IDisposable
{
    /// <summary>The setting that switches it on.</summary>
    internal const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private MeterProvider? _meters;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("embedding-web");
        _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel").AddOtlpExporter(o => Configure(o, "metrics")).Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Telemetry.Name, "Microsoft.AspNetCore").AddOtlpExporter(o => Configure(o, "traces")).Build();
        return Task.CompletedTask;
    }

    // What has not been sent is sent now.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _meters?.Dispose();
        _traces?.Dispose();
    }

    private void Configure(OtlpExporterOptions options, string signal)
    {
        var protocol = configuration["OTEL_EXPORTER_OTLP_PROTOCOL"];
        options.Protocol = protocol == "http/protobuf" ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        var endpoint = new Uri(configuration[Endpoint]!);
        options.Endpoint = options.Protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri(endpoint, $"v1/{signal}");
    }
}
