using VkNet.ShaderCompiler;

namespace VkNet.Tests.Shaders;

/// <summary>The build of a folder of kernels: what is compiled, what is left, what is refused.</summary>
internal sealed class ShaderBuildTests
{
    private const string Doubler = """
        #version 450
        // Doubles every number.
        #extension GL_GOOGLE_include_directive : require
        #include "common/factor.glsl"
        layout(local_size_x = 64) in;
        layout(set = 0, binding = 0, std140) uniform Parameters { int count; } p;
        layout(set = 0, binding = 1) readonly buffer Source { float source[]; };
        layout(set = 0, binding = 2) buffer Result { float result[]; };
        void main() { int i = int(gl_GlobalInvocationID.x); if (i < p.count) result[i] = FACTOR * source[i]; }
        """;

    private ShaderFolder folder = null!;

    [SetUp]
    public void SetUp()
    {
        folder = new ShaderFolder();
        folder.Write("common/factor.glsl", "#define FACTOR 2.0\n");
        folder.Write("pointwise/doubler.comp", Doubler);
    }

    [TearDown]
    public void TearDown() => folder.Dispose();

    [Test]
    public void Second_build_compiles_nothing()
    {
        Assert.That(folder.Build().Compiled, Is.EqualTo(1));
        var written = File.GetLastWriteTimeUtc(Path.Combine(folder.Output, "PointwiseDoubler.g.cs"));
        Assert.That(folder.Build().Compiled, Is.Zero);
        Assert.That(File.GetLastWriteTimeUtc(Path.Combine(folder.Output, "PointwiseDoubler.g.cs")), Is.EqualTo(written), "unchanged C# must not be rewritten");
    }

    [Test]
    public void Changed_include_compiles_its_users_only()
    {
        folder.Write("pointwise/other.comp", "#version 450\nvoid main() {}\n");
        Assert.That(folder.Build().Compiled, Is.EqualTo(2));
        folder.Write("common/factor.glsl", "#define FACTOR 3.0\n");
        Assert.That(folder.Build().Compiled, Is.EqualTo(1));
    }

    [Test]
    public void Headers_of_another_folder_come_after_own_ones()
    {
        Directory.CreateDirectory(Path.Combine(folder.Headers, "common"));
        File.WriteAllText(Path.Combine(folder.Headers, "common", "factor.glsl"), "#error not this one\n");
        Assert.That(folder.Build().Problems, Is.Empty);
        folder.Delete("common/factor.glsl");
        Assert.That(folder.Build().Problems, Is.Not.Empty);
        File.WriteAllText(Path.Combine(folder.Headers, "common", "factor.glsl"), "#define FACTOR 3.0\n");
        Assert.That(folder.Build().Problems, Is.Empty);
        Assert.That(folder.Generated("PointwiseDoubler"), Does.Contain("namespace Some.Kernels;"));
    }

    [Test]
    public void Removed_kernel_disappears()
    {
        folder.Write("pointwise/other.comp", "#version 450\nvoid main() {}\n");
        folder.Build();
        Assert.That(folder.Modules(), Is.EqualTo(new[] { "pointwise.doubler.baseline.spv", "pointwise.other.baseline.spv" }));
        folder.Delete("pointwise/other.comp");
        folder.Build();
        Assert.That(folder.Modules(), Is.EqualTo(new[] { "pointwise.doubler.baseline.spv" }));
        Assert.That(File.Exists(Path.Combine(folder.Output, "PointwiseOther.g.cs")), Is.False);
    }

    [Test]
    public void Interrupted_build_is_repaired()
    {
        folder.Build();
        File.Delete(Path.Combine(folder.Output, "pointwise.doubler.baseline.spv"));
        Assert.That(folder.Build().Compiled, Is.EqualTo(1));
    }

    [Test]
    public void Generated_class_names_the_interface()
    {
        folder.Build();
        var text = folder.Generated("PointwiseDoubler");
        Assert.That(text, Does.Contain("/// <summary>Doubles every number.</summary>"));
        Assert.That(text, Does.Contain("public const int Source = 1;").And.Contain("[FieldOffset(0)] public int Count;"));
    }

    [Test]
    public void Syntax_error_names_file_and_line()
    {
        folder.Write("pointwise/doubler.comp", Doubler.Replace("FACTOR * source[i]", "missing * source[i]"));
        var problem = folder.Build().Problems[0];
        Assert.That(problem.ToString(), Does.Match(@"doubler\.comp\(9\): error VKS100: 'missing'"));
    }

    [TestCase("gain", "count", false)]
    [TestCase("count", "count", true)]
    public void Variants_must_agree(string firstField, string secondField, bool agree)
    {
        folder.Write("pointwise/two.comp", $$"""
            #version 450
            //!variant first FIRST
            //!variant second
            #ifdef FIRST
            layout(set = 0, binding = 0, std140) uniform Parameters { int {{firstField}}; } p;
            #define COUNT p.{{firstField}}
            #else
            layout(set = 0, binding = 0, std140) uniform Parameters { int {{secondField}}; } p;
            #define COUNT p.{{secondField}}
            #endif
            layout(set = 0, binding = 1) buffer Result { int result[]; };
            void main() { result[0] = COUNT; }
            """);
        var problems = folder.Build().Problems;
        if (agree)
        {
            Assert.That(problems, Is.Empty);
            return;
        }
        Assert.That(problems, Has.Count.EqualTo(1));
        Assert.That(problems[0].Code, Is.EqualTo("VKS003"));
        Assert.That(problems[0].Message, Does.Contain("parameters").And.Contain("gain").And.Contain("count"));
        Assert.That(problems[0].Line, Is.EqualTo(3));
    }

