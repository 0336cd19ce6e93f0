using System.Text;
using System.Text.RegularExpressions;

namespace VkNet.ShaderCompiler;

/// <summary>A <c>.comp</c> file with what its header comment declares.</summary>
/// <param name="File">Full path.</param>
/// <param name="Name">Path below the shader folder without extension, with forward slashes: <c>gemm/multiply</c>.</param>
/// <param name="Summary">The text of its leading comment up to the first empty comment line; documents the generated class.</param>
/// <param name="Variants">Its variants in the order written; one <see cref="VariantDeclaration.Baseline"/> if none is declared.</param>
internal sealed partial record KernelSource(string File, string Name, string Summary, IReadOnlyList<VariantDeclaration> Variants)
{
    /// <summary>
    /// The C# structure that its parameter block becomes, with what it is, where an included header names one by a line
    /// <c>//!parameters StructName text</c>: kernels that share a block share the structure. Null for a structure of the kernel's own.
    /// </summary>
    public (string Name, string Summary)? SharedParameters { get; init; }

    /// <summary>The name of the generated C# class: <c>GemmMultiply</c>.</summary>
    public string ClassName => Names.Pascal(Name);

    /// <summary>Every kernel below <paramref name="folder"/>, ordered by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="headers">A folder in which includes are looked up besides.</param>
    /// <exception cref="BuildProblemException">VKS002 or VKS005: a header is wrong.</exception>
    public static IReadOnlyList<KernelSource> FindAll(string folder, string headers)
    {
        var kernels = Directory.GetFiles(folder, "*.comp", SearchOption.AllDirectories)
            .Where(file => !IsBuildOutput(folder, file))
            .Select(file => Read(folder, headers, file))
            .OrderBy(kernel => kernel.Name, StringComparer.Ordinal)
            .ToList();
        foreach (var same in kernels.GroupBy(kernel => kernel.ClassName).Where(group => group.Count() > 1))
            throw new BuildProblemException("VKS005", $"'{same.First().Name}' and '{same.Last().Name}' would both become the C# class {same.Key}; rename one", same.Last().File);
        return kernels;
    }

    /// <summary>Whether a file lies in <c>bin</c> or <c>obj</c> below the shader folder.</summary>
    public static bool IsBuildOutput(string folder, string file)
    {
        var first = Path.GetRelativePath(folder, file).Replace('\\', '/').Split('/')[0];
        return first is "bin" or "obj";
    }

    /// <summary>
    /// The text that decides what the compiler produces from a file: its own and that of everything it includes, directly or not.
    /// An include behind a false <c>#if</c> counts as well: at worst a kernel is compiled once too often.
    /// </summary>
    public static string TextWithIncludes(IReadOnlyList<string> folders, string file)
    {
        var text = new StringBuilder();
        Append(file, new HashSet<string>(StringComparer.Ordinal));
        return text.ToString();

        void Append(string path, HashSet<string> seen)
        {
            if (!seen.Add(Path.GetFullPath(path))) return;
            var own = System.IO.File.ReadAllText(path);
            text.Append(own).Append('\0');
            foreach (Match include in IncludeLine().Matches(own))
            {
                // The compiler looks beside the including file first, then in the folders in their order.
                var target = include.Groups[1].Value;
                string[] candidates = [Path.Combine(Path.GetDirectoryName(path)!, target), .. folders.Select(folder => Path.Combine(folder, target))];
                var found = candidates.FirstOrDefault(System.IO.File.Exists);
                if (found is not null) Append(found, seen);
            }
        }
    }

    private static KernelSource Read(string folder, string headers, string file)
    {
        var name = Path.GetRelativePath(folder, file).Replace('\\', '/');
        name = name[..^".comp".Length];
        var variants = new List<VariantDeclaration>();
        var summary = new List<string>();
        var inSummary = true;
        var lineNumber = 0;
        foreach (var line in System.IO.File.ReadLines(file))
        {
            lineNumber++;
            var text = line.Trim();
            if (text.StartsWith("//!variant ", StringComparison.Ordinal) || text == "//!variant")
            {
                var variant = VariantDeclaration.Parse(text["//!variant".Length..], file, lineNumber);
                if (variants.Any(other => other.Name == variant.Name))
                    throw new BuildProblemException("VKS005", $"the variant '{variant.Name}' is declared twice", file, lineNumber);
                variants.Add(variant);
            }
            else if (text.StartsWith("//!", StringComparison.Ordinal))
            {
                throw new BuildProblemException("VKS002", $"'{text.Split(' ')[0]}' is not known here; a kernel's header has only '//!variant' lines", file, lineNumber);
            }
            if (text.StartsWith("//!", StringComparison.Ordinal)) continue;
            if (inSummary && text.StartsWith("//", StringComparison.Ordinal) && text.TrimStart('/').Trim().Length > 0) summary.Add(text.TrimStart('/').Trim());
            else if (lineNumber > 1 || !text.StartsWith("#version", StringComparison.Ordinal)) inSummary = false;
        }
        if (variants.Count == 0) variants.Add(VariantDeclaration.Baseline);
        return new KernelSource(file, name, string.Join(' ', summary), variants) { SharedParameters = FindSharedParameters([folder, headers], file) };
    }

    private static (string Name, string Summary)? FindSharedParameters(IReadOnlyList<string> folders, string file)
    {
        var lines = ParametersLine().Matches(TextWithIncludes(folders, file).Replace('\0', '\n'));
        if (lines.Count > 1) throw new BuildProblemException("VKS005", $"two '//!parameters' lines reach this kernel, '{lines[0].Groups[1].Value}' and '{lines[1].Groups[1].Value}'", file);
        return lines.Count == 0 ? null : (lines[0].Groups[1].Value, lines[0].Groups[2].Value.Trim());
    }

    [GeneratedRegex("""^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]""", RegexOptions.Multiline)]
    private static partial Regex IncludeLine();

    [GeneratedRegex("""^[ \t]*//!parameters[ \t]+([A-Za-z]\w*)[ \t]+([^\r\n]*)""", RegexOptions.Multiline)]
    private static partial Regex ParametersLine();
}
