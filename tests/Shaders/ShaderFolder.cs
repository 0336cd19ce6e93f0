using VkNet.ShaderCompiler;

namespace VkNet.Tests.Shaders;

/// <summary>A temporary folder of shaders and the folder they are built into.</summary>
internal sealed class ShaderFolder : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("vknet-shaders-").FullName;

    public ShaderFolder() => Directory.CreateDirectory(Source);

    public string Source => Path.Combine(root, "source");

    /// <summary>Where includes are looked up that are not among the sources.</summary>
    public string Headers => Path.Combine(root, "headers");

    public string Output => Path.Combine(root, "output");

    /// <summary>Finds the compiler of this machine, or ignores the test.</summary>
    public static Glslc FindCompiler()
    {
        try
        {
            return Glslc.Find(Environment.GetEnvironmentVariable);
        }
        catch (BuildProblemException error)
        {
            Assert.Ignore(error.Message);
            throw;
        }
    }

    public void Write(string name, string text)
    {
        var path = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Delete(string name) => File.Delete(Path.Combine(Source, name));

    public ShaderBuild.Result Build() => new ShaderBuild(Source, Output, "Some.Kernels", Headers, FindCompiler()).Run();

    /// <summary>The names of the embedded modules.</summary>
    public IEnumerable<string> Modules() => Directory.GetFiles(Output, "*.spv").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public string Generated(string className) => File.ReadAllText(Path.Combine(Output, className + ".g.cs"));

    public void Dispose() => Directory.Delete(root, recursive: true);
}