    [Test]
    public void Variants_may_differ_in_the_kind_of_descriptor()
    {
        folder.Write("pointwise/two.comp", """
            #version 450
            //!variant texels TEXELS
            //!variant baseline
            #ifdef TEXELS
            layout(set = 0, binding = 1, rgba32f) readonly uniform imageBuffer source;
            #define LOAD(i) imageLoad(source, i)
            #else
            layout(set = 0, binding = 1) readonly buffer Source { vec4 source[]; };
            #define LOAD(i) source[i]
            #endif
            layout(set = 0, binding = 2) buffer Result { vec4 result[]; };
            void main() { result[0] = LOAD(1); }
            """);
        Assert.That(folder.Build().Problems, Is.Empty);
        var text = folder.Generated("PointwiseTwo");
        Assert.That(text, Does.Contain("new(1, \"Source\", BindingKind.StorageTexelBuffer, false)").And.Contain("new(1, \"Source\", BindingKind.StorageBuffer, false)"));
    }

    [Test]
    public void Variant_for_an_unknown_extension_is_left_out_with_a_note()
    {
        folder.Write("pointwise/two.comp", "#version 450\n//!variant fast FAST | optional=GL_VKNET_no_such_extension\n//!variant baseline\nvoid main() {}\n");
        var result = folder.Build();
        Assert.That(result.Problems, Is.Empty);
        Assert.That(result.Notes, Has.One.Contains("GL_VKNET_no_such_extension"));
        Assert.That(folder.Generated("PointwiseTwo"), Does.Contain("KernelDescriptor? Fast => null;"));
    }

    [TestCase("//!variant", "has no name")]
    [TestCase("//!variant Fast", "lower-case")]
    [TestCase("//!variant fast | speed=3", "speed=3")]
    [TestCase("//!variant fast | subgroup=zero", "subgroup=zero")]
    [TestCase("//!varient fast", "//!varient")]
    public void Wrong_header_line_is_refused(string line, string expected)
    {
        folder.Write("pointwise/wrong.comp", $"#version 450\n{line}\nvoid main() {{}}\n");
        var error = Assert.Throws<BuildProblemException>(() => folder.Build());
        Assert.That(error!.Problems[0].Code, Is.EqualTo("VKS002"));
        Assert.That(error.Problems[0].Message, Does.Contain(expected));
        Assert.That(error.Problems[0].Line, Is.EqualTo(2));
    }

    [Test]
    public void Missing_compiler_says_what_to_install()
    {
        var error = Assert.Throws<BuildProblemException>(() => Glslc.Find(_ => null));
        Assert.That(error!.Problems[0].Code, Is.EqualTo("VKS001"));
        Assert.That(error.Message, Does.Contain("apt-get install glslc").And.Contain(Glslc.PathVariable));
    }

    [Test]
    public void Wrong_compiler_path_is_named()
    {
        var error = Assert.Throws<BuildProblemException>(() => Glslc.Find(name => name == Glslc.PathVariable ? "/nowhere/glslc" : null));
        Assert.That(error!.Problems[0].Code, Is.EqualTo("VKS001"));
        Assert.That(error.Message, Does.Contain("/nowhere/glslc"));
    }

    [Test]
    public void Shared_constants_become_an_enumeration()
    {
        folder.Write("common/opcodes.glsl", "//!constants Colour What can be seen.\n#define COLOUR_DARK_RED 3 // the first\n#define COLOUR_BLUE 0x10\n//!end\n#define OTHER 4\n");
        folder.Build();
        var text = folder.Generated("Colour");
        Assert.That(text, Does.Contain("DarkRed = 3,").And.Contain("Blue = 16,").And.Contain("the first").And.Not.Contain("Other"));
    }

    private const string Block = "layout(set = 0, binding = 0, std140) uniform Parameters { int rows; float scale; } p;\n";

    private static string KernelWithBlock(string include) =>
        $"#version 450\n#extension GL_GOOGLE_include_directive : require\n// Fills.\nlayout(local_size_x = 8) in;\n{include}layout(set = 0, binding = 1) buffer Result {{ float result[]; }};\nvoid main() {{ result[p.rows] = p.scale; }}\n";

    [Test]
    public void Kernels_that_include_a_parameter_block_share_its_structure()
    {
        folder.Write("common/block.glsl", "//!parameters FillSizes What is filled.\n" + Block);
        foreach (var name in new[] { "first", "second" }) folder.Write($"fill/{name}.comp", KernelWithBlock("#include \"common/block.glsl\"\n"));
        folder.Build();
        Assert.That(folder.Generated("FillSizes"), Does.Contain("internal struct FillSizes").And.Contain("public int Rows;").And.Contain("What is filled"));
        Assert.That(folder.Generated("FillFirst"), Does.Not.Contain("struct"));
        Assert.That(folder.Generated("FillSecond"), Does.Not.Contain("struct"));
    }

    [Test]
    public void Shared_parameter_blocks_must_be_alike()
    {
        folder.Write("common/block.glsl", "//!parameters FillSizes What is filled.\n#ifndef BLOCK\n#define BLOCK " + Block.Replace("\n", "", StringComparison.Ordinal) + "\n#endif\nBLOCK\n");
        folder.Write("fill/first.comp", KernelWithBlock("#include \"common/block.glsl\"\n"));
        folder.Write("fill/second.comp", KernelWithBlock("#define BLOCK " + Block.Replace("int rows; float scale;", "float scale; int rows;", StringComparison.Ordinal) + "#include \"common/block.glsl\"\n"));
        var problem = folder.Build().Problems.Single();
        Assert.That((problem.Code, problem.Message), Is.EqualTo(("VKS005", "its parameter block differs from that of 'fill/first', though both are to be 'FillSizes'")));
    }
}
