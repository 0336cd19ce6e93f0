using System.Diagnostics;
using System.IO.Compression;

namespace VkNet.Tests.Hosting;

/// <summary>The packages as a stranger gets them: installed from a folder into a fresh project, and as a tool.</summary>
[Category("Full")]
internal sealed class PackageTests
{
    private const string Program = """
        using Microsoft.Extensions.DependencyInjection;
        using VkNet.Execution;
        using VkNet.Graphs;
        using VkNet.Hosting;
        using VkNet.Onnx;
        using VkNet.Operators;
        using VkNet.Tensors;

        File.WriteAllText("double.yaml", "version: 1\ngraph: double\ninputs:\n  x: {shape: [N, 3]}\nnodes:\n  y: {op: affine, input: x, scale: 2}\noutputs: [y]\n");
        var services = new ServiceCollection();
        services.AddVkNet().AddModel("double", "double.yaml", o => o.MaximumBatch = 4);
        await using var provider = services.BuildServiceProvider();
        var y = await provider.GetRequiredKeyedService<IVkNetModel>("double").RunAsync(new Dictionary<string, Tensor> { ["x"] = Tensor.From([1f, 2, 3], 1, 3) });
        Console.WriteLine(string.Join(' ', y["y"].ToArray<float>()));
        Console.WriteLine(typeof(OnnxModel).Name);
        """;

    private ScratchFolder _folder = null!;

    [OneTimeSetUp]
    public void Pack()
    {
        _folder = new ScratchFolder();
        foreach (var project in new[] { "ops/VkNet.Ops.csproj", "ops/Onnx/VkNet.Onnx.csproj", "engine/Hosting/VkNet.Extensions.DependencyInjection.csproj", "tools/Runner/Runner.csproj" })
            Dotnet(TestData.Repository, "pack", project, "-c", "Release", "-nologo", "-v", "q", "-o", _folder["feed"]);
    }

    [OneTimeTearDown]
    public void Free() => _folder.Dispose();

    [Test]
    public void They_are_small_and_documented()
    {
        var packages = Directory.GetFiles(_folder["feed"], "VkNet*.nupkg");
        Assert.That(packages, Has.Length.EqualTo(3));
        Assert.That(packages.Sum(p => new FileInfo(p).Length), Is.LessThan(5_000_000));
        using var package = ZipFile.OpenRead(Path.Combine(_folder["feed"], "VkNet.0.1.0.nupkg"));
        foreach (var assembly in new[] { "VkNet.Engine", "VkNet.Ops", "VkNet.Shaders" })
        {
            Assert.That(package.GetEntry($"lib/net10.0/{assembly}.dll"), Is.Not.Null, assembly);
            Assert.That(package.GetEntry($"lib/net10.0/{assembly}.xml"), Is.Not.Null, assembly);
        }
    }

    [Test]
    public void A_fresh_project_runs_from_them()
    {
        var project = Directory.CreateDirectory(_folder["fresh"]).FullName;
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""<configuration><packageSources><add key="local" value="{_folder["feed"]}" /></packageSources></configuration>""");
        // A folder of packages of its own, so that an earlier build's packages of the same version are not taken.
        File.WriteAllText(Path.Combine(project, "fresh.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestorePackagesPath>packages</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="VkNet.Extensions.DependencyInjection" Version="0.1.0" />
                <PackageReference Include="VkNet.Onnx" Version="0.1.0" />
                <PackageReference Include="Microsoft.Extensions.DependencyInjection" Version="10.0.14" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project, "Program.cs"), Program);
        Assert.That(Dotnet(project, "run", "-c", "Release").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[] { "2 4 6", "OnnxModel" }));
    }

    [Test]
    public void The_tool_installs_and_lists_devices()
    {
        Dotnet(TestData.Repository, "tool", "install", "vknet.Tool", "--version", "0.1.0", "--tool-path", _folder["tool"], "--add-source", _folder["feed"]);
        Assert.That(Run(Path.Combine(_folder["tool"], "vknet"), _folder["tool"], "devices", "--json"), Does.Contain("subgroupSize"));
    }

    private static string Dotnet(string folder, params string[] arguments) => Run("dotnet", folder, arguments);

    private static string Run(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}\n{output}\n{error.Result}");
        return output;
    }
}
