using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Tensors;

namespace VkNet.Tests.Ops;

/// <summary>
/// Compares gradient rules with central differences. Everything is evaluated on the host in double precision: the loss is the sum of the
/// outputs, each weighted by a random number.
/// </summary>
internal static class GradientTester
{
    /// <summary>Checks the gradients of all real inputs of one node.</summary>
    /// <param name="name">The operator.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="tolerance">Allowed error, relative to 1 + |gradient|.</param>
    /// <param name="inputs">Its inputs.</param>
    internal static void Check(string name, AttributeSet? attributes, double tolerance, params ReadOnlySpan<Tensor?> inputs) => CheckOf(int.MaxValue, name, attributes, tolerance, inputs);

    /// <summary>Checks the gradients of the real ones among the first inputs of one node; the others have none.</summary>
    /// <param name="count">How many inputs have gradients.</param>
    /// <param name="name">The operator.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="tolerance">Allowed error, relative to 1 + |gradient|.</param>
    /// <param name="inputs">Its inputs.</param>
    internal static void CheckOf(int count, string name, AttributeSet? attributes, double tolerance, params ReadOnlySpan<Tensor?> inputs)
    {
        var @operator = StandardOperators.Registry.Get(name);
        Assert.That(@operator.IsDifferentiable, $"{name} says that it has no gradient");
        var errors = GradientCheck.Run(StandardOperators.Registry, @operator, attributes ?? AttributeSet.Empty, inputs.ToArray(), count);
        Assert.Multiple(() =>
        {
            foreach (var error in errors) Assert.That(error.Error, Is.LessThanOrEqualTo(tolerance), $"{name}: {error}");
        });
    }
}
