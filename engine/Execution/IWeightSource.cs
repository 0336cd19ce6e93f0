using VkNet.Graphs;
using VkNet.Tensors;

namespace VkNet.Execution;

/// <summary>Where a model's parameters come from.</summary>
public interface IWeightSource
{
    /// <summary>The values of a parameter, or null when the source has none of that name.</summary>
    Tensor? Find(Value parameter);

    /// <summary>The names the source has; for messages.</summary>
    IEnumerable<string> Names { get; }
}

/// <summary>Weights from a dictionary.</summary>
public sealed class TensorWeights(IReadOnlyDictionary<string, Tensor> tensors) : IWeightSource
{
    /// <summary>No weights.</summary>
    public static TensorWeights Empty { get; } = new(new Dictionary<string, Tensor>());

    /// <inheritdoc/>
    public IEnumerable<string> Names => tensors.Keys;

    /// <inheritdoc/>
    public Tensor? Find(Value parameter) => tensors.GetValueOrDefault(parameter.Name);
}

/// <summary>Weights made by each parameter's initialiser; what another source has comes first.</summary>
public sealed class InitializedWeights(ulong seed, IWeightSource? first = null) : IWeightSource
{
    /// <inheritdoc/>
    public IEnumerable<string> Names => first?.Names ?? [];

    /// <inheritdoc/>
    public Tensor? Find(Value parameter) =>
        first?.Find(parameter) ?? Initializer.Create(parameter.Name, parameter.Type, parameter.Parameter ?? new ParameterOptions(), seed);
}
