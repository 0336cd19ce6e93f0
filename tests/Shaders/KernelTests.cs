using System.Runtime.InteropServices;
using VkNet.Devices;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tests.Device;

namespace VkNet.Tests.Shaders;

/// <summary>
/// Base of the fixtures that run one kernel at a time. Every tensor is bound as a range padded to 16 bytes; padding of inputs
/// holds NaN, which must never reach a result, and what lies beyond a result must not be written.
/// </summary>
internal abstract class KernelTests(string driver) : OnEveryDevice(driver)
{
    private const float Untouched = -12345.5f;
    private const int Guard = 16;

    /// <summary>The variants of a kernel that this device can run.</summary>
    protected IEnumerable<KernelDescriptor> Runnable(KernelFamily family) => family.Variants.Where(kernel => Device.Profile.WhyNot(kernel) is null);

    /// <summary>Runs a kernel once and gives back its result.</summary>
    /// <param name="kernel">The variant.</param>
    /// <param name="parameters">Its parameter block.</param>
    /// <param name="constants">Values of specialization constants.</param>
    /// <param name="groups">How many workgroups.</param>
    /// <param name="count">How many elements the result at binding "Result" has.</param>
    /// <param name="inputs">Slot and content of the bindings that matter; the rest is bound to the first.</param>
    protected float[] Run<T>(KernelDescriptor kernel, T parameters, SpecializationValue[] constants, WorkgroupCount groups, int count, params (int Slot, float[] Data)[] inputs)
        where T : unmanaged
    {
        var buffers = new List<DeviceBuffer>();
        try
        {
            var block = Keep(Device.AllocateBuffer(Math.Max(kernel.ParameterBytes, 256), BufferPurpose.HostShared, "parameters"));
            MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in parameters)).CopyTo(block.Bytes(0, kernel.ParameterBytes));
            block.Flush(0, kernel.ParameterBytes);
            var ranges = inputs.Select(input => (input.Slot, Range: Bind(input.Data, 0))).ToDictionary(pair => pair.Slot, pair => pair.Range);
            var result = Bind(Enumerable.Repeat(Untouched, Padded(count)).ToArray(), Guard);
            var bindings = kernel.Bindings.Select(binding => binding.Kind == BindingKind.UniformBuffer ? new BufferRange(block, 0, kernel.ParameterBytes)
                : binding.Name == "Result" ? result
                : ranges.TryGetValue(binding.Slot, out var range) ? range : ranges[inputs[0].Slot]).ToArray();
            using var recorder = Device.BeginRecording(kernel.ToString());
            recorder.Dispatch(Device.GetPipeline(kernel, constants), bindings, groups.X, groups.Y, groups.Z);
            recorder.Barrier(BarrierScope.ComputeToTransfer | BarrierScope.ToHost);
            using var recording = recorder.End();
            Device.Wait(Device.Submit(recording));
            var values = new float[Padded(count) + Guard];
            Device.Read(result.Buffer, 0, MemoryMarshal.AsBytes(values.AsSpan()));
            Assert.That(values.Skip(count), Is.All.EqualTo(Untouched), $"{kernel} wrote beyond its result");
            return values[..count];
        }
        finally
        {
            foreach (var buffer in buffers) buffer.Dispose();
        }

        DeviceBuffer Keep(DeviceBuffer buffer)
        {
            buffers.Add(buffer);
            return buffer;
        }

        BufferRange Bind(float[] data, int guard)
        {
            var padded = Padded(data.Length);
            var content = new float[padded + guard];
            Array.Fill(content, guard == 0 ? float.NaN : Untouched);
            data.CopyTo(content, 0);
            var buffer = Keep(Device.AllocateBuffer(content.Length * sizeof(float), BufferPurpose.DeviceLocal, "tensor"));
            Device.Write(buffer, 0, MemoryMarshal.AsBytes(content.AsSpan()));
            return new BufferRange(buffer, 0, padded * sizeof(float));
        }
    }

    /// <summary>Numbers between -1 and 1 that depend on the seed only.</summary>
    protected static float[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1).ToArray();
    }

    /// <summary>A step of a pointwise program: registers 0 the kernel's result, 1 to 4 operands, 5 and up earlier steps.</summary>
    protected static uint Step(PointwiseOpcode opcode, int a, int b = 0, int c = 0) => (uint)opcode | ((uint)a << 8) | ((uint)b << 12) | ((uint)c << 16);

    /// <summary>Fails unless every number is within the tolerance of the expected one.</summary>
    protected static void Close(float[] actual, double[] expected, double tolerance, string what)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        for (var i = 0; i < actual.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance)) Assert.Fail($"{what}: element {i} is {actual[i]}, expected {expected[i]}");
        }
    }

    /// <summary>Rounds up to a multiple of four, at least four.</summary>
    protected static int Padded(int count) => Math.Max(4, (count + 3) / 4 * 4);

    /// <summary>a / b, rounded up.</summary>
    protected static int Quotient(int a, int b) => (a + b - 1) / b;
}
