namespace VkNet.ShaderCompiler.Spirv;

/// <summary>The device features that SPIR-V capabilities stand for. The names are those of <c>VkNet.Shaders.KernelRequirements.Features</c>.</summary>
internal static class Capabilities
{
    private static readonly Dictionary<uint, string> Names = new()
    {
        [9] = "float16",
        [10] = "float64",
        [11] = "int64",
        [12] = "int64_atomics",
        [22] = "int16",
        [39] = "int8",
        [61] = "subgroup_basic",
        [62] = "subgroup_vote",
        [63] = "subgroup_arithmetic",
        [64] = "subgroup_ballot",
        [65] = "subgroup_shuffle",
        [66] = "subgroup_shuffle_relative",
        [67] = "subgroup_clustered",
        [68] = "subgroup_quad",
        [4433] = "storage16",
        [4434] = "uniform16",
        [4448] = "storage8",
        [4449] = "uniform8",
        [4466] = "signed_zero_inf_nan_preserve",
        [4467] = "rounding_mode_rte",
        [5345] = "vulkan_memory_model",
        [5347] = "device_address",
        [5357] = "cooperative_matrix_nv",
        [6016] = "integer_dot_product",
        [6019] = "integer_dot_product",
        [6022] = "cooperative_matrix",
        [6033] = "atomic_float_add",
    };

    // What every Vulkan 1.2 compute device has: Matrix, Shader, SampledBuffer, ImageBuffer, ImageQuery (texel buffers are told apart by the bindings).
    private static readonly HashSet<uint> Ordinary = [0, 1, 46, 47, 50];

    /// <summary>The feature a capability needs, or null where every device has it.</summary>
    /// <exception cref="InvalidDataException">The capability is not known here.</exception>
    public static string? Feature(uint capability) =>
        Names.TryGetValue(capability, out var name) ? name
        : Ordinary.Contains(capability) ? null
        : throw new InvalidDataException($"the SPIR-V capability {capability} has no feature name yet; add it to Capabilities.cs");
}
