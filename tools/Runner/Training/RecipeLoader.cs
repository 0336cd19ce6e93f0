using VkNet.Operators;
using VkNet.Runner.Options;
using VkNet.Training;

namespace VkNet.Runner.Training;

/// <summary>Loads recipes by the names of their files, with what the command line puts in place of their values.</summary>
internal static class RecipeLoader
{
    internal static Recipe Load(string path, IEnumerable<string>? settings, string? data, IEnumerable<KeyValuePair<string, string>>? more = null)
    {
        if (!File.Exists(path)) throw new VkNetException("VKN7003", $"there is no file '{path}'", Directory.Exists(path) ? "it is a folder" : null);
        if (data is not null && !Directory.Exists(data)) throw new VkNetException("VKN7003", $"there is no folder '{data}' (given for --data)", File.Exists(data) ? "give the folder that the file lies in" : null);
        return RecipeFile.Load(path, StandardOperators.Registry, new RecipeOptions
        {
            DataFolder = data,
            Overrides = [.. Assignments.Split("--set", settings), .. more ?? []],
            LoadModel = ModelLoader.Load,
        });
    }
}
