using System.Globalization;

namespace VkNet.ShaderCompiler;

/// <summary>
/// One <c>//!variant</c> line of a kernel: <c>//!variant lanes8 LANES=8 TEXELS=1 | subgroup=8 features=subgroup_shuffle</c>.
/// Left of the bar stand the preprocessor definitions, right of it what the device must offer beyond what the SPIR-V itself tells
/// (texel buffers, shared memory, workgroup size and capabilities are read from the SPIR-V).
/// </summary>
/// <param name="Name">The variant's name, unique in its file.</param>
/// <param name="Definitions">Preprocessor definitions, <c>NAME</c> or <c>NAME=VALUE</c>, in the order written.</param>
/// <param name="Subgroup">The subgroup size the kernel is written for, or null where any will do.</param>
/// <param name="SharedBytes">Declared shared memory in bytes, needed where a specialization constant decides it; else null.</param>
/// <param name="Invocations">Declared invocations per workgroup, needed where specialization constants decide it; else null.</param>
/// <param name="Features">Declared feature names, added to those derived from the SPIR-V.</param>
/// <param name="OptionalExtension">A GLSL extension without which the variant is left out instead of failing the build.</param>
/// <param name="Line">The line it stands on.</param>
internal sealed record VariantDeclaration(
    string Name,
    IReadOnlyList<string> Definitions,
    int? Subgroup,
    int? SharedBytes,
    int? Invocations,
    IReadOnlyList<string> Features,
    string? OptionalExtension,
    int Line)
{
    /// <summary>What a kernel without variant lines has.</summary>
    public static VariantDeclaration Baseline { get; } = new("baseline", [], null, null, null, [], null, 0);

    /// <summary>The definitions that have a whole number as value, with their names in PascalCase: tile sizes and the like, which the host must know too.</summary>
    public IReadOnlyDictionary<string, int> Numbers => Definitions
        .Select(definition => definition.Split('=', 2))
        .Where(parts => parts.Length == 2 && int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        .ToDictionary(parts => Names.Pascal(parts[0]), parts => int.Parse(parts[1], CultureInfo.InvariantCulture));

    /// <summary>Reads what follows <c>//!variant</c>.</summary>
    /// <exception cref="BuildProblemException">VKS002: a word cannot be understood.</exception>
    public static VariantDeclaration Parse(string text, string file, int line)
    {
        var halves = text.Split('|');
        if (halves.Length > 2) throw Wrong("has more than one '|'");
        var words = Words(halves[0]);
        if (words.Length == 0) throw Wrong("has no name; write '//!variant NAME DEFINE=VALUE ... | requirement ...'");
        var name = words[0];
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || !char.IsAsciiLetterLower(name[0]))
            throw Wrong($"is named '{name}'; a name is lower-case letters, digits and underscores");

        int? subgroup = null, shared = null, invocations = null;
        string? optional = null;
        var features = new List<string>();
        foreach (var word in halves.Length == 2 ? Words(halves[1]) : [])
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (word, "") : (word[..equals], word[(equals + 1)..]);
            switch (key)
            {
                case "subgroup": subgroup = Number(key, value, minimum: 1); break;
                case "shared": shared = Number(key, value, minimum: 0); break;
                case "invocations": invocations = Number(key, value, minimum: 1); break;
                case "features": features.AddRange(value.Split(',', StringSplitOptions.RemoveEmptyEntries)); break;
                case "optional" when value.Length > 0: optional = value; break;
                default: throw Wrong($"has the unknown requirement '{word}'; known are subgroup=N, shared=BYTES, invocations=N, features=a,b and optional=GL_EXTENSION");
            }
        }
        return new VariantDeclaration(name, words[1..], subgroup, shared, invocations, features, optional, line);

        int Number(string key, string value, int minimum) =>
            int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum
                ? number
                : throw Wrong($"has '{key}={value}'; a whole number of at least {minimum.ToString(CultureInfo.InvariantCulture)} is needed");

        BuildProblemException Wrong(string what) => new("VKS002", $"the variant line {what}", file, line);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
