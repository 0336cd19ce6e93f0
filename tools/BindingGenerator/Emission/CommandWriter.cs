using VkNet.BindingGenerator.Model;

namespace VkNet.BindingGenerator.Emission;

/// <summary>Writes class Vk and the classes of extensions: per command a function pointer, a method that takes pointers, and one that takes in and out.</summary>
internal sealed class CommandWriter(Selection selection)
{
    // Found without an instance.
    private static readonly HashSet<string> GlobalCommands = new(StringComparer.Ordinal)
    {
        "vkCreateInstance", "vkEnumerateInstanceVersion", "vkEnumerateInstanceExtensionProperties", "vkEnumerateInstanceLayerProperties",
    };

    private readonly Registry _registry = selection.Registry;
    private readonly CSharpTypes _types = new(selection.Registry);

    public GeneratedFile Core()
    {
        var file = new GeneratedFile("Vk.g.cs", _registry.Version, "", "System", "System.Runtime.CompilerServices");
        file.Line();
        file.Block("internal unsafe partial class Vk", () =>
        {
            foreach (var constant in selection.Allow.Constants) file.Line($"public const {Constant(constant)};");
            file.Line();
            foreach (var name in selection.Allow.CoreCommands) file.Line($"private {Pointer(name)} _{name};");
            WriteLoader(file, "LoadGlobal", "Instance", c => GlobalCommands.Contains(c.Name));
            WriteLoader(file, "LoadInstance", "Instance", c => !GlobalCommands.Contains(c.Name) && !IsOfDevice(c));
            WriteLoader(file, "LoadDevice", "Device", IsOfDevice);
            foreach (var name in selection.Allow.CoreCommands) WriteMethods(file, name);
        });
        return file;
    }

    public IEnumerable<GeneratedFile> Extensions()
    {
        foreach (var group in selection.Allow.Extensions.GroupBy(e => e.Vendor))
        {
            var file = new GeneratedFile($"Extensions.{group.Key}.g.cs", _registry.Version, $".Extensions.{group.Key}", "System", "System.Runtime.CompilerServices");
            foreach (var extension in group) WriteExtension(file, extension);
            yield return file;
        }
    }

    /// <summary>The factory that makes an extension's class from its type without reflection.</summary>
    public GeneratedFile Factory()
    {
        var file = new GeneratedFile("ExtensionFactory.g.cs", _registry.Version, "", "System");
        file.Line();
        file.Block("internal static class ExtensionFactory", () =>
        {
            file.Block("internal static object Create(Type type, ProcLoader load)", () =>
            {
                foreach (var extension in selection.Allow.Extensions)
                {
                    var name = $"Extensions.{extension.Vendor}.{extension.ClassName}";
                    file.Line($"if (type == typeof({name})) return new {name}(load);");
                }
                file.Line("return null;");
            });
        });
        return file;
    }

    private void WriteExtension(GeneratedFile file, AllowedExtension extension)
    {
        file.Line();
        file.Block($"internal sealed unsafe partial class {extension.ClassName} : NativeExtension<Vk>", () =>
        {
            file.Line($"public const string ExtensionName = \"{extension.Name}\";");
            file.Line();
            foreach (var name in extension.Commands) file.Line($"private readonly {Pointer(name)} _{name};");
            file.Line();
            file.Block($"public {extension.ClassName}(ProcLoader load)", () =>
            {
                foreach (var name in extension.Commands) file.Line($"_{name} = ({Pointer(name)})load(\"{name}\\0\"u8);");
            });
            foreach (var name in extension.Commands) WriteMethods(file, name);
        });
    }

    private void WriteLoader(GeneratedFile file, string method, string handle, Func<RegistryCommand, bool> belongs)
    {
        file.Line();
        file.Block($"private void {method}({handle} handle)", () =>
        {
            foreach (var name in selection.Allow.CoreCommands.Where(n => belongs(_registry.Command(n)))) file.Line($"_{name} = ({Pointer(name)})Load(handle, \"{name}\\0\"u8);");
        });
    }

