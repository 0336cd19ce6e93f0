namespace VkNet.Runner.Fuzzing;

/// <summary>A file that a reader did not treat as promised.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Mutation">The number of the mutation, counted from 0.</param>
/// <param name="Kind">exception, hang or memory.</param>
/// <param name="Message">What happened.</param>
/// <param name="Content">The file.</param>
internal sealed record FuzzFinding(string Reader, int Mutation, string Kind, string Message, byte[] Content);
