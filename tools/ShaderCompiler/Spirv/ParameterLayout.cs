namespace VkNet.ShaderCompiler.Spirv;

/// <summary>Reads the std140 layout of the <c>Parameters</c> block.</summary>
internal static class ParameterLayout
{
    private const int Alignment = 16;

    /// <summary>The fields of the block and its size in bytes, a multiple of 16.</summary>
    /// <exception cref="InvalidDataException">A field has a type that C# could not mirror without gaps.</exception>
    public static (IReadOnlyList<InterfaceField> Fields, int Bytes) Read(SpirvTypes types, uint block)
    {
        var fields = new List<InterfaceField>();
        var end = 0;
        var members = types.Type(block).Operands.Count - 1;
        for (var member = 0; member < members; member++)
        {
            var glslName = types.MemberName(block, member);
            var offset = (int)types.Decoration(block, member, SpirvDecoration.Offset)!;
            var (scalar, count) = Shape(types, types.Type(block)[member + 1], glslName);
            var name = Names.Pascal(glslName);
            if (fields.Any(other => other.Name == name)) throw new InvalidDataException($"two parameters are named '{name}'");
            fields.Add(new InterfaceField(name, glslName, offset, scalar, count));
            end = Math.Max(end, offset + (4 * count));
        }
        return (fields, (end + Alignment - 1) / Alignment * Alignment);
    }

    /// <summary>The C# side's name of a 32-bit scalar type.</summary>
    /// <exception cref="InvalidDataException">It is no 32-bit scalar.</exception>
    public static string Scalar(SpirvTypes types, uint id, string name)
    {
        var type = types.Type(id);
        return type.Op switch
        {
            SpirvOp.TypeBool => "Bool",
            SpirvOp.TypeFloat when type[1] == 32 => "Float",
            SpirvOp.TypeInt when type[1] == 32 => type[2] == 1 ? "Int" : "UInt",
            _ => throw new InvalidDataException($"'{name}' is not made of 32-bit numbers"),
        };
    }

    private static (string Scalar, int Count) Shape(SpirvTypes types, uint id, string name)
    {
        var type = types.Type(id);
        switch (type.Op)
        {
            case SpirvOp.TypeVector:
                return (Scalar(types, type[1], name), (int)type[2]);
            case SpirvOp.TypeArray:
                var (scalar, count) = Shape(types, type[1], name);
                if (types.Decoration(id, SpirvDecoration.ArrayStride) != 4 * count)
                    throw new InvalidDataException($"the elements of the parameter array '{name}' have gaps between them in std140; use an array of vec4, ivec4 or uvec4");
                return (scalar, checked(count * (int)types.Value(type[2])));
            default:
                return (Scalar(types, id, name), 1);
        }
    }
}
