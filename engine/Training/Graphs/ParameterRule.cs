using VkNet.Graphs;

namespace VkNet.Training;

/// <summary>Changes how some parameters are initialised and trained.</summary>
/// <param name="Pattern">Their names; <c>*</c> stands for anything.</param>
/// <param name="Change">Gives the new options for the model's own.</param>
public sealed record ParameterRule(string Pattern, Func<ParameterOptions, ParameterOptions> Change);
