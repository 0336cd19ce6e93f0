using System.Reflection;
using VkNet.Execution;
using VkNet.Hosting;
using VkNet.Onnx;
using VkNet.Operators;
using VkNet.Shaders;

namespace VkNet.Tests.Api;

/// <summary>The public surface of the packages against what is written down: nothing appears, goes or changes unseen.</summary>
internal sealed class PublicApiTests
{
    private const string Update = "VKNET_UPDATE_API";

    private static Assembly[] Assemblies(string package) => package switch
    {
        "VkNet" => [typeof(KernelDescriptor).Assembly, typeof(InferenceSession).Assembly, typeof(StandardOperators).Assembly],
        "VkNet.Onnx" => [typeof(OnnxModel).Assembly],
        _ => [typeof(VkNetOptions).Assembly],
    };

    [Test]
    public void The_surface_is_as_written_down([Values("VkNet", "VkNet.Onnx", "VkNet.Extensions.DependencyInjection")] string package)
    {
        var file = Path.Combine(TestData.Repository, "tests", "Api", package + ".txt");
        var lines = PublicSurface.Of(Assemblies(package));
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllLines(file, lines);
            Assert.Ignore($"written: {lines.Count} members of {package}");
        }
        var known = File.ReadAllLines(file);
        var text = string.Join('\n', lines.Except(known).Select(l => "+ " + l).Concat(known.Except(lines).Select(l => "- " + l)));
        Assert.That(text, Is.Empty, $"the public surface of {package} differs from {Path.GetFileName(file)}; if that is meant, write it down: {Update}=1 tools/test --filter PublicApi");
    }

    [Test]
    public void The_listing_tells_types_members_and_their_changes_apart()
    {
        var lines = PublicSurface.Of([typeof(InferenceSession).Assembly]);
        Assert.That(lines, Does.Contain("sealed class VkNet.Execution.InferenceSession : IDisposable"));
        Assert.That(lines, Does.Contain("VkNet.Execution.InferenceSession.Run(IReadOnlyDictionary<string, Tensor> inputs) : IReadOnlyDictionary<string, Tensor>"));
        Assert.That(lines, Does.Contain("VkNet.Execution.InferenceSession.Model { get; } : CompiledModel"));
        Assert.That(lines, Does.Contain("VkNet.Tensors.DataType.Float32 = 0"));
        Assert.That(lines, Is.Unique);
        Assert.That(lines, Has.None.Contain("VkNet.Interop"));
    }
}
