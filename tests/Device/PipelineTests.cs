using VkNet.Devices;
using VkNet.Shaders;

namespace VkNet.Tests.Device;

/// <summary>Pipelines: made once, in parallel, and kept on disk.</summary>
internal sealed class PipelineTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void The_same_request_gives_the_same_pipeline()
    {
        RequireTexels();
        var kernel = TestKernels.MultiplyAdd.Value;
        var a = Device.GetPipeline(kernel, [new SpecializationValue(0, 1f)]);
        Assert.That(Device.GetPipeline(kernel, [new SpecializationValue(0, 1f)]), Is.SameAs(a));
        Assert.That(Device.GetPipeline(kernel, [new SpecializationValue(0, 2f)]), Is.Not.SameAs(a));
    }

    [Test]
    public void Many_are_prepared_at_once_in_order()
    {
        RequireTexels();
        using var scratch = new ScratchFolder();
        using var device = Open(new DeviceOptions { CacheFolder = scratch["cache"] });
        var requests = Enumerable.Range(0, 12).Select(i => new PipelineRequest(TestKernels.MultiplyAdd.Value, [new SpecializationValue(0, i / 2f)])).ToArray();
        var pipelines = device.PreparePipelines([.. requests, .. requests]);
        Assert.That(device.PipelineCount, Is.EqualTo(12));
        for (var i = 0; i < 12; i++) Assert.That(pipelines[i], Is.SameAs(pipelines[i + 12]).And.Property("Request").Property("Constants").EqualTo(requests[i].Constants));
        Assert.That(TakeMessages(device), Is.Empty);
    }

    [Test]
    public void The_software_driver_has_finished_its_code_after_preparation()
    {
        if (Driver != "llvmpipe") Assert.Ignore("other drivers finish their code when a pipeline is made");
        RequireTexels();
        // Constants that no earlier run had, so that the code is not in the driver's disk cache.
        var fresh = Random.Shared.NextSingle();
        var requests = Enumerable.Range(0, 8).Select(i => new PipelineRequest(TestKernels.MultiplyAdd.Value, [new SpecializationValue(0, fresh + i)])).ToArray();
        Assert.That(Device.PreparePipelines(requests).Select(p => p.IsWarm), Is.All.True);
        Assert.That(Device.Memory.LiveAllocations, Is.Zero);
    }

    [Test]
    public void A_kernel_beyond_the_device_is_refused_with_the_reason()
    {
        var kernel = TestKernels.Increment.Value;
        var demanding = new KernelDescriptor("test/demanding", "wide", () => kernel.Spirv.ToArray())
        {
            Hash = "demanding", Bindings = kernel.Bindings, LocalSize = kernel.LocalSize, Requirements = new KernelRequirements { SubgroupSize = 4096 },
        };
        var fault = Faults.Expect("VKN4016", () => Device.PreparePipelines([new PipelineRequest(demanding, [])]));
        Assert.That(fault.Message, Does.Contain("test/demanding").And.Contain("4096"));
        Faults.Expect("VKN4016", () => Device.GetPipeline(kernel, [], subgroupSize: 4096));
    }

    [Test]
    public void The_device_s_own_subgroup_size_can_be_asked_for()
    {
        var size = Device.Profile.SubgroupSize;
        Assert.That(Device.GetPipeline(TestKernels.Increment.Value, [], size), Is.Not.Null);
    }

    [Test]
    public void The_cache_is_written_and_read_again()
    {
        using var scratch = new ScratchFolder();
        var file = Fill(scratch);
        Assert.That(new FileInfo(file.FullPath).Length, Is.GreaterThan(40));
        Assert.That(file.Read(), Is.Not.Empty);
        Assert.That(Directory.GetFiles(scratch["cache"]).Select(Path.GetFileName).Where(n => n!.StartsWith('.')), Is.Empty, "no temporary file is left");
    }

    [Test]
    public void A_damaged_or_foreign_cache_is_ignored_and_replaced([Values("cut", "flipped", "foreign", "empty", "text")] string damage)
    {
        using var scratch = new ScratchFolder();
        var file = Fill(scratch);
        var good = File.ReadAllBytes(file.FullPath);
        File.WriteAllBytes(file.FullPath, damage switch
        {
            "cut" => good[..^1],
            "flipped" => [.. good[..^1], (byte)(good[^1] ^ 1)],
            "foreign" => Foreign(scratch, file),
            "empty" => [],
            _ => "this is no cache"u8.ToArray(),
        });
        Assert.That(file.Read(), Is.Empty);
        Fill(scratch);
        Assert.That(file.Read(), Is.Not.Empty, "it was written anew");
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_no_error()
    {
        using var scratch = new ScratchFolder();
        var blocked = scratch.Write("file", [1]);
        using (var device = Open(new DeviceOptions { CacheFolder = Path.Combine(blocked, "cache") }))
        {
            device.PreparePipelines([new PipelineRequest(TestKernels.Increment.Value, [])]);
        }
        Assert.That(File.ReadAllBytes(blocked), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void Nothing_is_written_when_the_disk_cache_is_disabled()
    {
        using var scratch = new ScratchFolder();
        using (var device = Open(new DeviceOptions { CacheFolder = scratch["cache"], DisabledFeatures = new HashSet<string> { DeviceFeatures.DiskCache } }))
        {
            device.PreparePipelines([new PipelineRequest(TestKernels.Increment.Value, [])]);
        }
        Assert.That(scratch.Files, Is.Empty);
    }

    [Test]
    public void Devices_that_save_at_the_same_time_leave_a_whole_file()
    {
        using var scratch = new ScratchFolder();
        PipelineCacheFile? file = null;
        Parallel.For(0, 4, _ => file = Fill(scratch));
        Assert.That(file!.Read(), Is.Not.Empty);
    }

    private void RequireTexels()
    {
        if (!Device.Profile.Has(DeviceFeatures.TexelBuffer)) Assert.Ignore("the kernel needs texel buffers");
    }

    private PipelineCacheFile Fill(ScratchFolder scratch)
    {
        using var device = Open(new DeviceOptions { CacheFolder = scratch["cache"], DisabledFeatures = new HashSet<string>() });
        device.PreparePipelines([new PipelineRequest(TestKernels.Increment.Value, [])]);
        return new PipelineCacheFile(scratch["cache"], device.Profile, logger: null);
    }

    // A whole file whose data another driver made.
    private static byte[] Foreign(ScratchFolder scratch, PipelineCacheFile file)
    {
        var data = file.Read();
        data[16] ^= 0xff;
        var profile = new DeviceProfile { Name = "another" };
        var other = new PipelineCacheFile(scratch["other"], profile, logger: null);
        other.Write(data);
        return File.ReadAllBytes(other.FullPath);
    }
}