    private void WriteMethods(GeneratedFile file, string name)
    {
        var command = _registry.Command(name);
        var (result, method) = (_types.Of(command.ReturnType), Naming.Command(name));
        var arguments = string.Join(", ", command.Parameters.Select(p => Naming.Parameter(p.Name)));
        var head = $"public {result} {method}({string.Join(", ", command.Parameters.Select(p => $"{_types.Of(p)} {Naming.Parameter(p.Name)}"))})";
        file.Line();
        if (Created(name) is not { } created) file.Line($"{head} => _{name}({arguments});");
        else
        {
            file.Block(head, () =>
            {
                file.Line($"var result = _{name}({arguments});");
                file.Line($"if (result == Result.Success) {created};");
                file.Line("return result;");
            });
        }
        WriteByReference(file, command, result, method);
    }

    // As in Silk.NET, what was created becomes current, which loads its commands.
    private static string? Created(string name) => name switch
    {
        "vkCreateInstance" => "CurrentInstance = *pInstance",
        "vkCreateDevice" => "CurrentDevice = *pDevice",
        _ => null,
    };

    private void WriteByReference(GeneratedFile file, RegistryCommand command, string result, string method)
    {
        var references = command.Parameters.Where(p => IsReference(command, p)).ToList();
        if (references.Count == 0) return;
        string Declare(RegistryField p) => references.Contains(p)
            ? $"{(p.IsConst ? "in" : "out")} {_types.Of(p.Type)} {Naming.Parameter(p.Name)}"
            : $"{_types.Of(p)} {Naming.Parameter(p.Name)}";
        file.Line();
        file.Block($"public {result} {method}({string.Join(", ", command.Parameters.Select(Declare))})", () =>
        {
            foreach (var p in references.Where(p => !p.IsConst)) file.Line($"Unsafe.SkipInit(out {Naming.Parameter(p.Name)});");
            foreach (var p in references) file.Line($"fixed ({_types.Of(p.Type)}* {p.Name}_ = &{Naming.Parameter(p.Name)})");
            var arguments = command.Parameters.Select(p => references.Contains(p) ? p.Name + "_" : Naming.Parameter(p.Name));
            file.Line($"    {(result == "void" ? "" : "return ")}{method}({string.Join(", ", arguments)});");
        });
    }

    // Pointers to one structure or value. Counts that go both ways, the arrays that they count, untyped memory, text and
    // allocation callbacks stay pointers.
    private bool IsReference(RegistryCommand command, RegistryField parameter)
    {
        if (parameter.Stars != 1 || _registry.Resolve(parameter.Type) is "void" or "char" or "size_t" or "VkAllocationCallbacks") return false;
        if (parameter.IsConst) return true;
        var isCount = command.Parameters.Any(other => other != parameter && other.Length is { } length && length.Split(',').Contains(parameter.Name));
        var isCounted = parameter.Length is { } own && command.Parameters.Any(other => other.Name == own && other.Stars == 1);
        return !isCount && !isCounted;
    }

    private bool IsOfDevice(RegistryCommand command) => _registry.Resolve(command.Parameters[0].Type) is "VkDevice" or "VkQueue" or "VkCommandBuffer";

    private string Pointer(string name)
    {
        var command = _registry.Command(name);
        return $"delegate* unmanaged<{string.Concat(command.Parameters.Select(p => _types.Of(p) + ", "))}{_types.Of(command.ReturnType)}>";
    }

    private string Constant(string name) => _registry.Constants[name] switch
    {
        "(~0ULL)" => $"ulong {Naming.Constant(name)} = ulong.MaxValue",
        "(~0U)" => $"uint {Naming.Constant(name)} = uint.MaxValue",
        var number => $"uint {Naming.Constant(name)} = {number}",
    };
}
