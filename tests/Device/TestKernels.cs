using System.Security.Cryptography;
using VkNet.ShaderCompiler.Spirv;
using VkNet.Shaders;
using VkNet.Tests.Shaders;

namespace VkNet.Tests.Device;

/// <summary>Small kernels for tests of the device room, compiled and reflected by the shader build's own code.</summary>
internal static class TestKernels
{
    /// <summary>target[i] = scale * source[i] + added[i], four floats at a time, every operand bound in another way.</summary>
    public static readonly Lazy<KernelDescriptor> MultiplyAdd = new(() => Compile("multiply_add", """
        #version 450
        layout(local_size_x = 64) in;
        layout(constant_id = 0) const float OFFSET = 0.0;
        layout(set = 0, binding = 0, std140) uniform Parameters { uint count; float scale; } p;
        layout(set = 0, binding = 1, rgba32f) readonly uniform imageBuffer source;
        layout(set = 0, binding = 2) uniform samplerBuffer added;
        layout(set = 0, binding = 3) writeonly buffer Target { vec4 target[]; };
        void main() {
            int i = int(gl_GlobalInvocationID.x);
            if (i < p.count) target[i] = p.scale * imageLoad(source, i) + texelFetch(added, i) + OFFSET;
        }
        """));

    /// <summary>data[i] += 1 for every float of the binding.</summary>
    public static readonly Lazy<KernelDescriptor> Increment = new(() => Compile("increment", """
        #version 450
        layout(local_size_x = 64) in;
        layout(set = 0, binding = 0) buffer Data { float data[]; };
        void main() { if (gl_GlobalInvocationID.x < data.length()) data[gl_GlobalInvocationID.x] += 1.0; }
        """));

    /// <summary>Writes far outside its binding, which the device must bound.</summary>
    public static readonly Lazy<KernelDescriptor> Stray = new(() => Compile("stray", """
        #version 450
        layout(local_size_x = 64) in;
        layout(set = 0, binding = 0) buffer Data { float data[]; };
        void main() { data[gl_GlobalInvocationID.x + 64u] = 7.0; }
        """));

    /// <summary>Compiles a kernel; skips the running test where there is no glslc.</summary>
    public static KernelDescriptor Compile(string name, string glsl)
    {
        using var folder = new ShaderFolder();
        folder.Write($"test/{name}.comp", glsl);
        Assert.That(folder.Build().Problems, Is.Empty);
        var spirv = File.ReadAllBytes(Path.Combine(folder.Output, $"test.{name}.baseline.spv"));
        var surface = Reflector.Read(SpirvModule.Parse(File.ReadAllBytes(Path.Combine(folder.Output, "cache", $"test.{name}.baseline.declared.spv"))));
        return new KernelDescriptor($"test/{name}", "baseline", () => spirv)
        {
            Hash = Convert.ToHexStringLower(SHA256.HashData(spirv)),
            Bindings = [.. surface.Bindings.Select(b => new KernelBinding(b.Slot, b.Name, Enum.Parse<BindingKind>(b.Kind), b.Writable))],
            ParameterBytes = surface.ParameterBytes,
            Constants = [.. surface.Constants.Select(c => new KernelConstant(c.Id, c.Name, Enum.Parse<ScalarKind>(c.Scalar), c.DefaultValue))],
            LocalSize = new LocalSize(surface.LocalSize[0], surface.LocalSize[1], surface.LocalSize[2]),
            Requirements = new KernelRequirements
            {
                Texels = surface.Bindings.Any(b => b.Kind.EndsWith("TexelBuffer", StringComparison.Ordinal)),
                SharedBytes = surface.SharedBytes,
                Invocations = surface.LocalSize.Aggregate(1, (product, size) => product * size),
                Features = surface.Features,
            },
        };
    }
}
