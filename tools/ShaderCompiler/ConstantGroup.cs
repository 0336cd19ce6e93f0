using System.Globalization;
using System.Text.RegularExpressions;

namespace VkNet.ShaderCompiler;

/// <summary>
/// A group of numbers shared by GLSL and C#: the <c>#define PREFIX_NAME 12 // text</c> lines below a line
/// <c>//!constants EnumName text</c> in a <c>.glsl</c> header, up to the next such line or <c>//!end</c>.
/// It becomes a C# enumeration, so that the two languages cannot drift apart.
/// </summary>
/// <param name="Name">The enumeration's name.</param>
/// <param name="Summary">What the enumeration is.</param>
/// <param name="Members">GLSL name, C# name, value and text of each member.</param>
internal sealed partial record ConstantGroup(string Name, string Summary, IReadOnlyList<ConstantGroup.Member> Members)
{
    /// <summary>One number of an <see cref="ConstantGroup"/>.</summary>
    internal sealed record Member(string GlslName, string Name, uint Value, string Summary);

    /// <summary>Every group of every header below <paramref name="folder"/>, ordered by name.</summary>
    /// <exception cref="BuildProblemException">VKS002 or VKS005: a group is wrong.</exception>
    public static IReadOnlyList<ConstantGroup> FindAll(string folder)
    {
        var groups = Directory.GetFiles(folder, "*.glsl", SearchOption.AllDirectories)
            .Where(file => !KernelSource.IsBuildOutput(folder, file))
            .SelectMany(Read)
            .OrderBy(group => group.Name, StringComparer.Ordinal)
            .ToList();
        foreach (var same in groups.GroupBy(group => group.Name).Where(group => group.Count() > 1))
            throw new BuildProblemException("VKS005", $"the constants '{same.Key}' are declared twice");
        return groups;
    }

    private static List<ConstantGroup> Read(string file)
    {
        var groups = new List<ConstantGroup>();
        List<Member>? members = null;
        var lineNumber = 0;
        foreach (var line in File.ReadLines(file))
        {
            lineNumber++;
            var text = line.Trim();
            if (text.StartsWith("//!constants", StringComparison.Ordinal))
            {
                var words = text["//!constants".Length..].Trim().Split(' ', 2, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length == 0 || !words[0].All(char.IsAsciiLetterOrDigit))
                    throw new BuildProblemException("VKS002", "write '//!constants EnumName what it is'", file, lineNumber);
                members = [];
                groups.Add(new ConstantGroup(words[0], words.Length == 2 ? words[1].Trim() : words[0], members));
            }
            else if (text == "//!end")
            {
                members = null;
            }
            else if (text.StartsWith("//!parameters ", StringComparison.Ordinal))
            {
                // Read where kernels are: see KernelSource.SharedParameters.
                if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, var block, _, ..] || !block.All(char.IsAsciiLetterOrDigit))
                    throw new BuildProblemException("VKS002", "write '//!parameters StructName what it is'", file, lineNumber);
            }
            else if (text.StartsWith("//!", StringComparison.Ordinal))
            {
                throw new BuildProblemException("VKS002", $"'{text.Split(' ')[0]}' is not known here; a header has '//!constants', '//!end' and '//!parameters' lines", file, lineNumber);
            }
            else if (members is not null && DefineLine().Match(text) is { Success: true } define)
            {
                members.Add(ReadMember(define, members, file, lineNumber));
            }
        }
        return groups;
    }

    private static Member ReadMember(Match define, List<Member> members, string file, int line)
    {
        var glslName = define.Groups[1].Value;
        var digits = define.Groups[2].Value.TrimEnd('u', 'U');
        var isHex = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!uint.TryParse(isHex ? digits[2..] : digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            throw new BuildProblemException("VKS002", $"'{glslName}' needs a whole number, not '{define.Groups[2].Value}'", file, line);
        var name = Names.Pascal(glslName[(glslName.IndexOf('_', StringComparison.Ordinal) + 1)..]);
        if (members.FirstOrDefault(member => member.Name == name || member.Value == value) is { } other)
            throw new BuildProblemException("VKS005", $"'{glslName}' has the name or the value of '{other.GlslName}'", file, line);
        return new Member(glslName, name, value, define.Groups[3].Value.Trim());
    }

    [GeneratedRegex("""^#define\s+([A-Za-z]\w*)\s+(\S+)\s*(?://(.*))?$""")]
    private static partial Regex DefineLine();
}
