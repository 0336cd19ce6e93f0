using VkNet.Shaders;
using VkNet.Tensors;

namespace VkNet.Operators;

/// <summary>A dense tensor seen as rows along one axis, [Outer, Extent, Inner]: a row is what shares its outer and its inner number.</summary>
/// <param name="Outer">Sizes in front of the axis, multiplied.</param>
/// <param name="Extent">Elements of a row.</param>
/// <param name="Inner">Sizes behind the axis, multiplied.</param>
internal sealed record AxisRows(long Outer, long Extent, long Inner)
{
    /// <summary>Number of rows.</summary>
    public long Count => Outer * Inner;

    /// <summary>The rows of a shape along an axis, which may count from the end.</summary>
    public static AxisRows Of(Shape shape, long axis)
    {
        var index = Index(shape, axis);
        return new AxisRows(shape.Product(0, index), shape[index], shape.Product(index + 1, shape.Rank));
    }

    /// <summary>The axis counted from the front.</summary>
    public static int Index(Shape shape, long axis) => (int)(axis < 0 ? axis + shape.Rank : axis);

    /// <summary>The shape without the axis: one element per row.</summary>
    public static Shape WithoutAxis(Shape shape, long axis)
    {
        var index = Index(shape, axis);
        return new Shape([.. shape.Take(index), .. shape.Skip(index + 1)]);
    }

    /// <summary>Number of element <paramref name="element"/> of row <paramref name="row"/>.</summary>
    public long Place(long row, long element) => (row / Inner * Extent + element) * Inner + row % Inner;

    /// <summary>Units of work: rows, or groups of four neighbouring ones.</summary>
    public long Units => Vector == 2 ? Count / 4 : Count;

    /// <summary>The most steps that a unit takes: where rows do not start on multiples of four, their first and last step may be partly theirs.</summary>
    public long MostSteps => Vector != 1 ? Extent : Extent % 4 == 0 ? Extent / 4 : (Extent + 6) / 4;

    private int Vector => Inner == 1 ? 1 : Inner % 4 == 0 ? 2 : 0;

    /// <summary>How a kernel walks the rows (see common/rows.glsl): elements per step, whether groups of four never straddle rows, invocations per unit, and units.</summary>
    public (int Vector, int Aligned, int Lanes, long Units) Arrange(KernelDescriptor kernel)
    {
        // Neighbouring columns are read together only by invocations that do not share them.
        var lanes = Vector != 1 && Units >= 1024 ? 1 : RowLanes.Of(kernel, MostSteps, Units);
        return (Vector, Vector == 1 && Extent % 4 == 0 ? 1 : 0, lanes, Units);
    }
}
