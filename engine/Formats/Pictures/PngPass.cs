namespace VkNet.Formats;

/// <summary>One pass of an interlaced picture: every <paramref name="StepX"/>-th pixel of every <paramref name="StepY"/>-th row.</summary>
/// <param name="X">First column.</param>
/// <param name="Y">First row.</param>
/// <param name="StepX">Columns between two pixels of the pass.</param>
/// <param name="StepY">Rows between two rows of the pass.</param>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY)
{
    /// <summary>Pixels in a row of the pass.</summary>
    public int Columns(int width) => width <= X ? 0 : ((width - X - 1) / StepX) + 1;

    /// <summary>Rows of the pass.</summary>
    public int Rows(int height) => height <= Y ? 0 : ((height - Y - 1) / StepY) + 1;
}
