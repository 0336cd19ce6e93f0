using System.Runtime.InteropServices;
using VkNet.Compilation;
using VkNet.Devices.Spirv;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Device.Spirv;

/// <summary>Drivers do not see which numbers of a kernel come from its parameter block. That the kernels stay valid is tested with <see cref="KernelSpecializerTests"/>.</summary>
internal sealed class ParameterConcealmentTests(string driver) : OnEveryDevice(driver)
{
    [Test]
    public void A_small_product_is_not_compiled_at_every_run()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("the memory of the process is read as Linux states it");
        const int Runs = 1_000;
        var builder = new GraphBuilder(StandardOperators.Registry, "small");
        builder.Output("y", builder.Apply("dense", AttributeSet.Empty, builder.Input("x", TensorType.Float(1, 32)), builder.Parameter("w", TensorType.Float(10, 32)), builder.Parameter("b", TensorType.Float(10))));
        var graph = builder.Build();
        using var model = CompiledModel.Load(Device, GraphCompiler.Compile(graph, new CompilerOptions { Profile = Device.Profile }), new InitializedWeights(1));
        using var session = model.CreateSession();
        var inputs = graph.Inputs.ToDictionary(i => i.Name, i => Tensor.Zeros(i.Type));
        session.Run(inputs);
        var before = Environment.WorkingSet;
        for (var i = 0; i < Runs; i++) session.Run(inputs);
        // Compiled code of a megabyte for every third run, where a driver does it.
        Assert.That(Environment.WorkingSet - before, Is.LessThan(150L << 20), "bytes that the runs left in memory");
    }

    [Test]
    public void Every_whole_number_of_a_parameter_block_has_something_added()
    {
        var plain = 0;
        foreach (var kernel in KernelCatalog.All.SelectMany(f => f.Variants))
        {
            var words = MemoryMarshal.Cast<byte, uint>(kernel.Spirv.ToArray()).ToArray();
            plain += PlainReads(KernelSpecializer.Specialize(words, [])!);
            Assert.That(PlainReads(KernelSpecializer.Specialize(words, [], concealParameters: true)!), Is.Zero, $"{kernel}");
        }
        Assert.That(plain, Is.GreaterThan(1_000), "of kernels as they are");
    }

    // Whole numbers of 32 bits that are read from a uniform block and not added to right behind.
    private static int PlainReads(uint[] module)
    {
        var (whole, places, plain, afterRead) = (new HashSet<uint>(), new HashSet<uint>(), 0, false);
        for (var at = 5; at < module.Length; at += (int)(module[at] >> 16))
        {
            var instruction = new SpirvInstruction(module[at..(at + (int)(module[at] >> 16))]);
            var words = instruction.Words;
            if (afterRead && instruction.Op != SpirvOp.IAdd) plain++;
            afterRead = instruction.Op == SpirvOp.Load && places.Contains(words[3]) && whole.Contains(words[1]);
            if (instruction.Op == SpirvOp.TypeInt && words[2] == 32) whole.Add(words[1]);
            else if (instruction.Op == SpirvOp.TypeVector && whole.Contains(words[2])) whole.Add(words[1]);
            else if (instruction.Op == SpirvOp.Variable && words[3] == 2) places.Add(words[2]);
            else if (instruction.Op is SpirvOp.AccessChain or SpirvOp.InBoundsAccessChain && places.Contains(words[3])) places.Add(words[2]);
        }
        return plain;
    }
}
