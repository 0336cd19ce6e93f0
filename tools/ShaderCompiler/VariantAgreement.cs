using System.Globalization;
using VkNet.ShaderCompiler.Spirv;

namespace VkNet.ShaderCompiler;

/// <summary>
/// Checks that every variant of a kernel can stand in for every other: the same binding names and slots, the same parameter
/// block and the same specialization constants. Only the kind of a descriptor (storage buffer or texel buffer) and the
/// defaults of constants may differ.
/// </summary>
internal static class VariantAgreement
{
    /// <summary>Compares each variant with the first.</summary>
    /// <returns>One problem (VKS003) per difference.</returns>
    public static IEnumerable<BuildProblem> Check(KernelSource kernel, IReadOnlyList<CompiledVariant> variants)
    {
        var present = variants.Where(variant => variant.Interface is not null).ToList();
        foreach (var variant in present.Skip(1))
        {
            var (first, other) = (present[0].Interface!, variant.Interface!);
            foreach (var difference in Differences("bindings", first.Bindings.Select(Text), other.Bindings.Select(Text))
                .Concat(Differences("parameters", first.Fields.Select(Text), other.Fields.Select(Text)))
                .Concat(Differences("specialization constants", first.Constants.Select(Text), other.Constants.Select(Text))))
            {
                yield return new BuildProblem("VKS003",
                    $"the variants '{present[0].Declaration.Name}' and '{variant.Declaration.Name}' disagree on {difference}", kernel.File, variant.Declaration.Line);
            }
        }
    }

    private static IEnumerable<string> Differences(string what, IEnumerable<string> first, IEnumerable<string> other)
    {
        var (a, b) = (first.ToList(), other.ToList());
        var onlyFirst = a.Except(b).ToList();
        var onlyOther = b.Except(a).ToList();
        if (onlyFirst.Count + onlyOther.Count > 0)
            yield return $"{what}: only the first has [{string.Join("; ", onlyFirst)}], only the second [{string.Join("; ", onlyOther)}]";
    }

    private static string Text(InterfaceBinding binding) => string.Create(CultureInfo.InvariantCulture, $"{binding.Slot} {binding.Name}{(binding.Writable ? " writable" : "")}");

    private static string Text(InterfaceField field) => string.Create(CultureInfo.InvariantCulture, $"{field.Scalar} {field.GlslName} x{field.Count} at {field.Offset}");

    private static string Text(InterfaceConstant constant) => string.Create(CultureInfo.InvariantCulture, $"{constant.Id} {constant.Scalar} {constant.Name}");
}
