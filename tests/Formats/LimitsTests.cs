using System.Text;
using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

internal sealed class LimitsTests
{
    [Test]
    public async Task Caps_hold_for_one_flow_of_control_and_leave_others_alone()
    {
        using var folder = new ScratchFolder();
        NpyFile.Save(folder["a.npy"], Tensor.From(new float[100]));
        var other = Task.CompletedTask;
        using (Limits.Use(Limits.Current with { MaximumTensorBytes = 100 }))
        {
            Faults.Expect("VKN6005", () => NpyFile.Load(folder["a.npy"]));
            await Task.Yield();
            await Task.Run(() => Faults.Expect("VKN6005", () => NpyFile.Load(folder["a.npy"])));
            using (Limits.Use(new LimitSet())) Assert.That(NpyFile.Load(folder["a.npy"]).Count, Is.EqualTo(100));
            using (ExecutionContext.SuppressFlow()) other = Task.Run(() => Assert.That(NpyFile.Load(folder["a.npy"]).Count, Is.EqualTo(100)));
            Faults.Expect("VKN6005", () => NpyFile.Load(folder["a.npy"]));
        }
        await other;
        Assert.That(NpyFile.Load(folder["a.npy"]).Count, Is.EqualTo(100));
    }

    [Test]
    public void Every_cap_of_the_set_is_a_property_of_the_process_too()
    {
        var set = typeof(LimitSet).GetProperties().Where(p => p.CanWrite).ToDictionary(p => p.Name);
        foreach (var property in typeof(Limits).GetProperties().Where(p => p.CanWrite)) Assert.That(property.GetValue(null), Is.EqualTo(set[property.Name].GetValue(new LimitSet())), property.Name);
        Assert.That(typeof(Limits).GetProperties().Where(p => p.CanWrite).Select(p => p.Name), Is.EquivalentTo(set.Keys));
    }

    [Test]
    public void Security_page_lists_every_cap()
    {
        var page = File.ReadAllText(Path.Combine(TestData.Repository, "SECURITY.md"), Encoding.UTF8);
        foreach (var property in typeof(LimitSet).GetProperties().Where(p => p.CanWrite)) Assert.That(page, Does.Contain($"`{property.Name}`"), property.Name);
    }
}
