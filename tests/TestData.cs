namespace VkNet.Tests;

/// <summary>Finds the test data that lie beside the repository (never inside it) and the repository's own files.</summary>
internal static class TestData
{
    /// <summary>The folder <c>shared/data</c> beside the repository, or null when this machine has none.</summary>
    public static string? Root { get; } = FindUpwards(Path.Combine("shared", "data"));

    /// <summary>The repository's root folder.</summary>
    public static string Repository { get; } =
        Path.GetDirectoryName(FindUpwards("Directory.Packages.props")) ?? throw new InvalidOperationException("the tests do not run from inside the repository");

    /// <summary>Path of a file or folder under the test data; skips the running test with a reason when it is absent.</summary>
    public static string Require(params string[] parts)
    {
        var relative = Path.Combine(parts);
        if (Root is null) Assert.Ignore($"no shared/data beside the repository (needed: {relative})");
        var path = Path.Combine(Root!, relative);
        if (!Path.Exists(path)) Assert.Ignore($"{relative} is not among the test data of this machine");
        return path;
    }

    private static string? FindUpwards(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, relative);
            if (Path.Exists(candidate)) return candidate;
        }
        return null;
    }
}
