using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VkNet.Runner.Reports;

/// <summary>Writes one JSON document and a line end.</summary>
internal static class JsonReport
{
    internal static void Write(TextWriter output, Action<Utf8JsonWriter> write, bool indented = true)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>Writes a number; JSON has no words for infinity and NaN, so these become null.</summary>
    internal static void WriteReal(this Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
