using System.Net;
using VkNet.Tests.Device;
using VkNet.Tests.Examples;

namespace VkNet.Tests.Hosting;

/// <summary>The page of examples/embedding-web as a person uses it, in a browser.</summary>
internal sealed class WebPageTests
{
    private WebExample _web = null!;
    private HeadlessBrowser _browser = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        _browser = await HeadlessBrowser.StartAsync();
        _web = await WebExample.StartAsync(TestDrivers.All[0]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        if (_web is not null) await _web.DisposeAsync();
    }

    [SetUp]
    public async Task Open()
    {
        await _browser.SetViewAsync(1000, 640, "light");
        await _browser.OpenAsync(new Uri(_web.Address, $"?{TestContext.CurrentContext.Test.ID}"));
    }

    // Drawn small in a corner, and as large as the pad: the network sees both alike. Points are fractions of the pad.
    [TestCase("7", 0.05, 0.05, 0.3, "light")]
    [TestCase("4", 0.02, 0.02, 0.96, "dark")]
    public async Task A_drawn_digit_is_named(string digit, double left, double top, double size, string scheme)
    {
        await _browser.SetViewAsync(1000, 640, scheme);
        if (digit == "7")
        {
            await Draw((.25, .1), (.78, .08), (.7, .3), (.58, .5), (.48, .75), (.42, .96));
        }
        else
        {
            await Draw((.6, .05), (.14, .62), (.86, .6));
            await Draw((.64, .05), (.62, .96));
        }
        await _browser.WaitForAsync($"digit.textContent === '{digit}'");
        Assert.That(await Text("#words"), Does.Match($@"^Most likely {digit}: \d+\.\d %\.$"));
        Assert.That((await _browser.EvaluateAsync("[...document.querySelectorAll('#classes tr')].map(r => parseFloat(r.cells[2].textContent)).reduce((a, b) => a + b)"))!.GetValue<double>(), Is.EqualTo(100).Within(1));
        await _browser.WaitForAsync("document.getAnimations().length === 0");
        await _browser.SaveScreenshotAsync($"digit-drawn-{scheme}.png");

        await _browser.EvaluateAsync("document.getElementById('clear').click()");
        Assert.That((await Text("#digit"), await Text("#words")), Is.EqualTo(("", "Nothing drawn yet.")));
        Assert.That(_browser.Complaints, Is.Empty);

        async Task Draw(params (double X, double Y)[] points)
        {
            var box = (await _browser.EvaluateAsync("(({left, top, width, height}) => [left, top, width, height])(document.getElementById('pad').getBoundingClientRect())"))!.AsArray().Select(n => n!.GetValue<double>()).ToArray();
            await _browser.DrawAsync(Array.ConvertAll(points, p => (box[0] + (box[2] * (left + (p.X * size))), box[1] + (box[3] * (top + (p.Y * size))))));
        }
    }

    [Test]
    public async Task A_chosen_picture_is_named_and_what_is_none_is_explained()
    {
        // As narrow as a telephone.
        await _browser.SetViewAsync(360, 900, "dark");
        await _browser.ChooseFileAsync("#file", ExampleFiles.At("digits", "digit.png"));
        await _browser.WaitForAsync("digit.textContent !== ''");
        Assert.That(await Text("#digit"), Is.EqualTo("7"));
        Assert.That((await _browser.EvaluateAsync("document.documentElement.scrollWidth <= innerWidth"))!.GetValue<bool>(), Is.True, "the page is wider than the window");
        Assert.That(_browser.Complaints, Is.Empty);
        await _browser.WaitForAsync("document.getAnimations().length === 0");
        await _browser.SaveScreenshotAsync("digit-chosen-narrow.png");

        await _browser.ChooseFileAsync("#file", ExampleFiles.At("digits", "README.md"));
        await _browser.WaitForAsync("words.classList.contains('wrong')");
        Assert.That(await Text("#words"), Does.Contain("VKN6501"));
        Assert.That(await Text("#digit"), Is.Empty);
        // The browser itself notes every refused request; the page adds nothing to that.
        Assert.That(() => _browser.Complaints, Has.Count.EqualTo(1).After(5000, 20));
        Assert.That(_browser.Complaints.Single(), Does.Contain("415"));
    }

    // Browsers write JPEG; VkNet only reads it.
    [Test]
    public async Task A_photograph_is_named()
    {
        await _browser.ChooseFileAsync("#file", ExampleFiles.At("digits", "digit.png"));
        await _browser.WaitForAsync("digit.textContent !== ''");
        await _browser.WaitForAsync("pad.getContext('2d').getImageData(0, 0, 560, 560).data.some((value, i) => i % 4 < 3 && value > 200)");
        var jpeg = Convert.FromBase64String((await _browser.EvaluateAsync("pad.toDataURL('image/jpeg').split(',')[1]"))!.GetValue<string>());
        var (status, answer) = await _web.ClassifyAsync(jpeg, "image/jpeg");
        if (status == HttpStatusCode.UnsupportedMediaType && answer.GetProperty("code").GetString() == "VKN6508") Assert.Ignore("libturbojpeg is not installed");
        Assert.That((status, answer.GetProperty("digit").GetString()), Is.EqualTo((HttpStatusCode.OK, "7")));
    }

    private async Task<string> Text(string selector) => (await _browser.EvaluateAsync($"document.querySelector('{selector}').textContent"))!.GetValue<string>();
}
