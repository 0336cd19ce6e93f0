using System.Diagnostics;
using System.Runtime.InteropServices;
using VkNet.Devices.Spirv;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;

namespace VkNet.Tests.Device.Spirv;

/// <summary>What is left of kernels when their specialization constants have got values. What they compute is tested wherever kernels are run.</summary>
internal sealed class KernelSpecializerTests
{
    private const string Validator = "/usr/bin/spirv-val";

    private static IEnumerable<KernelDescriptor> Kernels => KernelCatalog.All.SelectMany(f => f.Variants);

    [Test]
    public void Every_kernel_stays_valid([Values(0, 1, 2)] int seed, [Values] bool concealed)
    {
        if (!File.Exists(Validator)) Assert.Ignore($"{Validator} is not on this machine (package spirv-tools)");
        using var folder = new ScratchFolder();
        var (random, files) = (new Random(seed), new List<string>());
        foreach (var kernel in Kernels)
        {
            // With the defaults first; then with values that the host would not give together: validity does not depend on them.
            var values = seed == 0 ? [] : kernel.Constants.Select(c => new SpecializationValue(c.Id, c.Kind == ScalarKind.Bool ? (uint)random.Next(2) : Likely(c, random))).ToArray();
            var specialized = KernelSpecializer.Specialize(Words(kernel), values, concealed);
            Assert.That(specialized, Is.Not.Null, $"{kernel} has an operation that is not known");
            if (!concealed) Assert.That(specialized!, Has.Length.LessThanOrEqualTo(Words(kernel).Length), $"{kernel}");
            files.Add(folder[$"{files.Count}-{kernel.Name.Replace('/', '.')}.{kernel.Variant}.spv"]);
            File.WriteAllBytes(files[^1], MemoryMarshal.AsBytes(specialized.AsSpan()).ToArray());
        }
        var faults = files.AsParallel().Select(f => (File: f, Message: Validate(f))).Where(f => f.Message.Length > 0).Select(f => $"{Path.GetFileName(f.File)}: {f.Message}").ToList();
        Assert.That(faults, Is.Empty, $"{faults.Count} of {files.Count}");
    }

    [Test]
    public void Pointwise_kernels_lose_the_functions_that_no_step_uses()
    {
        foreach (var kernel in Kernels.Where(k => k.Name == "pointwise/linear"))
            Assert.That(KernelSpecializer.Specialize(Words(kernel), [])!, Has.Length.LessThan(Words(kernel).Length / 5), $"{kernel}");
    }

    [Test]
    public void A_module_with_an_operation_that_is_not_known_is_left_to_the_driver()
    {
        var words = Words(Kernels.First()).ToList();
        // OpCopyMemory behind the first label, which no kernel has.
        var at = 5;
        while ((words[at] & 0xffff) != (uint)SpirvOp.Label) at += (int)(words[at] >> 16);
        words.InsertRange(at + 2, [3u << 16 | 63, 1, 2]);
        Assert.That(KernelSpecializer.Specialize([.. words], []), Is.Null);
    }

    [TestCase(SpirvOp.SDiv, 0xFFFFFFF9, 2u, 0xFFFFFFFD)]
    [TestCase(SpirvOp.SRem, 0xFFFFFFF9, 2u, 0xFFFFFFFF)]
    [TestCase(SpirvOp.SMod, 0xFFFFFFF9, 2u, 1u)]
    [TestCase(SpirvOp.SMod, 7u, 0xFFFFFFFE, 0xFFFFFFFF)]
    [TestCase(SpirvOp.UDiv, 0xFFFFFFF9, 2u, 0x7FFFFFFCu)]
    [TestCase(SpirvOp.SDiv, 1u, 0u, null)]
    [TestCase(SpirvOp.SDiv, 0x80000000, 0xFFFFFFFF, null)]
    [TestCase(SpirvOp.ShiftLeftLogical, 3u, 31u, 0x80000000)]
    [TestCase(SpirvOp.ShiftLeftLogical, 3u, 32u, null)]
    [TestCase(SpirvOp.ShiftRightArithmetic, 0x80000000, 31u, 0xFFFFFFFF)]
    [TestCase(SpirvOp.ShiftRightLogical, 0x80000000, 31u, 1u)]
    [TestCase(SpirvOp.IMul, 0x10001u, 0x10001u, 0x20001u)]
    public void Whole_numbers_are_computed_as_the_specification_says(SpirvOp op, uint a, uint b, uint? expected)
    {
        const uint Type = 1;
        var constants = new SpirvConstants(10);
        constants.Declare(SpirvInstruction.Of(SpirvOp.TypeInt, Type, 32, 1), new uint?[10]);
        Assert.That(constants.Fold(op, Type, [constants.IdOf(Type, a), constants.IdOf(Type, b)]), Is.EqualTo(expected));
    }

    private static uint Likely(KernelConstant constant, Random random) => random.Next(3) switch { 0 => constant.DefaultValue, 1 => (uint)random.Next(5), _ => (uint)random.Next() };

    private static uint[] Words(KernelDescriptor kernel) => MemoryMarshal.Cast<byte, uint>(kernel.Spirv.ToArray()).ToArray();

    private static string Validate(string file)
    {
        using var process = Process.Start(new ProcessStartInfo(Validator, ["--target-env", "vulkan1.2", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var message = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : message.Trim();
    }
}
