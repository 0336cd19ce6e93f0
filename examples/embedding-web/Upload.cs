using Microsoft.Net.Http.Headers;
using VkNet;

namespace EmbeddingWeb;

/// <summary>The endpoint that takes a picture: reads no more than is allowed, and answers what is wrong as problem+json (RFC 9457).</summary>
internal static class Upload
{
    // What nginx answers, to its log, when the client has gone; there is nobody else to read it.
    private const int ClientClosedRequest = 499;

    internal static async Task<IResult> ClassifyAsync(HttpRequest request, DigitClassifier classifier, CancellationToken cancellation)
    {
        try
        {
            return Results.Ok(await classifier.ClassifyAsync(await ReadAsync(request), cancellation));
        }
        catch (VkNetException e)
        {
            return Problem(e.Diagnostic, StatusOf(e));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has gone. A reset can be noticed here before the server knows of it, which would then wait for the rest of the body.
            request.HttpContext.Abort();
            return Results.StatusCode(ClientClosedRequest);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        // A picture of no declared type, or of a wrong one among pictures, is judged by its bytes.
        if (request.ContentType is { } declared && !(MediaTypeHeaderValue.TryParse(declared, out var type) && (type.Type == "image" || type.MediaType == "application/octet-stream")))
            throw new VkNetException("VKN6501", $"a body of type '{declared}' is no picture", "POST the picture's bytes themselves, as image/png, image/jpeg, image/x-portable-graymap or application/octet-stream");
        try
        {
            using var content = new MemoryStream();
            // The server itself ends the read when the client has gone; a read cancelled from here would leave the body half taken.
            await request.Body.CopyToAsync(content, CancellationToken.None);
            return content.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new VkNetException("VKN6004", $"the picture has more than {DigitApplication.MaximumUploadBytes} bytes", "scale it down first", inner: e);
        }
        catch (BadHttpRequestException e)
        {
            throw new VkNetException("VKN6002", $"the picture did not come whole: {e.Message}", inner: e);
        }
    }

    // 400, 408, 413: a body that broke off, came too slowly, or is too long, as the server found. 415: not a picture, or not one that can
    // be read here. 422: a picture, but damaged, or of too many pixels.
    private static int StatusOf(VkNetException e) => e.InnerException is BadHttpRequestException body ? body.StatusCode : (e.Kind, e.Diagnostic.Code) switch
    {
        (ErrorKind.Device, _) => StatusCodes.Status503ServiceUnavailable,
        (ErrorKind.Input, "VKN6501" or "VKN6508") => StatusCodes.Status415UnsupportedMediaType,
        (ErrorKind.Input, _) => StatusCodes.Status422UnprocessableEntity,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static IResult Problem(Diagnostic diagnostic, int status) =>
        Results.Problem(diagnostic.Message, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = diagnostic.Code, ["help"] = diagnostic.Help });
}
