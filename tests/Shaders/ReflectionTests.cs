using VkNet.ShaderCompiler;
using VkNet.ShaderCompiler.Spirv;

namespace VkNet.Tests.Shaders;

/// <summary>What the reflector reads from SPIR-V, and what stripping leaves.</summary>
internal sealed class ReflectionTests
{
    private const string Kernel = """
        #version 450
        #extension GL_KHR_shader_subgroup_shuffle : require
        layout(local_size_x_id = 1, local_size_y = 2) in;
        layout(constant_id = 3) const int TILE_ROWS = 4;
        layout(constant_id = 4) const float UNUSED_SCALE = 1.5;
        layout(constant_id = 5) const bool HAS_BIAS = true;
        layout(set = 0, binding = 0, std140) uniform Parameters { int rows; ivec2 padding; float scale; ivec4 dims[2]; vec4 stepScalars[4]; uint mask; } p;
        layout(set = 0, binding = 1) readonly buffer Source { vec4 source[]; };
        layout(set = 0, binding = 1) readonly buffer SourceScalars { float sourceScalars[]; };
        layout(set = 0, binding = 2) buffer Result { vec4 result[]; };
        layout(set = 0, binding = 3, rgba32f) readonly uniform imageBuffer leftTexels;
        layout(set = 0, binding = 4) readonly buffer NeverRead { vec4 neverRead[]; };
        layout(set = 0, binding = 5) uniform samplerBuffer rightTexels;
        shared float tile[64][TILE_ROWS * 2];
        void main() {
            tile[gl_LocalInvocationIndex][0] = sourceScalars[0] + subgroupShuffle(p.scale, 1u);
            barrier();
            result[0] = source[0] + imageLoad(leftTexels, 3) + texelFetch(rightTexels, 1) + tile[1][1];
        }
        """;

    private ShaderFolder folder = null!;

    [SetUp]
    public void SetUp()
    {
        folder = new ShaderFolder();
        folder.Write("test/kernel.comp", Kernel);
    }

    [TearDown]
    public void TearDown() => folder.Dispose();

    [Test]
    public void Bindings_carry_slot_name_kind_and_access() => Assert.That(Reflect().Bindings, Is.EqualTo(new InterfaceBinding[]
    {
        new(0, "Parameters", "UniformBuffer", false),
        new(1, "Source", "StorageBuffer", false),
        new(2, "Result", "StorageBuffer", true),
        new(3, "LeftTexels", "StorageTexelBuffer", false),
        new(4, "NeverRead", "StorageBuffer", false),
        new(5, "RightTexels", "UniformTexelBuffer", false),
    }));

    [Test]
    public void Parameters_have_the_offsets_of_std140()
    {
        var surface = Reflect();
        Assert.That(surface.Fields, Is.EqualTo(new InterfaceField[]
        {
            new("Rows", "rows", 0, "Int", 1),
            new("Padding", "padding", 8, "Int", 2),
            new("Scale", "scale", 16, "Float", 1),
            new("Dims", "dims", 32, "Int", 8),
            new("StepScalars", "stepScalars", 64, "Float", 16),
            new("Mask", "mask", 128, "UInt", 1),
        }));
        Assert.That(surface.ParameterBytes, Is.EqualTo(144));
    }

    [Test]
    public void Constants_keep_id_and_default_even_when_unused() => Assert.That(Reflect().Constants, Is.EqualTo(new InterfaceConstant[]
    {
        new(1, "LocalSizeX", "UInt", 1),
        new(3, "TileRows", "Int", 4),
        new(4, "UnusedScale", "Float", 0x3FC00000),
        new(5, "HasBias", "Bool", 1),
    }));

