using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using VkNet;
using VkNet.Hosting;

namespace EmbeddingWeb;

/// <summary>
/// The web application: <c>POST /classify</c> names the digit of a picture, <c>GET /</c> is a page to draw one on, <c>GET /health</c> says
/// whether the network runs.
/// </summary>
public static class DigitApplication
{
    /// <summary>The network's name in the container.</summary>
    public const string ModelName = "digits";

    /// <summary>Most bytes of a picture.</summary>
    public const int MaximumUploadBytes = 4 << 20;

    /// <summary>Most pixels of a picture: 4096 x 4096, so that a small file cannot unpack to gigabytes.</summary>
    public const int MaximumUploadPixels = 1 << 24;

    /// <summary>Most pictures that go through the network together.</summary>
    public const int MaximumBatch = 16;

    /// <summary>Builds the application, ready to run, with the network on the device. Sets <see cref="Limits"/> for the whole process.</summary>
    /// <param name="args">Options of ASP.NET Core (<c>--urls http://localhost:8080</c>) and of VkNet (<c>--VkNet:Device radeon</c>, see <see cref="VkNetOptions"/>).</param>
    /// <exception cref="VkNetException">VKN4xxx: there is no such device, or it cannot run the network.</exception>
    public static async Task<WebApplication> CreateAsync(params string[] args)
    {
        Limits.MaximumPictureFileBytes = MaximumUploadBytes;
        Limits.MaximumPicturePixels = MaximumUploadPixels;

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaximumUploadBytes);
        builder.Services.AddVkNet(builder.Configuration.GetSection("VkNet")).AddModel(ModelName, Path.Combine(AppContext.BaseDirectory, "model", "lenet5.yaml"), o => o.MaximumBatch = MaximumBatch);
        builder.Services.AddSingleton<DigitClassifier>();
        builder.Services.AddHealthChecks().AddCheck<NetworkHealth>("network");

        if (builder.Configuration[TelemetryExport.Endpoint] is { Length: > 0 }) builder.Services.AddHostedService<TelemetryExport>();

        var app = builder.Build();
        try
        {
            var page = ReadPage();
            app.MapGet("/", (HttpResponse response) =>
            {
                // The page may run its own script and ask this server; it loads nothing else, and neither does what it shows.
                response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
                response.Headers.XContentTypeOptions = "nosniff";
                return Results.Text(page, "text/html; charset=utf-8");
            });
            app.MapPost("/classify", Upload.ClassifyAsync);
            app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteHealthAsync });
            // All batch sizes are compiled now, so that nobody waits for it later and memory stays as it is.
            await app.Services.GetRequiredService<DigitClassifier>().WarmUpAsync();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static Task WriteHealthAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.Select(e => new { name = e.Key, status = e.Value.Status.ToString(), description = e.Value.Description }),
    });

    private static string ReadPage()
    {
        using var stream = typeof(DigitApplication).Assembly.GetManifestResourceStream("page.html") ?? throw new InvalidOperationException("page.html is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
