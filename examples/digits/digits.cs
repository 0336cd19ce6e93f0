#:project ../../engine/VkNet.Engine.csproj
#:property PublishAot=false
#:property GenerateDocumentationFile=false

// Draws the handwritten-looking digits that the recipes here train on (source: digits), to look at or to use elsewhere.
//
//   dotnet run examples/digits/digits.cs sheet FILE.png [SEED]     a sheet of 20 x 20 digits
//   dotnet run examples/digits/digits.cs one FILE.png NUMBER [SEED] one digit, by its number in the set
//   dotnet run examples/digits/digits.cs idx FOLDER COUNT [SEED]   images.idx.gz and labels.idx.gz, as MNIST has them

using System.Globalization;
using VkNet.Formats;
using VkNet.Tensors;
using VkNet.Training;

const int Side = 28;
int Number(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;

switch (args)
{
    case ["sheet", var file, ..]:
        const int Across = 20;
        var digits = Draw(Across * Across, 0, Number(2, 1)).Images.ToArray<byte>();
        var sheet = new byte[Across * Side * Across * Side];
        for (var i = 0; i < Across * Across; i++)
            for (var y = 0; y < Side; y++)
                digits.AsSpan((i * Side + y) * Side, Side).CopyTo(sheet.AsSpan((i / Across * Side + y) * Across * Side + i % Across * Side));
        PictureFile.Save(file, new Picture(Across * Side, Across * Side, 1, sheet));
        break;
    case ["one", var file, ..]:
        var one = Draw(1, Number(2, 0), Number(3, 1));
        PictureFile.Save(file, new Picture(Side, Side, 1, one.Images.ToArray<byte>()));
        Console.WriteLine($"{file}: a {one.Labels.Values<int>()[0]}");
        break;
    case ["idx", var folder, ..]:
        var set = Draw(Number(2, 10_000), 0, Number(3, 1));
        Directory.CreateDirectory(folder);
        IdxFile.Save(Path.Combine(folder, "images.idx.gz"), set.Images);
        IdxFile.Save(Path.Combine(folder, "labels.idx.gz"), set.Labels.Cast(DataType.UInt8));
        break;
    default:
        Console.Error.WriteLine("sheet FILE.png [SEED] | one FILE.png NUMBER [SEED] | idx FOLDER COUNT [SEED]");
        return 1;
}
return 0;

static (Tensor Images, Tensor Labels) Draw(int count, int first, int seed)
{
    var source = new DigitSource(first + count, (ulong)seed);
    var numbers = Enumerable.Range(first, count).Select(i => (long)i).ToArray();
    var (images, labels) = (Tensor.Zeros(DataType.UInt8, [count, Side, Side]), Tensor.Zeros(DataType.Int32, [count]));
    source.Read(0, numbers, images);
    source.Read(1, numbers, labels);
    return (images, labels);
}
