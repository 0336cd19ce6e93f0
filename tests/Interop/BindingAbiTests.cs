using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using VkNet.Interop.Vulkan;

namespace VkNet.Tests.Interop;

/// <summary>
/// The binding against the C headers: abi.txt holds what a C program printed that was compiled with them
/// (<c>dotnet run --project tools/BindingGenerator -- --abi</c>).
/// </summary>
internal sealed class BindingAbiTests
{
    private static readonly Assembly Engine = typeof(Vk).Assembly;

    // Newer than the headers that abi.txt was made with; their layout follows from their members.
    private static readonly string[] NotInHeaders = ["CooperativeMatrixPropertiesKHR", "PhysicalDeviceCooperativeMatrixFeaturesKHR"];

    [Test]
    public void Sizes_offsets_and_values_equal_those_of_the_headers()
    {
        var wrong = new List<string>();
        foreach (var line in Lines())
        {
            var (name, expected) = (line.Split(' ')[0], long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
            var actual = Actual(name, ref expected);
            if (actual != expected) wrong.Add($"{name}: the headers say {expected}, the binding {actual?.ToString(CultureInfo.InvariantCulture) ?? "has none"}");
        }
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Every_structure_with_members_was_compared()
    {
        var compared = Lines().Select(l => l.Split(' ')[0]).ToHashSet();
        var missing = Engine.GetTypes()
            .Where(t => t is { IsValueType: true, IsEnum: false, IsNested: false, Namespace: "VkNet.Interop.Vulkan" } && t.GetFields().Length > 0 && !IsWrapper(t))
            .Select(t => t.Name)
            .Except(compared)
            .Except(NotInHeaders);
        Assert.That(missing, Is.Empty);
    }

    [Test]
    public void Structures_newer_than_the_headers_have_the_specified_layout()
    {
        Assert.That(SizeOf(typeof(CooperativeMatrixPropertiesKHR)), Is.EqualTo(16 + (9 * 4) + 4), "nine 4-byte members after sType and pNext, padded to 8");
        Assert.That(Marshal.OffsetOf<CooperativeMatrixPropertiesKHR>("Scope").ToInt32(), Is.EqualTo(16 + (8 * 4)));
        Assert.That(SizeOf(typeof(PhysicalDeviceCooperativeMatrixFeaturesKHR)), Is.EqualTo(24));
        Assert.That((int)StructureType.PhysicalDeviceCooperativeMatrixFeaturesKhr, Is.EqualTo(1000506000));
    }

    [Test]
    public void Handles_are_as_large_as_in_C()
    {
        Assert.That(SizeOf(typeof(Instance)), Is.EqualTo(nint.Size));
        Assert.That(SizeOf(typeof(CommandBuffer)), Is.EqualTo(nint.Size));
        Assert.That(SizeOf(typeof(VkNet.Interop.Vulkan.Buffer)), Is.EqualTo(8));
        Assert.That(SizeOf(typeof(Bool32)), Is.EqualTo(4));
    }

    private static string[] Lines() => File.ReadAllLines(Path.Combine(TestData.Repository, "tests", "Interop", "abi.txt"));

    // Handles, function pointers and Bool32 hold one number and are no structures of the headers.
    private static bool IsWrapper(Type type) =>
        type.GetFields().Length == 1 && type.GetField("Handle") is not null || type == typeof(Bool32) || type == typeof(Version32);

    private static long? Actual(string name, ref long expected)
    {
        if (name.Split(':') is [var enumName, var valueName])
        {
            if (Find(enumName) is not { } type || !Enum.TryParse(type, valueName, out var value)) return null;
            // C prints the bit 31 of 32-bit flags as a positive number.
            if (Enum.GetUnderlyingType(type) == typeof(int)) expected = unchecked((int)expected);
            return Convert.ToInt64(value, CultureInfo.InvariantCulture);
        }
        if (name.Split('.') is [var structName, var fieldName])
        {
            return Find(structName) is { } type && type.GetField(fieldName) is not null ? Marshal.OffsetOf(type, fieldName).ToInt64() : null;
        }
        return Find(name) is { } found ? SizeOf(found) : null;
    }

    private static Type? Find(string name) => Engine.GetType("VkNet.Interop.Vulkan." + name);

    // What the C# compiler's sizeof gives; Marshal.SizeOf counts some types differently.
    private static int SizeOf(Type type)
    {
        var method = new DynamicMethod("size", typeof(int), null, restrictedSkipVisibility: true);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Sizeof, type);
        code.Emit(OpCodes.Ret);
        return (int)method.Invoke(null, null)!;
    }
}
