using VkNet.Formats;
using VkNet.Graphs;
using VkNet.Operators;

namespace VkNet.Tests.Examples;

/// <summary>The graph files and pictures under examples/.</summary>
internal static class ExampleFiles
{
    /// <summary>Path of a file under examples/.</summary>
    internal static string At(params string[] parts) => Path.Combine([TestData.Repository, "examples", .. parts]);

    /// <summary>Every file of that kind under examples/, by its path there. What builds copied beside programs is left out.</summary>
    internal static IEnumerable<string> All(string pattern) =>
        from file in Directory.EnumerateFiles(At(), pattern, SearchOption.AllDirectories)
        let path = Path.GetRelativePath(At(), file)
        where !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
        orderby path
        select path;

    /// <summary>A graph file.</summary>
    internal static ModelDefinition Graph(params string[] parts) => GraphFile.Load(At(parts), StandardOperators.Registry);

    /// <summary>A picture under examples/pictures.</summary>
    internal static Picture Picture(string name) => PictureFile.Load(At("pictures", name));
}
