using Microsoft.Extensions.DependencyInjection;
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
}
