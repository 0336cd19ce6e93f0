namespace VkNet;

/// <summary>Whose fault an error is; the runner's exit codes follow it.</summary>
public enum ErrorKind
{
    /// <summary>The input (file, option, tensor, shape) was wrong: exit code 1.</summary>
    Input = 1,

    /// <summary>The device, its driver or its memory could not do it: exit code 2.</summary>
    Device = 2,

    /// <summary>A fault of VkNet itself: exit code 3.</summary>
    Internal = 3,

    /// <summary>A check, comparison or regression failed: exit code 4.</summary>
    Check = 4,
}

/// <summary>The one exception that VkNet throws for a user's mistake or a device's refusal. It carries a <see cref="Diagnostic"/>.</summary>
public class VkNetException : Exception
{
    /// <summary>Makes an exception from a diagnostic.</summary>
    public VkNetException(Diagnostic diagnostic, ErrorKind kind = ErrorKind.Input, Exception? inner = null)
        : base(diagnostic.ToString(), inner)
    {
        Diagnostic = diagnostic;
        Kind = kind;
    }

    /// <summary>Makes an exception from the parts of a diagnostic.</summary>
    public VkNetException(string code, string message, string? help = null, SourceLocation? location = null, ErrorKind kind = ErrorKind.Input, Exception? inner = null)
        : this(new Diagnostic(code, message, help, location), kind, inner)
    {
    }

    /// <summary>What is wrong, where, and what to do.</summary>
    public Diagnostic Diagnostic { get; }

    /// <summary>Whose fault it is.</summary>
    public ErrorKind Kind { get; }
}
