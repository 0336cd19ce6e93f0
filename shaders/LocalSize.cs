namespace VkNet.Shaders;

/// <summary>Invocations per workgroup.</summary>
/// <param name="X">Along x, with every specialization constant at its default.</param>
/// <param name="Y">Along y, likewise.</param>
/// <param name="Z">Along z, likewise.</param>
/// <param name="XConstant">The id of the specialization constant that decides <paramref name="X"/>, or null where it is fixed.</param>
/// <param name="YConstant">The same for <paramref name="Y"/>.</param>
/// <param name="ZConstant">The same for <paramref name="Z"/>.</param>
public readonly record struct LocalSize(int X, int Y = 1, int Z = 1, int? XConstant = null, int? YConstant = null, int? ZConstant = null)
{
    /// <summary>All invocations of a workgroup, with every constant at its default.</summary>
    public int Invocations => X * Y * Z;
}
