using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace VkNet.Perf.Peers;

/// <summary>
/// OpenBLAS's single-precision products, called in the same process and the same rounds as ours. Debian's package is libopenblas0-pthread;
/// OPENBLAS_CORETYPE and OPENBLAS_NUM_THREADS choose its kernels and threads, and must be set before the program starts.
/// </summary>
internal static unsafe partial class OpenBlas
{
    private const string Library = "openblas";
    private const int RowMajor = 101, NoTranspose = 111, Transpose = 112;

    private static readonly nint Handle = Load();

    static OpenBlas() => NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name == Library ? Handle : 0);

    /// <summary>Whether the library was found.</summary>
    public static bool IsPresent => Handle != 0;

    /// <summary>The library's version, kernels and threads; or why there is none.</summary>
    public static string Description => IsPresent
        ? $"{Marshal.PtrToStringUTF8(openblas_get_config())}, kernels {Marshal.PtrToStringUTF8(openblas_get_corename())}, {openblas_get_num_threads()} threads"
        : "OpenBLAS is not installed (Debian: apt install libopenblas0-pthread); its times are left out";

    /// <summary>A product of row-major matrices, or of a vector and a matrix, ready to be run and timed (milliseconds); nothing is packed beforehand.</summary>
    public static Func<double> Product(float[] a, float[] b, long rows, long columns, long depth, bool transposeLeft, bool transposeRight)
    {
        var y = new float[rows * columns];
        var (m, n, k) = ((int)rows, (int)columns, (int)depth);
        if (m == 1)
        {
            return Timed(() =>
            {
                fixed (float* x = a, matrix = b, result = y)
                    cblas_sgemv(RowMajor, transposeRight ? NoTranspose : Transpose, transposeRight ? n : k, transposeRight ? k : n, 1, matrix, transposeRight ? k : n, x, 1, 0, result, 1);
            });
        }
        return Timed(() =>
        {
            fixed (float* left = a, right = b, result = y)
                cblas_sgemm(RowMajor, transposeLeft ? Transpose : NoTranspose, transposeRight ? Transpose : NoTranspose, m, n, k, 1, left, transposeLeft ? m : k, right, transposeRight ? k : n, 0, result, n);
        });
    }

    private static Func<double> Timed(Action run) => () =>
    {
        var started = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    };

    private static nint Load()
    {
        foreach (var name in new[] { "libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "openblas.dll" })
            if (NativeLibrary.TryLoad(name, out var handle)) return handle;
        return 0;
    }

    [LibraryImport(Library)]
    private static partial void cblas_sgemm(int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);

    [LibraryImport(Library)]
    private static partial void cblas_sgemv(int order, int transpose, int m, int n, float alpha, float* a, int lda, float* x, int incrementX, float beta, float* y, int incrementY);

    [LibraryImport(Library)]
    private static partial nint openblas_get_config();

    [LibraryImport(Library)]
    private static partial nint openblas_get_corename();

    [LibraryImport(Library)]
    private static partial int openblas_get_num_threads();
}
