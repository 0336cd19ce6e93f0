namespace VkNet.Graphs;

/// <summary>Where a value comes from.</summary>
public enum ValueKind
{
    /// <summary>Computed by a node.</summary>
    Result,

    /// <summary>Fed by the caller on every run.</summary>
    Input,

    /// <summary>Known when the graph is built.</summary>
    Constant,

    /// <summary>A trainable or loadable tensor: a state in training plans, a constant in inference plans.</summary>
    Parameter,

    /// <summary>Carried from one run to the next (recurrent state, running statistics, optimizer moments).</summary>
    State,

    /// <summary>A scalar that changes from run to run without being data (learning rate, step number, random counter); it lives in the run block.</summary>
    RunValue,
}
