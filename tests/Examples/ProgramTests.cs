using System.Diagnostics;
using VkNet.Formats;
using VkNet.Tensors;
using VkNet.Tests.Device;

namespace VkNet.Tests.Examples;

/// <summary>The programs of one file under examples/, as a person runs them: <c>dotnet run</c> compiles each.</summary>
[Category("Full")]
internal sealed class ProgramTests
{
    [Test]
    public void Saliency_maps_of_the_shipped_digit()
    {
        if (TestDrivers.All[0] == TestDrivers.None) Assert.Ignore("there is no Vulkan driver on this machine");
        using var folder = new ScratchFolder();
        Assert.That(Run("visualising/saliency.cs", ExampleFiles.At("digits", "lenet5.yaml"), ExampleFiles.At("digits", "digit.png"), folder["sheet.png"]), Does.StartWith("class 7,"));
        var sheet = PictureFile.Load(folder["sheet.png"]);
        Assert.That((sheet.Width, sheet.Height, sheet.Channels), Is.EqualTo((700, 140, 1)));
        // Every tile has something bright and something dark.
        for (var tile = 0; tile < 5; tile++)
        {
            var values = sheet.Bytes.ToArray().Chunk(700).SelectMany(row => row.Skip(tile * 140).Take(140)).ToList();
            Assert.That((values.Min(), values.Max()), Is.EqualTo(((byte)0, (byte)255)), $"tile {tile}");
        }
        // The occluded pixels that cost most lie near the stroke: its map is dark in the corners.
        Assert.That(new[] { sheet[560, 0, 0], sheet[699, 139, 0] }, Is.All.LessThan(0.5f));
    }

    [Test]
    public void Digits_are_drawn_as_files()
    {
        using var folder = new ScratchFolder();
        Run("digits/digits.cs", "idx", folder["set"], "30", "9");
        var (images, labels) = (IdxFile.Load(Path.Combine(folder["set"], "images.idx.gz")), IdxFile.Load(Path.Combine(folder["set"], "labels.idx.gz")));
        Assert.That((images.Type, labels.Type), Is.EqualTo((new TensorType(DataType.UInt8, [30, 28, 28]), new TensorType(DataType.UInt8, [30]))));
        Assert.That(Run("digits/digits.cs", "one", folder["one.png"], "4", "9"), Does.Contain($"a {labels.Values<byte>()[4]}"));
        Assert.That(PictureFile.Load(folder["one.png"]).Bytes.ToArray(), Is.EqualTo(images.Values<byte>().Slice(4 * 28 * 28, 28 * 28).ToArray()));
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["run", "-c", "Release", ExampleFiles.At(program.Split('/')), "--", .. arguments])
        {
            WorkingDirectory = TestData.Repository, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{program}: {output}{error.Result}");
        return output;
    }
}
