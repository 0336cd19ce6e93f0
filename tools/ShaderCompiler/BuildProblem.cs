using System.Globalization;

namespace VkNet.ShaderCompiler;

/// <summary>
/// One thing that stops the build. <see cref="ToString"/> gives MSBuild's canonical form, so that editors can jump to the line.
/// Codes: VKS001 glslc is missing; VKS002 a header line cannot be read; VKS003 the variants of a kernel disagree;
/// VKS004 the kernel's interface breaks a convention; VKS005 two names collide; VKS100 an error of the GLSL compiler.
/// </summary>
/// <param name="Code">The stable code.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="File">The file it is about, if any.</param>
/// <param name="Line">The line in <paramref name="File"/>, counted from one; zero when it is about the file as a whole.</param>
internal sealed record BuildProblem(string Code, string Message, string? File = null, int Line = 0)
{
    public override string ToString()
    {
        var origin = File is null ? "VkNet.ShaderCompiler" : Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{File}({Line})") : File;
        var separator = File is null ? " " : "";
        return $"{origin}{separator}: error {Code}: {Message}";
    }
}
