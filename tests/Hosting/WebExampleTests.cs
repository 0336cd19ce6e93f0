using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EmbeddingWeb;
using VkNet.Formats;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Examples;
using VkNet.Training;

namespace VkNet.Tests.Hosting;

/// <summary>examples/embedding-web under good, bad and vanishing clients.</summary>
internal sealed class WebExampleTests(string driver) : OnEveryDevice(driver)
{
    private const int Pictures = 20;
    private static readonly DigitSource Digits = new(Pictures, 3);

    private WebExample _web = null!;

    [OneTimeSetUp]
    public async Task Start() => _web = await WebExample.StartAsync(Driver);

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_web is not null) await _web.DisposeAsync();
    }

    // No client, however bad, is worth a warning in the server's log.
    [TearDown]
    public void CheckLog() => Assert.That(_web.Warnings, Is.Empty);

    [Test]
    public async Task A_picture_gets_its_classes()
    {
        var (status, answer) = await _web.ClassifyAsync(await File.ReadAllBytesAsync(ExampleFiles.At("digits", "digit.png")));
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.GetProperty("digit").GetString(), Is.EqualTo("7"));
        Assert.That(answer.GetProperty("probability").GetDouble(), Is.GreaterThan(0.9));
        var classes = answer.GetProperty("classes").EnumerateArray().Select(c => (Name: c.GetProperty("name").GetString(), Probability: c.GetProperty("probability").GetDouble())).ToArray();
        Assert.That(classes.Select(c => c.Name).Order(), Is.EqualTo(Enumerable.Range(0, 10).Select(i => $"{i}")));
        Assert.That(classes.Sum(c => c.Probability), Is.EqualTo(1).Within(1e-9));
        Assert.That(classes.Select(c => c.Probability), Is.Ordered.Descending);
    }

    [TestCase("png", null)]
    [TestCase("png", "application/octet-stream")]
    [TestCase("pgm", "image/x-portable-graymap")]
    [TestCase("ppm", "image/x-portable-pixmap")]
    [TestCase("pgm", "image/png")]
    public async Task Formats_are_known_by_their_bytes_and_black_on_white_is_turned_over(string format, string? type)
    {
        for (var i = 0; i < 10; i++)
        {
            var (samples, label) = Digit(i);
            foreach (var inverted in new[] { false, true })
            {
                var grey = inverted ? Array.ConvertAll(samples, s => (byte)(255 - s)) : samples;
                var picture = format == "ppm" ? new Picture(28, 28, 3, [.. grey.SelectMany(s => new[] { s, s, s })]) : new Picture(28, 28, 1, grey);
                var (status, answer) = await _web.ClassifyAsync(Encode(picture, format), type);
                Assert.That((status, answer.GetProperty("digit").GetString()), Is.EqualTo((HttpStatusCode.OK, $"{label}")));
            }
        }
    }

    [Test]
    public async Task What_is_transparent_is_paper()
    {
        // Black ink on nothing, as drawing programs save it: the colours alone are black all over.
        var (samples, label) = Digit(0);
        var ink = new Picture(28, 28, 4, [.. samples.SelectMany(s => new byte[] { 0, 0, 0, s })]);
        var (status, answer) = await _web.ClassifyAsync(Encode(ink, "png"));
        Assert.That((status, answer.GetProperty("digit").GetString()), Is.EqualTo((HttpStatusCode.OK, $"{label}")));
    }

    [Test]
    public async Task A_lost_device_is_opened_again()
    {
        await using var web = await WebExample.StartAsync(Driver);
        var picture = await File.ReadAllBytesAsync(ExampleFiles.At("digits", "digit.png"));
        web.Device.Native.Lose("being tested");
        Assert.That((await web.ClassifyAsync(picture)).Status, Is.EqualTo(HttpStatusCode.OK));
        using var health = await web.Client.GetAsync(new Uri("health", UriKind.Relative));
        Assert.That(health.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(web.Device.IsLost, Is.False);
    }

    private static IEnumerable<TestCaseData> BadUploads()
    {
        var good = File.ReadAllBytes(ExampleFiles.At("digits", "digit.png"));
        yield return new TestCaseData(Array.Empty<byte>(), "image/png", HttpStatusCode.UnsupportedMediaType, "VKN6501").SetArgDisplayNames("nothing");
        yield return new TestCaseData("hello, world"u8.ToArray(), "image/png", HttpStatusCode.UnsupportedMediaType, "VKN6501").SetArgDisplayNames("text called a picture");
        yield return new TestCaseData("GIF89a......"u8.ToArray(), "image/gif", HttpStatusCode.UnsupportedMediaType, "VKN6501").SetArgDisplayNames("GIF");
        yield return new TestCaseData(good, "text/plain", HttpStatusCode.UnsupportedMediaType, "VKN6501").SetArgDisplayNames("a picture called text");
        yield return new TestCaseData(good, "multipart/form-data; boundary=x", HttpStatusCode.UnsupportedMediaType, "VKN6501").SetArgDisplayNames("a form");
        yield return new TestCaseData(good[..^20], "image/png", HttpStatusCode.UnprocessableEntity, "VKN65").SetArgDisplayNames("cut short");
        yield return new TestCaseData(Encoding.ASCII.GetBytes("P5 60000 60000 255\n").Concat(new byte[1000]).ToArray(), "image/x-portable-graymap", HttpStatusCode.UnprocessableEntity, "VKN6505").SetArgDisplayNames("PGM of 3.6 gigapixels");
        // A real bomb: 64 KB that would unpack to 64 MB, and say so.
        yield return new TestCaseData(Encode(new Picture(8000, 8000, 1, new byte[64_000_000]), "png"), "image/png", HttpStatusCode.UnprocessableEntity, "VKN6505").SetArgDisplayNames("PNG of 64 megapixels");
        yield return new TestCaseData(new byte[DigitApplication.MaximumUploadBytes + 1], "image/png", HttpStatusCode.RequestEntityTooLarge, "VKN6004").SetArgDisplayNames("too many bytes");
    }

    [TestCaseSource(nameof(BadUploads))]
    public async Task Bad_uploads_are_refused_with_a_code(byte[] content, string type, HttpStatusCode expected, string code)
    {
        var (status, problem) = await _web.ClassifyAsync(content, type);
        Assert.That(status, Is.EqualTo(expected));
        Assert.That(problem.GetProperty("code").GetString(), Does.StartWith(code));
        Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo((int)expected));
        Assert.That(problem.GetProperty("detail").GetString(), Is.Not.Empty);
        await ClassifyAll(1, 1);
    }

    [Test]
    public async Task Bytes_beyond_the_limit_are_not_taken_when_their_number_is_not_declared_either()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "classify") { Content = new StreamContent(new MemoryStream(new byte[DigitApplication.MaximumUploadBytes + 1])) };
        request.Headers.TransferEncodingChunked = true;
        using var response = await _web.Client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    [Category("Full")]
    public async Task A_body_that_does_not_come_is_not_waited_for()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_web.Address.Host, _web.Address.Port);
        using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /classify HTTP/1.1\r\nHost: {_web.Address.Authority}\r\nContent-Length: 100000\r\n\r\nP5 28"));
        using var reader = new StreamReader(stream);
        Assert.That(await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30)), Does.StartWith("HTTP/1.1 408 ").And.Contain("VKN6002"));
    }

    [Test]
    public void A_device_that_is_not_there_is_an_error_before_anything_listens() =>
        Assert.That(async () => await WebExample.StartAsync("no such device"), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN4003"));

    [Test]
    public async Task Stopping_answers_what_has_come()
    {
        await using var web = await WebExample.StartAsync(Driver);
        var picture = await File.ReadAllBytesAsync(ExampleFiles.At("digits", "digit.png"));
        var requests = Enumerable.Range(0, 32).Select(_ => Task.Run(() => web.ClassifyAsync(picture))).ToArray();
        await Task.WhenAny(requests);
        await web.StopAsync();
        foreach (var request in requests)
            try
            {
                Assert.That((await request).Status, Is.EqualTo(HttpStatusCode.OK));
            }
            catch (HttpRequestException)
            {
                // It came too late to be accepted.
            }
        Assert.That(web.Warnings, Is.Empty);
    }

    [Test]
    public async Task Health_names_the_device()
    {
        using var response = await _web.Client.GetAsync(new Uri("health", UriKind.Relative));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("Healthy").And.Contain(_web.Device.Profile.Name));
        using var wrong = await _web.Client.GetAsync(new Uri("classify", UriKind.Relative));
        Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public async Task Metrics_and_traces_go_to_a_collector()
    {
        var received = new ConcurrentDictionary<string, byte[]>();
        using var collector = new HttpListener();
        var port = FreePort();
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        var listening = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var context = await collector.GetContextAsync();
                    using var body = new MemoryStream();
                    await context.Request.InputStream.CopyToAsync(body);
                    received.AddOrUpdate(context.Request.Url!.AbsolutePath, body.ToArray(), (_, earlier) => [.. earlier, .. body.ToArray()]);
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The collector was stopped.
            }
        });
        await using (var web = await WebExample.StartAsync(Driver, "--OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}/", "--OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"))
        {
            await web.ClassifyAsync(await File.ReadAllBytesAsync(ExampleFiles.At("digits", "digit.png")));
            await web.StopAsync();
        }
        collector.Stop();
        await listening;
        Assert.That(received.Keys, Is.EquivalentTo(new[] { "/v1/metrics", "/v1/traces" }));
        Assert.That(Encoding.Latin1.GetString(received["/v1/metrics"]), Does.Contain("vknet.run.duration").And.Contain("http.server.request.duration"));
        Assert.That(Encoding.Latin1.GetString(received["/v1/traces"]), Does.Contain("vknet.run"));

        static int FreePort()
        {
            using var socket = new TcpListener(IPAddress.Loopback, 0);
            socket.Start();
            return ((IPEndPoint)socket.LocalEndpoint).Port;
        }
    }

    [Test]
    public async Task The_page_loads_nothing_from_elsewhere()
    {
        using var response = await _web.Client.GetAsync(new Uri("", UriKind.Relative));
        var page = await response.Content.ReadAsStringAsync();
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/html"));
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'"));
        Assert.That(page, Does.Not.Contain("http:").And.Not.Contain("https:").And.Not.Contain("src="));
    }

    [Test]
    public async Task Requests_of_many_clients_share_runs()
    {
        var before = _web.Runs;
        var latencies = await ClassifyAll(8, 200);
        Report(latencies, _web.Runs - before);
        Assert.That(_web.Runs - before, Is.LessThan(200));
    }

    [Test]
    public async Task Cancelled_and_killed_clients_harm_nobody()
    {
        var picture = await File.ReadAllBytesAsync(ExampleFiles.At("digits", "digit.png"));
        using var stop = new CancellationTokenSource();
        var vandals = Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Vandalise(picture, i, stop.Token))));
        await ClassifyAll(8, 200);
        await stop.CancelAsync();
        Assert.That((await vandals).Sum(), Is.GreaterThan(10), "too few clients vanished to tell anything");
        await ClassifyAll(1, 10);
    }

    [Test]
    [Category("Full")]
    public async Task Ten_thousand_requests_of_64_clients_leave_memory_as_it_was()
    {
        var picture = await File.ReadAllBytesAsync(ExampleFiles.At("digits", "digit.png"));
        await ClassifyAll(64, 1000);
        var (bytes, allocations, managed) = (_web.Device.Memory.LiveBytes, _web.Device.Memory.LiveAllocations, GC.GetTotalMemory(forceFullCollection: true));
        var before = _web.Runs;
        using var stop = new CancellationTokenSource();
        var vandals = Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Vandalise(picture, i, stop.Token))));
        var clock = Stopwatch.StartNew();
        var latencies = await ClassifyAll(64, 10_000);
        var seconds = clock.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        var vanished = (await vandals).Sum();
        await ClassifyAll(1, 1);
        Report(latencies, _web.Runs - before);
        var growth = GC.GetTotalMemory(forceFullCollection: true) - managed;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{10_000 / seconds:F0} requests/s; {vanished} clients cancelled or killed meanwhile; device {bytes} B, then {_web.Device.Memory.LiveBytes} B; managed {growth / 1024:+0;-0;0} KiB"));
        Assert.That((_web.Device.Memory.LiveBytes, _web.Device.Memory.LiveAllocations), Is.EqualTo((bytes, allocations)));
        Assert.That(growth, Is.LessThan(8 << 20));
    }

    // Every client asks for its share, one after another, and every answer must be right. Returns the latencies in milliseconds, sorted.
    private async Task<double[]> ClassifyAll(int clients, int requests)
    {
        var pictures = Enumerable.Range(0, Pictures).Select(i => (Content: Encode(new Picture(28, 28, 1, Digit(i).Samples), "png"), Digit(i).Label)).ToArray();
        var latencies = new double[requests];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < requests;)
            {
                var (content, label) = pictures[i % Pictures];
                var start = Stopwatch.GetTimestamp();
                var (status, answer) = await _web.ClassifyAsync(content);
                latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (status != HttpStatusCode.OK || answer.GetProperty("digit").GetString() != $"{label}") throw new InvalidOperationException($"request {i}: {status} {answer}, not {label}");
            }
        })));
        Array.Sort(latencies);
        return latencies;
    }

    private static void Report(double[] sorted, int runs) => TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{sorted.Length} requests in {runs} runs: median {sorted[sorted.Length / 2]:F1} ms, p99 {sorted[(int)Math.Ceiling(sorted.Length * 0.99) - 1]:F1} ms, longest {sorted[^1]:F1} ms"));

    // In turn: a request cancelled at a random moment, half a request whose connection is reset, and a whole one whose answer nobody reads.
    private async Task<int> Vandalise(byte[] picture, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        var done = 0;
        for (; !stop.IsCancellationRequested; done++)
            if (done % 3 == 0)
            {
                using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.NextDouble() * 8));
                try
                {
                    await _web.ClassifyAsync(picture, cancellation: source.Token);
                }
                catch (OperationCanceledException)
                {
                    // As it should be; others are answered in time.
                }
            }
            else
            {
                // A socket that does not linger is reset when it is disposed, as that of a killed process.
                using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0), NoDelay = true };
                await client.ConnectAsync(_web.Address.Host, _web.Address.Port, CancellationToken.None);
                var head = Encoding.ASCII.GetBytes($"POST /classify HTTP/1.1\r\nHost: {_web.Address.Authority}\r\nContent-Type: image/png\r\nContent-Length: {picture.Length}\r\n\r\n");
                await client.SendAsync(head, CancellationToken.None);
                await client.SendAsync(done % 3 == 1 ? picture.AsMemory(0, random.Next(picture.Length)) : picture, CancellationToken.None);
                await Task.Delay(random.Next(5), CancellationToken.None);
            }
        return done;
    }

    private static (byte[] Samples, int Label) Digit(int number)
    {
        var (image, label) = (Tensor.Zeros(DataType.UInt8, [1, 28, 28]), Tensor.Zeros(DataType.Int32, [1]));
        Digits.Read(0, [number], image);
        Digits.Read(1, [number], label);
        return (image.ToArray<byte>(), label.ToArray<int>()[0]);
    }

    private static byte[] Encode(Picture picture, string format)
    {
        if (format == "png")
        {
            using var stream = new MemoryStream();
            PictureFile.SavePng(stream, picture);
            return stream.ToArray();
        }
        using var folder = new ScratchFolder();
        PictureFile.Save(folder[$"picture.{format}"], picture);
        return File.ReadAllBytes(folder[$"picture.{format}"]);
    }
}
