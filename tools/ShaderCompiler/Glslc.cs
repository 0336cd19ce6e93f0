using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace VkNet.ShaderCompiler;

/// <summary>The GLSL compiler program <c>glslc</c> (of the Shaderc project), found once and run many times.</summary>
internal sealed partial class Glslc
{
    /// <summary>The environment variable that names the program, for machines where it is not on the path.</summary>
    public const string PathVariable = "VKNET_GLSLC";

    private const string TargetEnvironment = "--target-env=vulkan1.2";
    private readonly Dictionary<string, bool> extensions = new(StringComparer.Ordinal);

    private Glslc(string path, string version)
    {
        Path = path;
        Version = version;
    }

    /// <summary>Where the program is.</summary>
    public string Path { get; }

    /// <summary>All it says about its version; part of every content hash.</summary>
    public string Version { get; }

    /// <summary>Finds the program: <see cref="PathVariable"/>, the path, then the Vulkan SDK's folder.</summary>
    /// <param name="environment">Reads an environment variable; a parameter so that tests can stage a machine without it.</param>
    /// <exception cref="BuildProblemException">VKS001: there is none, or it does not run.</exception>
    public static Glslc Find(Func<string, string?> environment)
    {
        var named = environment(PathVariable);
        var path = string.IsNullOrEmpty(named) ? Search(environment) : named;
        if (path is null)
        {
            throw new BuildProblemException("VKS001",
                "glslc, the GLSL compiler, was not found. Install it: Debian and Ubuntu 'apt-get install glslc', Fedora 'dnf install glslc', " +
                $"macOS 'brew install shaderc', Windows the Vulkan SDK (https://vulkan.lunarg.com); or set {PathVariable} to its path.");
        }
        try
        {
            var (code, text) = Run(path, ["--version"]);
            if (code == 0) return new Glslc(path, text);
            throw new BuildProblemException("VKS001", $"glslc at '{path}' failed with exit code {code.ToString(CultureInfo.InvariantCulture)}: {text.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new BuildProblemException("VKS001", $"glslc at '{path}' could not be started: {error.Message}. Set {PathVariable} to the path of a working glslc.");
        }
    }

    /// <summary>Whether the compiler knows a GLSL extension. Asked once per extension.</summary>
    public bool Supports(string extension, string scratchFolder)
    {
        lock (extensions)
        {
            if (extensions.TryGetValue(extension, out var known)) return known;
            var probe = System.IO.Path.Combine(scratchFolder, $"probe-{Guid.NewGuid():N}.comp");
            File.WriteAllText(probe, $"#version 450\n#extension {extension} : require\nvoid main() {{}}\n");
            try
            {
                var (code, _) = Run(Path, [TargetEnvironment, "-o", probe + ".spv", probe]);
                return extensions[extension] = code == 0;
            }
            finally
            {
                File.Delete(probe);
                File.Delete(probe + ".spv");
            }
        }
    }

    /// <summary>
    /// Compiles one variant of a kernel twice: optimised, to be embedded, and unoptimised with names, which still holds every
    /// declared binding, parameter and constant and is what reflection reads.
    /// </summary>
    /// <returns>The compiler's errors; empty when both modules were written.</returns>
    public IReadOnlyList<BuildProblem> Compile(KernelSource kernel, VariantDeclaration variant, IEnumerable<string> folders, string optimised, string declared)
    {
        string[] common = ["-Werror", TargetEnvironment, .. folders.Distinct().SelectMany(folder => new[] { "-I", folder }), .. variant.Definitions.Select(definition => "-D" + definition)];
        var (code, text) = Run(Path, ["-O", .. common, "-o", optimised, kernel.File]);
        if (code == 0) (code, text) = Run(Path, ["-O0", "-g", .. common, "-o", declared, kernel.File]);
        return code == 0 ? [] : Problems(text, kernel, variant);
    }

    private static List<BuildProblem> Problems(string text, KernelSource kernel, VariantDeclaration variant)
    {
        var problems = new List<BuildProblem>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (CompilerMessage().Match(line) is { Success: true } match)
                problems.Add(new BuildProblem("VKS100", $"{match.Groups[3].Value.Trim()} [variant {variant.Name}]", match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));
        }
        if (problems.Count == 0) problems.Add(new BuildProblem("VKS100", $"glslc: {text.Trim().ReplaceLineEndings(" ")} [variant {variant.Name}]", kernel.File));
        return problems;
    }

    private static string? Search(Func<string, string?> environment)
    {
        var folders = (environment("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).ToList();
        if (environment("VULKAN_SDK") is { Length: > 0 } sdk) folders.AddRange([System.IO.Path.Combine(sdk, "bin"), System.IO.Path.Combine(sdk, "Bin")]);
        return folders
            .SelectMany(folder => new[] { System.IO.Path.Combine(folder, "glslc"), System.IO.Path.Combine(folder, "glslc.exe") })
            .FirstOrDefault(File.Exists);
    }

    private static (int Code, string Text) Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    [GeneratedRegex("""^(.+?):(\d+): (?:error|warning): (.*)$""")]
    private static partial Regex CompilerMessage();
}
