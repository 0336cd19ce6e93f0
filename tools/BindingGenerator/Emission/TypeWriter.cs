using System.Globalization;
using VkNet.BindingGenerator.Model;

namespace VkNet.BindingGenerator.Emission;

/// <summary>Writes handles, enumerations, structures and function pointer types.</summary>
internal sealed class TypeWriter(Selection selection)
{
    // Written by hand, with its real signature, since the engine implements it.
    private const string HandWrittenFunctionPointer = "PFN_vkDebugUtilsMessengerCallbackEXT";

    private static readonly HashSet<string> FixedBufferTypes = new(StringComparer.Ordinal) { "byte", "ushort", "uint", "int", "ulong", "long", "float", "double" };

    private readonly Registry _registry = selection.Registry;
    private readonly CSharpTypes _types = new(selection.Registry);

    public GeneratedFile Handles()
    {
        var file = new GeneratedFile("Handles.g.cs", _registry.Version, "");
        foreach (var handle in selection.Handles)
        {
            var number = _registry.Handles[handle] ? "nint" : "ulong";
            file.Line();
            file.Block($"internal partial struct {Naming.Type(handle)}({number}? handle = null)", () => file.Line($"public {number} Handle = handle.GetValueOrDefault();"));
        }
        return file;
    }

    public GeneratedFile Enums()
    {
        var file = new GeneratedFile("Enums.g.cs", _registry.Version, "", "System");
        foreach (var definition in selection.Enums.Select(name => _registry.Enums[name]))
        {
            file.Line();
            if (definition.IsFlags) file.Line("[Flags]");
            file.Block($"internal enum {Naming.Type(definition.Name)} : {(definition.IsWide ? "long" : "int")}", () => WriteValues(file, definition));
        }
        return file;
    }

    public GeneratedFile Structs()
    {
        var file = new GeneratedFile("Structs.g.cs", _registry.Version, "", "System", "System.Diagnostics.CodeAnalysis", "System.Runtime.CompilerServices", "System.Runtime.InteropServices");
        foreach (var definition in selection.Structs.Select(name => _registry.Structs[name]))
        {
            file.Line();
            if (selection.Allow.Opaque.Contains(definition.Name)) file.Line($"internal partial struct {Naming.Type(definition.Name)};");
            else WriteStruct(file, definition);
        }
        foreach (var pointer in selection.FunctionPointers.Where(p => p != HandWrittenFunctionPointer))
        {
            var name = Naming.FunctionPointer(pointer);
            file.Line();
            file.Block($"internal readonly unsafe struct {name}(void* handle)", () => file.Line("public readonly void* Handle = handle;"));
        }
        return file;
    }

    private void WriteValues(GeneratedFile file, RegistryEnum definition)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (definition.IsFlags && seen.Add("None")) file.Line("None = 0,");
        foreach (var value in selection.Values(definition))
        {
            if (definition.Number(value) is not { } number) continue;
            var name = Naming.EnumValue(definition.Name, value.Name);
            if (!seen.Add(name)) continue;
            var literal = !definition.IsWide && number > int.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"unchecked((int)0x{number:x})")
                : number.ToString(CultureInfo.InvariantCulture);
            file.Line($"{name} = {literal},");
        }
    }

    private void WriteStruct(GeneratedFile file, RegistryStruct definition)
    {
        if (definition.IsUnion) file.Line("[StructLayout(LayoutKind.Explicit)]");
        file.Block($"internal unsafe partial struct {Naming.Type(definition.Name)}", () =>
        {
            var arrays = new List<(string Name, string Type, int Size)>();
            foreach (var field in definition.Fields)
            {
                if (field.IsBitField) throw new NotSupportedException($"the bit-field {definition.Name}.{field.Name}");
                var (name, type) = (Naming.Field(field.Name), _types.Of(field.Type));
                var offset = definition.IsUnion ? "[FieldOffset(0)] " : "";
                if (field.ArraySize is not { } size) file.Line($"{offset}public {_types.Of(field)} {name};");
                else if (FixedBufferTypes.Contains(type)) file.Line($"{offset}public fixed {type} {name}[{_registry.ArraySize(size)}];");
                else
                {
                    file.Line($"{offset}public {name}Buffer {name};");
                    arrays.Add((name, type, _registry.ArraySize(size)));
                }
            }
            foreach (var (name, type, size) in arrays) WriteArray(file, name, type, size);
        });
    }

    private static void WriteArray(GeneratedFile file, string name, string type, int size)
    {
        file.Line();
        file.Line($"[InlineArray({size})]");
        file.Block($"internal struct {name}Buffer", () =>
        {
            file.Line($"public {type} Element0;");
            file.Line();
            file.Line("[UnscopedRef]");
            file.Line($"public Span<{type}> AsSpan() => this;");
        });
    }
}
