using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Formats.Plans;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Operators.Convolution;
using VkNet.Tensors;
using VkNet.Tests.Device;
using VkNet.Tests.Ops;

namespace VkNet.Tests.Execution;

/// <summary>Plans written to files and read back.</summary>
internal sealed class PlanFileTests(string driver) : OnEveryDevice(driver)
{
    // A convolution with constant weights, a dense layer with parameters, a state, two outputs.
    private static Graph Network()
    {
        var builder = new GraphBuilder(StandardOperators.Registry, "network");
        var x = builder.Input("x", TensorType.Float(1, 3, 9, 7));
        var weight = builder.Constant(TestTensors.Reals(1, [6, 3, 3, 3]));
        var convolved = builder.Add(StandardOperators.Registry.Get("conv2d"), AttributeSet.Empty.With(WindowAttributes.Padding, [1]), [x, weight, null], "conv")[0];
        var active = builder.Apply("tanh", AttributeSet.Empty, convolved);
        var flat = builder.Apply("flatten", AttributeSet.Empty, active);
        var matrix = builder.Parameter("matrix", TensorType.Float(4, flat.Shape[1]), new ParameterOptions { Initializer = "he" });
        var result = builder.Apply("dense", AttributeSet.Empty, flat, matrix);
        var state = builder.State("sum", Tensor.Zeros(result.Type));
        var sum = builder.Apply("add", AttributeSet.Empty, result, state);
        builder.SetState(state, sum);
        builder.Output("sum", sum);
        builder.Output("active", active);
        return builder.Build();
    }

    private ExecutionPlan Compile() => GraphCompiler.Compile(Network(), new CompilerOptions { Profile = Device.Profile });

    [Test]
    public void A_plan_read_back_computes_the_same()
    {
        using var folder = new ScratchFolder();
        var plan = Compile();
        var path = folder["network.vkplan"];
        PlanFile.Save(path, plan, Device.Profile);
        var read = PlanFile.Load(path, Device.Profile);
        Assert.That(HazardChecker.Check(read), Is.Empty);
        Assert.That(read.Memory, Is.EqualTo(plan.Memory));
        Assert.That((read.Main.Dispatches, read.Main.Barriers), Is.EqualTo((plan.Main.Dispatches, plan.Main.Barriers)));
        var (expected, found) = (Results(plan), Results(read));
        foreach (var name in expected.Keys) Assert.That(found[name].ToArray<float>(), Is.EqualTo(expected[name].ToArray<float>()), name);
    }

    [Test]
    public void Another_device_is_refused_with_what_differs()
    {
        using var folder = new ScratchFolder();
        var path = folder["network.vkplan"];
        PlanFile.Save(path, Compile(), Device.Profile);
        Assert.That(() => PlanFile.Load(path, Device.Profile with { MaxTexelBufferElements = 1 }), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN6604").And.Message.Contains("texel buffer elements"));
    }

    [Test]
    public void Another_format_version_is_refused()
    {
        using var folder = new ScratchFolder();
        var path = folder["network.vkplan"];
        PlanFile.Save(path, Compile(), Device.Profile);
        var bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), PlanFile.FormatVersion + 1);
        File.WriteAllBytes(path, bytes);
        Assert.That(() => PlanFile.Load(path, Device.Profile), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN6602"));
    }

    [Test]
    public void Another_kernel_is_refused()
    {
        using var folder = new ScratchFolder();
        var path = folder["network.vkplan"];
        PlanFile.Save(path, Compile(), Device.Profile);
        Rewrite(path, text => text.Replace("\"hash\":\"", "\"hash\":\"0", StringComparison.Ordinal));
        Assert.That(() => PlanFile.Load(path, Device.Profile), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN6603"));
    }

    [Test]
    public void Damage_is_found()
    {
        using var folder = new ScratchFolder();
        var path = folder["network.vkplan"];
        PlanFile.Save(path, Compile(), Device.Profile);
        var whole = File.ReadAllBytes(path);
        foreach (var length in new[] { 0, 7, 30, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.That(() => PlanFile.Load(path, Device.Profile), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN6601"), $"cut to {length} bytes");
        }
        var damaged = (byte[])whole.Clone();
        damaged[^5] ^= 1;
        File.WriteAllBytes(path, damaged);
        Assert.That(() => PlanFile.Load(path, Device.Profile), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN6601"));
    }

    // The check sum is made right again, so that the header's own checks are tried: a plan or a diagnostic, nothing else.
    [Test]
    public void A_header_that_contradicts_itself_is_refused()
    {
        using var folder = new ScratchFolder();
        var path = folder["network.vkplan"];
        PlanFile.Save(path, Compile(), Device.Profile);
        var whole = File.ReadAllBytes(path);
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 300; i++)
        {
            File.WriteAllBytes(path, whole);
            Rewrite(path, text =>
            {
                var digits = Enumerable.Range(0, text.Length).Where(k => char.IsAsciiDigit(text[k])).ToArray();
                var at = digits[random.Next(digits.Length)];
                var put = random.Next(3) switch { 0 => "-1", 1 => "99999999999999999999", _ => $"{random.Next(10)}7" };
                return text[..at] + put + text[(at + 1)..];
            });
            try
            {
                PlanFile.Load(path, Device.Profile);
            }
            catch (VkNetException e)
            {
                Assert.That(e.Message, Does.Contain("VKN66"));
                refused++;
            }
        }
        Assert.That(refused, Is.GreaterThan(100));
    }

    // A null in place of an entry, a missing entry, and a shape whose bytes are more than a 64-bit number holds.
    [TestCase("\"ranges\":\\[\\[", "\"ranges\":[null,[")]
    [TestCase("\"ranges\":\\[\\[", "\"rangs\":[[")]
    [TestCase("\"calls\":\\[", "\"calls\":[null,")]
    [TestCase("\"kernels\":\\[", "\"kernels\":[null,")]
    [TestCase("\"graph\":\"network\"", "\"graph\":null")]
    [TestCase("\"shape\":\\[", "\"shape\":[2147483647,2147483647,16,")]
    [TestCase("\"shape\":\\[", "\"shape\":[9223372036854775807,")]
    public void What_is_missing_or_too_large_for_numbers_is_refused(string pattern, string replacement)
    {
        using var folder = new ScratchFolder();
        var path = folder["network.vkplan"];
        PlanFile.Save(path, Compile(), Device.Profile);
        Rewrite(path, text =>
        {
            Assert.That(text, Does.Match(pattern));
            return Regex.Replace(text, pattern, replacement);
        });
        Assert.That(() => PlanFile.Load(path, Device.Profile), Throws.TypeOf<VkNetException>().With.Message.Contains("VKN6601"));
    }

    private Dictionary<string, Tensor> Results(ExecutionPlan plan)
    {
        using var model = CompiledModel.Load(Device, plan, new InitializedWeights(5));
        using var session = model.CreateSession();
        var inputs = new Dictionary<string, Tensor> { ["x"] = TestTensors.Reals(2, [1, 3, 9, 7]) };
        session.Run(inputs);
        return session.Run(inputs).ToDictionary();
    }

    private static void Rewrite(string path, Func<string, string> change)
    {
        const int Content = 12 + SHA256.HashSizeInBytes;
        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(Content));
        var header = System.Text.Encoding.UTF8.GetBytes(change(System.Text.Encoding.UTF8.GetString(bytes, Content + 8, length)));
        var size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, header.Length);
        byte[] content = [.. size, .. header, .. bytes[(Content + 8 + length)..]];
        File.WriteAllBytes(path, [.. bytes[..12], .. SHA256.HashData(content), .. content]);
    }
}
