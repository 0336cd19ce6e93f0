using System.Text;

namespace VkNet.ShaderCompiler;

/// <summary>Turns the names of GLSL files, fields, bindings and constants into C# names.</summary>
internal static class Names
{
    /// <summary>
    /// PascalCase of a name in any style: <c>tileRows</c>, <c>tile_rows</c> and <c>TILE_ROWS</c> become <c>TileRows</c>;
    /// <c>gemm/packed</c> becomes <c>GemmPacked</c>; <c>STEP_0</c> becomes <c>Step0</c>.
    /// </summary>
    public static string Pascal(string name)
    {
        var result = new StringBuilder(name.Length);
        var shouting = !name.Any(char.IsLower);
        var startsWord = true;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                startsWord = true;
                continue;
            }
            result.Append(startsWord ? char.ToUpperInvariant(c) : shouting ? char.ToLowerInvariant(c) : c);
            startsWord = false;
        }
        if (result.Length > 0 && char.IsAsciiDigit(result[0])) result.Insert(0, '_');
        return result.ToString();
    }
}
