using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VkNet.Devices;
using VkNet.Hosting;
using VkNet.Tests.Device;
using static VkNet.Tests.Hosting.ModelRunnerTests;

namespace VkNet.Tests.Hosting;

internal sealed class ServiceCollectionTests(string driver) : OnEveryDevice(driver)
{
    [TestCase(1)]
    [TestCase(8)]
    public async Task A_model_is_asked_for_by_name(int maximumBatch)
    {
        var services = new ServiceCollection();
        services.AddVkNet(o => o.Device = Device.Profile.Name).AddModel("doubling", o =>
        {
            o.Model = Doubling;
            o.MaximumBatch = maximumBatch;
        });
        ComputeDevice device;
        await using (var provider = services.BuildServiceProvider())
        {
            var model = provider.GetRequiredKeyedService<IVkNetModel>("doubling");
            Assert.That((await model.RunAsync(Input(Rows(2))))["y"].ToArray<float>(), Is.EqualTo(new float[] { 1, 3, 5, 7, 9, 11 }));
            Assert.That(provider.GetRequiredKeyedService<IVkNetModel>("doubling"), Is.SameAs(model));
            device = provider.GetRequiredService<ComputeDevice>();
        }
        Assert.That(device.IsDisposed, Is.True);
    }

    [Test]
    public void A_model_without_definition_is_refused()
    {
        var services = new ServiceCollection();
        services.AddVkNet(o => o.Device = Device.Profile.Name).AddModel("empty", _ => { });
        using var provider = services.BuildServiceProvider();
        Assert.That(() => provider.GetRequiredKeyedService<IVkNetModel>("empty"), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN7040"));
    }

    [Test]
    public void Nothing_is_opened_before_it_is_asked_for()
    {
        var services = new ServiceCollection();
        services.AddVkNet(o => o.Device = "no such device");
        using var provider = services.BuildServiceProvider();
        Assert.That(() => provider.GetRequiredService<ComputeDevice>(), Throws.TypeOf<VkNetException>());
    }

    [Test]
    public async Task A_lost_device_is_opened_again_by_the_next_request([Values(1, 8)] int maximumBatch)
    {
        var services = new ServiceCollection();
        services.AddVkNet(o => o.Device = Device.Profile.Name).AddModel("doubling", o =>
        {
            o.Model = Doubling;
            o.MaximumBatch = maximumBatch;
        });
        await using var provider = services.BuildServiceProvider();
        var (device, model) = (provider.GetRequiredService<VkNetDevice>(), provider.GetRequiredKeyedService<IVkNetModel>("doubling"));
        await model.RunAsync(Input(Rows(2)));
        var lost = device.Current;
        lost.Native.Lose("being tested");
        Assert.That((await model.RunAsync(Input(Rows(2))))["y"].ToArray<float>(), Is.EqualTo(new float[] { 1, 3, 5, 7, 9, 11 }));
        Assert.That(device.Current, Is.Not.SameAs(lost));
        Assert.That((lost.IsDisposed, device.Current.IsLost), Is.EqualTo((true, false)));
        // Many at once, some of which the lost device already has: every one ends, in an answer or in the loss.
        var requests = Enumerable.Range(0, 50).Select(i => Task.Run(() => model.RunAsync(Input(Rows(1, i))))).ToArray();
        device.Current.Native.Lose("being tested again");
        foreach (var request in requests)
            try
            {
                await request.WaitAsync(TimeSpan.FromSeconds(30));
            }
            catch (Exception e) when (e is DeviceLostException or ObjectDisposedException)
            {
                // Its device was lost, or had been closed for that.
            }
        Assert.That((await model.RunAsync(Input(Rows(1))))["y"].ToArray<float>(), Is.EqualTo(new float[] { 1, 3, 5 }));
    }

    [Test]
    public void Options_are_bound_from_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["VkNet:Device"] = Device.Profile.Name, ["VkNet:RequireHardware"] = "true", ["VkNet:MemoryLimit"] = "123456789" }).Build();
        var services = new ServiceCollection();
        services.AddVkNet(configuration.GetSection("VkNet"));
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<VkNetOptions>>().Value;
        Assert.That((options.Device, options.RequireHardware, options.MemoryLimit), Is.EqualTo((Device.Profile.Name, true, (long?)123456789)));
        if (Device.Profile.IsSoftware) Assert.That(() => provider.GetRequiredService<ComputeDevice>(), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN40"));
    }
}
