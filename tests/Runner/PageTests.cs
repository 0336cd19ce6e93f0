using VkNet.Tests.Device;
using VkNet.Tests.Examples;
using VkNet.Tests.Hosting;

namespace VkNet.Tests.Runner;

/// <summary>The pages of inspect, bench and train in a browser: nothing to complain of, light and dark, wide and narrow.</summary>
internal sealed class PageTests
{
    private HeadlessBrowser _browser = null!;
    private ScratchFolder _folder = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _browser = await HeadlessBrowser.StartAsync();
        _folder = new ScratchFolder();
        RunnerProcess.Expect("inspect", ExampleFiles.At("networks", "squeezenet.yaml"), "--html", _folder["inspect.html"]);
        RunnerProcess.Expect("bench", ExampleFiles.At("digits", "lenet5.yaml"), "--iterations", "20", "--html", _folder["bench.html"]);
        RunnerProcess.Expect("train", ExampleFiles.At("digits", "lenet.train.yaml"), "--set", "epochs=2", "--set", "data.train.count=1280", "--out", _folder["run"], "--html", _folder["train.html"]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _folder?.Dispose();
    }

    [Test]
    public async Task Pages_are_clean([Values("inspect", "bench", "train")] string page, [Values("light", "dark")] string scheme)
    {
        await _browser.SetViewAsync(1200, 900, scheme);
        await _browser.OpenAsync(new Uri(_folder[page + ".html"]));
        Assert.That(_browser.Complaints, Is.Empty);
        Assert.That(await Count("document.querySelectorAll('script, link[href^=http], img').length"), Is.Zero, "something is loaded or run");
        Assert.That(await Count("document.querySelectorAll('.tile').length"), Is.GreaterThan(3));
        Assert.That(await Count("document.querySelectorAll('svg').length"), Is.GreaterThan(0));
        Assert.That(await Count("document.querySelectorAll('tbody tr').length"), Is.GreaterThan(1));
        // Dark ink on light paper or the other way round: the contrast that WCAG asks of text (4.5 : 1).
        const string contrast = "(() => { const l = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => { x /= 255; return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; }); return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };"
            + " const paper = l(getComputedStyle(document.body).backgroundColor); return [...document.querySelectorAll('h1, p, td, th, .tile b, .tile span, footer')].map(e => l(getComputedStyle(e).color)).map(ink => (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05)).reduce((a, b) => Math.min(a, b)); })()";
        Assert.That(await Count(contrast), Is.GreaterThan(4.5));
        Assert.That(await Count("+(matchMedia('(prefers-color-scheme: dark)').matches)"), Is.EqualTo(scheme == "dark" ? 1 : 0));
        await _browser.SaveScreenshotAsync($"{page}-{scheme}.png");

        await _browser.SetViewAsync(420, 900, scheme);
        Assert.That(await Count("document.documentElement.scrollWidth - innerWidth"), Is.LessThanOrEqualTo(0), "the page is wider than a narrow window");
        if (scheme == "dark") await _browser.SaveScreenshotAsync($"{page}-narrow.png");
    }

    private async Task<double> Count(string expression) => (await _browser.EvaluateAsync(expression))!.GetValue<double>();
}
