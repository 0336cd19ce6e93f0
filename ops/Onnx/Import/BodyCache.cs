using System.Collections.Concurrent;
using VkNet.Onnx.Reading;
using VkNet.Onnx.Wire;

namespace VkNet.Onnx.Import;

/// <summary>Prepared graphs, so that a body which is entered many times is checked and ordered once. Thread-safe.</summary>
internal sealed class BodyCache(ModelSource source)
{
    // Messages compare by content; here the place in the model is meant.
    private readonly ConcurrentDictionary<object, Body> _bodies = new(ReferenceEqualityComparer.Instance);

    /// <summary>The prepared form of a graph.</summary>
    /// <exception cref="VkNetException">As <see cref="Body.Of(GraphProto, BodyCache, ModelSource)"/>.</exception>
    public Body Get(GraphProto graph)
    {
        // Preparing changes the message (its initializers move out), so it must happen once.
        lock (graph) return _bodies.GetOrAdd(graph, g => Body.Of((GraphProto)g, this, source));
    }
}
