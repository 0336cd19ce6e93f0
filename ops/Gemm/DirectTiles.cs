using System.Runtime.CompilerServices;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Gemm;

/// <summary>Chooses among the kernels that multiply matrices as they lie on CPU drivers: the tiles of gemm/direct, and gemm/dots for one or two rows.</summary>
internal static class DirectTiles
{
    // What gemm/strided computes in the time in which the fastest tile of gemm/packed computes 100 (measured under lavapipe).
    private const double SpeedOfStrided = 22;

    private static readonly ConditionalWeakTable<DeviceProfile, List<KernelDescriptor>> Known = [];

    // More rows than these are better off with the columns along the lanes.
    private const long RowsOfDots = 2;

    // With no more results than these a panel of gemm/packed is idle in most of its 64 columns (measured under lavapipe).
    private const long FewResults = 64;

    /// <summary>The variants that a device should run.</summary>
    public static IReadOnlyList<KernelDescriptor> Of(DeviceProfile profile)
    {
        return Known.GetValue(profile, Find);

        static List<KernelDescriptor> Find(DeviceProfile profile) => !profile.IsSoftware ? []
            : [.. profile.VariantsOf(GemmDirect.Family).Where(v => GemmDirect.Defines.Lanes(v) == profile.SubgroupSize), .. profile.VariantsOf(GemmDots.Family).Where(v => GemmDots.Defines.Lanes(v) == profile.SubgroupSize)];
    }

    /// <summary>The kernel for a product, or null where 4 x 4 results an invocation (gemm/strided) are better.</summary>
    /// <param name="profile">The device.</param>
    /// <param name="forced">A variant's name, of this family or of another; null when none is asked for.</param>
    /// <param name="product">The product.</param>
    public static KernelDescriptor? Choose(DeviceProfile profile, string? forced, MatrixProduct product)
    {
        if (forced is not null && GemmStrided.Family.Find(forced) is not null) return null;
        var possible = Of(profile);
        if (forced is not null)
            foreach (var kernel in possible)
                if (kernel.Variant == forced && (!IsDots(kernel) || TakesDots(product))) return kernel;
        if (DotsFor(possible, product) is { } dots) return dots;
        KernelDescriptor? best = null;
        var least = WorkOfStrided(product);
        foreach (var kernel in possible)
            if (!IsDots(kernel) && Work(kernel, product) is var work && work < least) (best, least) = (kernel, work);
        return best;
    }

    /// <summary>Whether a constant right matrix is better left as it lies than packed: few results of long sums.</summary>
    public static bool BeatPacked(DeviceProfile profile, MatrixProduct product) =>
        product.Rows * product.Columns <= FewResults && DotsFor(Of(profile), product) is not null;

    /// <summary>Workgroups of a kernel.</summary>
    public static long Workgroups(KernelDescriptor tile, MatrixProduct product)
    {
        var (rows, columns) = IsDots(tile) ? (1, 4L * GemmDots.Defines.Quads(tile)) : (GemmDirect.Defines.Rows(tile), TileColumns(tile));
        return product.Count * MatrixProductLowering.Quotient(product.Rows, rows) * MatrixProductLowering.Quotient(product.StoredColumns ?? product.Columns, columns);
    }

    private static KernelDescriptor? DotsFor(IReadOnlyList<KernelDescriptor> possible, MatrixProduct product)
    {
        if (product.Rows > RowsOfDots || !TakesDots(product)) return null;
        foreach (var kernel in possible)
            if (IsDots(kernel) && product.Depth >= 4L * GemmDots.Defines.Lanes(kernel)) return kernel;
        return null;
    }

    private static bool IsDots(KernelDescriptor kernel) => kernel.Name == GemmDots.Family.Name;

    // Both matrices lie with the depth innermost, whole texels of it.
    private static bool TakesDots(MatrixProduct product) => product.Left.Access == BlockAccess.AlongB && product.Right.Access == BlockAccess.AlongA;

    private static long TileColumns(KernelDescriptor tile) => 4L * GemmDirect.Defines.Lanes(tile);

    // Multiply-adds, edges of tiles and an uneven last workgroup included, in units of what the fastest tile of gemm/packed takes for one.
    private static double Work(KernelDescriptor tile, MatrixProduct product)
    {
        var even = (Workgroups(tile, product) + 1) / 2 * 2;
        return 100.0 / GemmDirect.Defines.Speed(tile) * even * GemmDirect.Defines.Rows(tile) * TileColumns(tile) * (product.Depth + PackedTiles.StoreDepth);
    }

    private static double WorkOfStrided(MatrixProduct product) =>
        100 / SpeedOfStrided * 16.0 * product.Count * MatrixProductLowering.Quotient(product.Rows, 4) * MatrixProductLowering.Quotient(product.Columns, 4) * (product.Depth + PackedTiles.StoreDepth / 4.0);
}
