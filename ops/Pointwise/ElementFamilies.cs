using VkNet.Tensors;

namespace VkNet.Operators.Pointwise;

/// <summary>Families of element types that an operator computes with.</summary>
[Flags]
internal enum ElementFamilies
{
    /// <summary>Reals.</summary>
    Real = 1,

    /// <summary>Whole numbers of any width.</summary>
    Whole = 2,

    /// <summary>Truth values.</summary>
    Truth = 4,

    /// <summary>Reals and whole numbers.</summary>
    Number = Real | Whole,

    /// <summary>All types.</summary>
    Any = Number | Truth,
}

/// <summary>What a family is called, and to which one a type belongs.</summary>
internal static class ElementFamily
{
    internal static ElementFamilies Of(DataType type) => type == DataType.Bool ? ElementFamilies.Truth : type.IsFloat() ? ElementFamilies.Real : ElementFamilies.Whole;

    internal static string Describe(ElementFamilies families) => families switch
    {
        ElementFamilies.Real => "a real type (f32)",
        ElementFamilies.Whole => "a whole-number type (i32, i64, ...)",
        ElementFamilies.Truth => "bool",
        ElementFamilies.Number => "a real or whole-number type",
        ElementFamilies.Whole | ElementFamilies.Truth => "a whole-number type or bool",
        _ => "any type",
    };
}