    [Test]
    public void Workgroup_shared_memory_and_features_are_read()
    {
        var surface = Reflect();
        Assert.That(surface.LocalSize, Is.EqualTo(new[] { 1, 2, 1 }));
        Assert.That(surface.LocalSizeConstants, Is.EqualTo(new int?[] { 1, null, null }));
        Assert.That(surface.SharedBytes, Is.EqualTo(64 * 8 * 4));
        Assert.That(surface.Features, Is.EqualTo(new[] { "subgroup_basic", "subgroup_shuffle" }));
    }

    [Test]
    public void Embedded_module_has_no_debug_instructions()
    {
        folder.Build();
        var named = SpirvModule.Parse(File.ReadAllBytes(Path.Combine(folder.Output, "cache", "test.kernel.baseline.declared.spv")));
        Assert.That(named.Instructions.Count(instruction => SpirvModule.IsDebug(instruction.Op)), Is.GreaterThan(20), "the named module has names to strip");
        var stripped = SpirvModule.Parse(named.Strip());
        Assert.That(stripped.Instructions.Where(instruction => SpirvModule.IsDebug(instruction.Op)), Is.Empty);
        Assert.That(stripped.Instructions.Count(), Is.EqualTo(named.Instructions.Count(instruction => !SpirvModule.IsDebug(instruction.Op))));
        var embedded = SpirvModule.Parse(File.ReadAllBytes(Path.Combine(folder.Output, "test.kernel.baseline.spv")));
        Assert.That(embedded.Instructions.Where(instruction => SpirvModule.IsDebug(instruction.Op)), Is.Empty);
    }

    [TestCase("layout(push_constant) uniform Push { int n; } push; layout(set = 0, binding = 2) buffer Result { int result[]; }; void main() { result[0] = push.n; }", "push constants")]
    [TestCase("layout(set = 1, binding = 2) buffer Result { int result[]; }; void main() { result[0] = 1; }", "descriptor set 0")]
    [TestCase("layout(set = 0, binding = 1, std140) uniform Parameters { int n; } p; layout(set = 0, binding = 2) buffer Result { int result[]; }; void main() { result[0] = p.n; }", "binding 0")]
    [TestCase("layout(set = 0, binding = 0, std140) uniform Parameters { int n[3]; } p; layout(set = 0, binding = 2) buffer Result { int result[]; }; void main() { result[0] = p.n[1]; }", "gaps")]
    [TestCase("layout(set = 0, binding = 2) buffer Result { int result[]; }; layout(set = 0, binding = 2) buffer Other { int other[]; }; void main() { result[0] = other[1]; }", "share binding 2")]
    public void Broken_convention_is_refused(string text, string expected)
    {
        folder.Write("test/kernel.comp", "#version 450\n" + text);
        var problems = folder.Build().Problems;
        Assert.That(problems, Has.Count.EqualTo(1));
        Assert.That(problems[0].Code, Is.EqualTo("VKS004"));
        Assert.That(problems[0].Message, Does.Contain(expected));
    }

    [Test]
    public void Cut_module_is_no_module()
    {
        folder.Build();
        var bytes = File.ReadAllBytes(Path.Combine(folder.Output, "test.kernel.baseline.spv"));
        Assert.That(() => SpirvModule.Parse(bytes.AsSpan(0, 24)), Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => SpirvModule.Parse(new byte[64]), Throws.InstanceOf<InvalidDataException>());
    }

    [TestCase("tileRows", "TileRows")]
    [TestCase("TILE_ROWS", "TileRows")]
    [TestCase("gemm/pack_left", "GemmPackLeft")]
    [TestCase("STEP_0", "Step0")]
    [TestCase("Source", "Source")]
    public void Names_become_pascal_case(string glsl, string csharp) => Assert.That(Names.Pascal(glsl), Is.EqualTo(csharp));

    private KernelInterface Reflect()
    {
        Assert.That(folder.Build().Problems, Is.Empty);
        return Reflector.Read(SpirvModule.Parse(File.ReadAllBytes(Path.Combine(folder.Output, "cache", "test.kernel.baseline.declared.spv"))));
    }
}
