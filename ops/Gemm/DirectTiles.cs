using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Gemm;

/// <summary>Chooses among the tiles of gemm/direct, which multiply matrices as they lie on CPU drivers.</summary>
internal static class DirectTiles
{
    // What gemm/strided computes in the time in which the fastest tile of gemm/packed computes 100 (measured under lavapipe).
    private const double SpeedOfStrided = 22;

    /// <summary>The variants that a device should run.</summary>
    public static IEnumerable<KernelDescriptor> Of(DeviceProfile profile) =>
        profile.IsSoftware ? GemmDirect.Family.Variants.Where(v => GemmDirect.Defines.Lanes(v) == profile.SubgroupSize && profile.WhyNot(v) is null) : [];

    /// <summary>The tile for a product, or null where 4 x 4 results an invocation (gemm/strided) are better.</summary>
    /// <param name="profile">The device.</param>
    /// <param name="forced">A variant's name, of this family or of another; null when none is asked for.</param>
    /// <param name="product">The product.</param>
    public static KernelDescriptor? Choose(DeviceProfile profile, string? forced, MatrixProduct product)
    {
        if (product.Depth == 0) return null;
        if (forced is not null && GemmDirect.Family.Find(forced) is { } wanted) return profile.WhyNot(wanted) is null ? wanted : null;
        if (forced is not null && GemmStrided.Family.Find(forced) is not null) return null;
        var best = Of(profile).MinBy(v => Work(v, product));
        return best is not null && Work(best, product) < WorkOfStrided(product) ? best : null;
    }

    /// <summary>Workgroups of a tile.</summary>
    public static long Workgroups(KernelDescriptor tile, MatrixProduct product) =>
        product.Count * MatrixProductLowering.Quotient(product.Rows, GemmDirect.Defines.Rows(tile)) * MatrixProductLowering.Quotient(product.StoredColumns ?? product.Columns, 4L * GemmDirect.Defines.Lanes(tile));

    // Multiply-adds, edges of tiles and an uneven last workgroup included, in units of what the fastest tile of gemm/packed takes for one.
    private static double Work(KernelDescriptor tile, MatrixProduct product)
    {
        var even = (Workgroups(tile, product) + 1) / 2 * 2;
        return 100.0 / GemmDirect.Defines.Speed(tile) * even * GemmDirect.Defines.Rows(tile) * 4 * GemmDirect.Defines.Lanes(tile) * (product.Depth + PackedTiles.StoreDepth);
    }

    private static double WorkOfStrided(MatrixProduct product) =>
        100 / SpeedOfStrided * 16.0 * product.Count * MatrixProductLowering.Quotient(product.Rows, 4) * MatrixProductLowering.Quotient(product.Columns, 4) * (product.Depth + PackedTiles.StoreDepth / 4.0);
}
