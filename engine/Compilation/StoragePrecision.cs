namespace VkNet.Compilation;

/// <summary>How the constant weights of matrix products and convolutions are stored on the device; sums are formed in single precision either way.</summary>
public enum StoragePrecision
{
    /// <summary>IEEE 754 single precision.</summary>
    Float32,

    /// <summary>
    /// IEEE 754 half precision where the chosen kernel can read it: half the bytes, and each weight w rounded by at most |w| / 1024 (2^-24
    /// below 2^-14). Weights beyond the largest half, 65504, become that.
    /// </summary>
    Float16,
}
