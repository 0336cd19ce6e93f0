using System.IO.Compression;
using VkNet.Tests.Examples;

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
        WriteFeed(project);
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
    public void Kernels_of_a_strangers_own_are_built_by_the_package()
    {
        // examples/custom-operator as it would stand outside this repository: a package in place of projects.
        var project = Directory.CreateDirectory(_folder["custom/kernels"]).Parent!.FullName;
        foreach (var file in Directory.EnumerateFiles(ExampleFiles.At("custom-operator"))) File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        File.Copy(ExampleFiles.At("custom-operator", "kernels", "squared_distance.comp"), Path.Combine(project, "kernels", "squared_distance.comp"));
        WriteFeed(project);
        var text = File.ReadAllText(Path.Combine(project, "CustomOperator.csproj"));
        var references = text[text.IndexOf("<!-- Outside", StringComparison.Ordinal)..(text.LastIndexOf("<ProjectReference", StringComparison.Ordinal) + text[text.LastIndexOf("<ProjectReference", StringComparison.Ordinal)..].IndexOf('\n', StringComparison.Ordinal))];
        File.WriteAllText(Path.Combine(project, "CustomOperator.csproj"), text.Replace(references, "<PackageReference Include=\"VkNet\" Version=\"0.1.0\" />").Replace("<OutputType>", "<TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable><RestorePackagesPath>packages</RestorePackagesPath><OutputType>"));
        CustomOperatorTests.Check(Dotnet(project, "run", "-c", "Release"));
    }

    [Test]
    public void The_tool_installs_and_lists_devices()
    {
        Dotnet(TestData.Repository, "tool", "install", "vknet.Tool", "--version", "0.1.0", "--tool-path", _folder["tool"], "--add-source", _folder["feed"]);
        Assert.That(Command.Run(_folder["tool"], Path.Combine(_folder["tool"], "vknet"), "devices", "--json"), Does.Contain("subgroupSize"));
    }

    private void WriteFeed(string project) =>
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""<configuration><packageSources><add key="local" value="{_folder["feed"]}" /></packageSources></configuration>""");

    private static string Dotnet(string folder, params string[] arguments) => Command.Run(folder, "dotnet", arguments);
}
