using System.Runtime.InteropServices;

namespace VkNet.Tests.Compilation;

/// <summary>The parameter block of <see cref="StubKernels"/>: 80 bytes, an element count first.</summary>
[StructLayout(LayoutKind.Sequential, Size = 80)]
internal struct StubParameters
{
    public uint Count;
}
