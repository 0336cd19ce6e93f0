using System.Runtime.CompilerServices;
using VkNet.Compilation;
using VkNet.Devices;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;

namespace VkNet.Operators.Gemm;

/// <summary>Chooses among the tiles of gemm/packed.</summary>
internal static class PackedTiles
{
    /// <summary>Finishing and storing a row of a tile takes as long as this many steps of depth (measured under lavapipe).</summary>
    public const int StoreDepth = 64;

    private static readonly ConditionalWeakTable<DeviceProfile, List<KernelDescriptor>> Known = [];

    /// <summary>The variants that a device can run with its own subgroup size, or with another where it has none for that.</summary>
    public static IReadOnlyList<KernelDescriptor> Of(DeviceProfile profile)
    {
        return Known.GetValue(profile, Find);

        static List<KernelDescriptor> Find(DeviceProfile profile)
        {
            var possible = profile.VariantsOf(GemmPacked.Family).Where(v => !v.Defines.ContainsKey("Half")).ToList();
            var own = possible.Where(v => LanesOf(v) == profile.SubgroupSize).ToList();
            return own.Count > 0 ? own : possible;
        }
    }

    /// <summary>The ways worth comparing: every tile, and multiplying the matrices as they lie, on graphics processors also by tiles in shared memory.</summary>
    public static IEnumerable<string> Candidates(DeviceProfile profile) =>
        Of(profile).Concat(DirectTiles.Of(profile)).Concat(profile.VariantsOf(GemmStrided.Family).Take(1)).Select(v => v.Variant)
            .Concat(profile.IsSoftware || profile.WhyNot(GemmShared.Family.Variants[0]) is not null ? [] : [MatrixProductLowering.SharedTiles]);

    /// <summary>The tile that wastes least at the edges for its speed, or the one asked for.</summary>
    /// <param name="tiles">The variants to choose from; not empty.</param>
    /// <param name="forced">A variant's name; ignored where no variant has it.</param>
    /// <param name="rows">Rows of each product.</param>
    /// <param name="columns">Columns of each product.</param>
    /// <param name="count">Number of products.</param>
    public static KernelDescriptor Choose(IReadOnlyList<KernelDescriptor> tiles, string? forced, long rows, long columns, long count) =>
        (forced is null ? null : tiles.FirstOrDefault(v => v.Variant == forced)) ?? tiles.MinBy(v => Work(v, rows, columns, count))!;

    /// <summary>
    /// Multiply-adds per unit of depth that the device spends on products of this size, edges of tiles and an uneven last workgroup included,
    /// in units of what the fastest tile takes for one.
    /// </summary>
    public static double Work(KernelDescriptor tile, long rows, long columns, long count)
    {
        var (tileRows, tileColumns) = (GemmPacked.Defines.Rows(tile), 4L * LanesOf(tile) * GemmPacked.Defines.Panels(tile));
        var workgroups = count * MatrixProductLowering.Quotient(rows, tileRows) * MatrixProductLowering.Quotient(columns, tileColumns);
        // A CPU driver gives each of a few threads an equal share of the workgroups.
        var even = (workgroups + 1) / 2 * 2;
        return 100.0 / GemmPacked.Defines.Speed(tile) * even * tileRows * tileColumns;
    }

    /// <summary>The variant of the same tile that reads a right matrix in half precision.</summary>
    public static KernelDescriptor ReadingHalves(KernelDescriptor tile) => GemmPacked.Family.Find($"{tile.Variant}_half")!;

    /// <summary>The subgroup size of a variant.</summary>
    public static int LanesOf(KernelDescriptor kernel) => GemmPacked.Defines.Lanes(kernel);
}
