using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace VkNet.Tests.Api;

/// <summary>Writes the public and protected members of assemblies, a line for each.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint",
        [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double", [typeof(string)] = "string", [typeof(object)] = "object", [typeof(nint)] = "nint", [typeof(char)] = "char",
    };

    internal static IReadOnlyList<string> Of(IEnumerable<Assembly> assemblies) =>
        [.. assemblies.SelectMany(a => a.GetExportedTypes()).Where(t => t.Namespace?.StartsWith("VkNet.Interop", StringComparison.Ordinal) != true).SelectMany(Lines).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(Type type)
    {
        var name = $"{type.Namespace}.{Name(type, declared: true)}";
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            yield return $"delegate {name}({Parameters(invoke)}) : {Name(invoke.ReturnType)}";
            yield break;
        }
        var bases = new[] { type.BaseType }.Where(b => b is not null && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum)).Concat(type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(i => i.IsVisible).OrderBy(i => i.Name, StringComparer.Ordinal)).Select(b => Name(b!)).ToList();
        yield return $"{Kind(type)} {name}{(bases.Count > 0 && !type.IsEnum ? " : " + string.Join(", ", bases) : "")}";
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static)) yield return string.Create(CultureInfo.InvariantCulture, $"{name}.{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");
            yield break;
        }
        foreach (var field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
            yield return $"{name}.{(field.IsStatic && !field.IsLiteral ? "static " : "")}{field.Name}{(field.IsLiteral ? $" = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}" : "")} : {Name(field.FieldType)}";
        foreach (var constructor in type.GetConstructors(Declared).Where(c => !c.IsStatic && Visible(c))) yield return $"{name}.new({Parameters(constructor)})";
        foreach (var property in type.GetProperties(Declared))
        {
            var (get, set) = (property.GetMethod is { } g && Visible(g), property.SetMethod is { } s && Visible(s));
            if (!get && !set) continue;
            var index = property.GetIndexParameters();
            var setter = set && property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init" : "set";
            yield return $"{name}.{Modifiers((property.GetMethod ?? property.SetMethod)!)}{(index.Length > 0 ? $"this[{string.Join(", ", index.Select(p => $"{Name(p.ParameterType)} {p.Name}"))}]" : property.Name)} {{ {(get ? "get; " : "")}{(set ? setter + "; " : "")}}} : {Name(property.PropertyType)}";
        }
        foreach (var @event in type.GetEvents(Declared).Where(e => e.AddMethod is { } add && Visible(add))) yield return $"{name}.event {@event.Name} : {Name(@event.EventHandlerType!)}";
        foreach (var method in type.GetMethods(Declared).Where(m => Visible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)) && m.GetCustomAttribute<CompilerGeneratedAttribute>() is null && !m.Name.Contains('<', StringComparison.Ordinal)))
            yield return $"{name}.{Modifiers(method)}{method.Name}{Generics(method.IsGenericMethod ? method.GetGenericArguments() : [])}({Parameters(method)}) : {Name(method.ReturnType)}";
    }

    // Overriding members are part of what the base promises, and are listed there.
    private static bool Visible(MethodBase method) =>
        (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && !(method is MethodInfo info && info.IsVirtual && info.GetBaseDefinition() != info);

    private static string Modifiers(MethodInfo method) =>
        (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "") + (method.DeclaringType!.IsInterface || method.IsFinal ? "" : method.IsAbstract ? "abstract " : method.IsVirtual ? "virtual " : "");

    private static string Kind(Type type) =>
        type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsAbstract && type.IsSealed ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{(p.IsDefined(typeof(ParamArrayAttribute)) || p.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "")}{(p.IsOut ? "out " : p.IsIn ? "in " : "")}{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? " = " + (p.DefaultValue is null ? "default" : Convert.ToString(p.DefaultValue, CultureInfo.InvariantCulture)) : "")}"));

    private static string Generics(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(a => Name(a)))}>";

    private static string Name(Type type, bool declared = false)
    {
        if (Keywords.TryGetValue(type, out var keyword) && !declared) return keyword;
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsGenericParameter) return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } inner) return Name(inner) + "?";
        var arguments = type.IsGenericType ? type.GetGenericArguments() : [];
        var outer = type.IsNested ? Name(type.DeclaringType!, declared) + "." : "";
        if (type.IsNested) arguments = arguments[(type.DeclaringType!.IsGenericType ? type.DeclaringType.GetGenericArguments().Length : 0)..];
        return outer + type.Name.Split('`')[0] + Generics(arguments);
    }
}
