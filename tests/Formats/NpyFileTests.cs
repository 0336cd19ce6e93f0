using System.Text;
using VkNet.Formats;
using VkNet.Tensors;

namespace VkNet.Tests.Formats;

internal sealed class NpyFileTests
{
    // Written by numpy 1.24: arange(24).reshape(2, 3, 4) in Fortran order, [1.5, -2.25] as big-endian double,
    // [[True], [False]] as version 2.0, and the scalar uint16 7 as version 3.0.
    private const string FortranOrder = "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAADAAAAAQAAAAQAAAACAAAABQAAAABAAAADQAAAAUAAAARAAAACQAAABUAAAACAAAADgAAAAYAAAASAAAACgAAABYAAAADAAAADwAAAAcAAAATAAAACwAAABcAAAA=";
    private const string BigEndian = "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/+AAAAAAAAMACAAAAAAAA";
    private const string Version2 = "k05VTVBZAgB0AAAAeydkZXNjcic6ICd8YjEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMSksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==";
    private const string Version3 = "k05VTVBZAwB0AAAAeydkZXNjcic6ICc8dTInLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAA==";

    public static IEnumerable<DataType> AllTypes => Enum.GetValues<DataType>();

    [Test]
    public void Column_major_arrays_become_row_major()
    {
        var tensor = Load(FortranOrder);
        Assert.That(tensor.Type, Is.EqualTo(new TensorType(DataType.Int32, [2, 3, 4])));
        Assert.That(tensor.ToArray<int>(), Is.EqualTo(Enumerable.Range(0, 24)));
    }

    [Test]
    public void Big_endian_arrays_are_turned() => Assert.That(Load(BigEndian).ToArray<double>(), Is.EqualTo(new[] { 1.5, -2.25 }));

    [Test]
    public void Versions_2_and_3_are_read()
    {
        Assert.That(Load(Version2).ToArray<bool>(), Is.EqualTo(new[] { true, false }));
        var scalar = Load(Version3);
        Assert.That(scalar.Shape, Is.EqualTo(Shape.Scalar));
        Assert.That(scalar.ToArray<ushort>(), Is.EqualTo(new ushort[] { 7 }));
    }

    [TestCaseSource(nameof(AllTypes))]
    public void Every_type_comes_back_as_it_was_saved(DataType type)
    {
        using var folder = new ScratchFolder();
        var tensor = Tensor.Zeros(type, [2, 3]);
        ElementConversion.StoreReals(tensor, [0, 1, 1, 0, 1, 0]);
        NpyFile.Save(folder["a.npy"], tensor);
        var loaded = NpyFile.Load(folder["a.npy"]);
        Assert.That(loaded.DataType, Is.EqualTo(type == DataType.BFloat16 ? DataType.Float32 : type));
        Assert.That(loaded.Shape, Is.EqualTo(tensor.Shape));
        Assert.That(ElementConversion.LoadReals(loaded), Is.EqualTo(ElementConversion.LoadReals(tensor)));
    }

    [TestCase(new long[0])]
    [TestCase(new long[] { 5 })]
    [TestCase(new long[] { 0, 7 })]
    public void Scalars_vectors_and_empty_arrays_come_back(long[] shape)
    {
        using var stream = new MemoryStream();
        NpyFile.Save(stream, Tensor.Zeros(DataType.Float32, new Shape(shape)));
        stream.Position = 0;
        Assert.That(NpyFile.Load(stream, "a.npy").Shape, Is.EqualTo(new Shape(shape)));
        Assert.That(stream.Length - (4 * new Shape(shape).ElementCount), Is.EqualTo(128).Or.EqualTo(64), "the data start at a multiple of 64");
    }

    [Test]
    public void Wrong_beginnings_are_refused()
    {
        Faults.Expect("VKN6101", () => Load([]));
        Faults.Expect("VKN6101", () => Load("PK\u0003\u0004 something else"u8.ToArray()));
        var bytes = Convert.FromBase64String(BigEndian);
        bytes[6] = 9;
        Faults.Expect("VKN6102", () => Load(bytes));
    }

    [Test]
    public void Every_cut_is_noticed()
    {
        var bytes = Convert.FromBase64String(FortranOrder);
        for (var length = 6; length < bytes.Length; length++) Faults.Expect("VKN6103", () => Load(bytes[..length]));
        Faults.Expect("VKN6106", () => Load([.. bytes, 0]));
    }

    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "VKN6103")]
    [TestCase("{'descr': '<f4', 'fortran_order': False}", "VKN6104")]
    [TestCase("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", "VKN6104")]
    [TestCase("{'descr': '<f4', 'fortran_order': Maybe, 'shape': ()}", "VKN6104")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "VKN6104")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "VKN6104")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} import os", "VKN6104")]
    [TestCase("{'descr': '<f4", "VKN6104")]
    [TestCase("", "VKN6104")]
    [TestCase("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "VKN6105")]
    [TestCase("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "VKN6105")]
    [TestCase("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", "VKN6105")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2684354560,)}", "VKN6005")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296)}", "VKN6005")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807)}", "VKN6005")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}", "VKN6006")]
    public void Bad_headers_are_refused(string header, string code)
    {
        var error = Faults.Expect(code, () => Load([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header)]));
        Assert.That(error.Message, Does.StartWith("a.npy: error " + code));
        Assert.That(error.Kind, Is.EqualTo(ErrorKind.Input));
    }

    [Test]
    public void A_header_of_four_gigabytes_is_refused_before_it_is_allocated() =>
        Faults.Expect("VKN6104", () => Load([0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'{']));

    [Test]
    public void Missing_files_and_folders_are_named()
    {
        using var folder = new ScratchFolder();
        Faults.Expect("VKN6001", () => NpyFile.Load(folder["none.npy"]));
        Faults.Expect("VKN6001", () => NpyFile.Load(""));
        Faults.Expect("VKN6002", () => NpyFile.Load(folder["."]));
    }

    private static Tensor Load(string base64) => Load(Convert.FromBase64String(base64));

    private static Tensor Load(byte[] bytes) => NpyFile.Load(new MemoryStream(bytes), "a.npy");
}
