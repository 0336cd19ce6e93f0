namespace VkNet.BindingGenerator.Model;

/// <summary>A member of a structure, or a parameter of a command.</summary>
/// <param name="Type">The C type without qualifiers and stars.</param>
/// <param name="Name">The C name.</param>
/// <param name="Stars">Levels of indirection.</param>
/// <param name="IsConst">Whether what is pointed to is const.</param>
/// <param name="Length">The <c>len</c> attribute: the name of the count that goes with an array.</param>
/// <param name="ArraySize">Size of a fixed array, a number or the name of an API constant; null when it is no array.</param>
/// <param name="RequiredValue">The only value allowed, for <c>sType</c>.</param>
/// <param name="IsBitField">Whether it is a C bit-field, which the generator refuses.</param>
internal sealed record RegistryField(
    string Type, string Name, int Stars, bool IsConst, string? Length, string? ArraySize, string? RequiredValue, bool IsBitField);
