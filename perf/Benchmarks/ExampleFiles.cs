namespace VkNet.Perf.Benchmarks;

/// <summary>Finds the examples folder above the program.</summary>
internal static class ExampleFiles
{
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "examples", name);
            if (File.Exists(candidate)) return candidate;
        }
        throw new FileNotFoundException($"examples/{name} was not found above {AppContext.BaseDirectory}");
    }
}
