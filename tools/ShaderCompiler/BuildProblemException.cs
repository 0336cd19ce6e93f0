namespace VkNet.ShaderCompiler;

/// <summary>Carries one or more <see cref="BuildProblem"/>s out of nested work.</summary>
internal sealed class BuildProblemException : Exception
{
    public BuildProblemException(string code, string message, string? file = null, int line = 0)
        : this([new BuildProblem(code, message, file, line)])
    {
    }

    public BuildProblemException(IReadOnlyList<BuildProblem> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    public IReadOnlyList<BuildProblem> Problems { get; }
}
