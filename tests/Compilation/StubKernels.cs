using VkNet.Shaders;

namespace VkNet.Tests.Compilation;

/// <summary>Kernel descriptions without SPIR-V: enough to compile plans, not to run them.</summary>
internal static class StubKernels
{
    /// <summary>A kernel with some inputs, some outputs and, if wanted, the epilogue's constants, scalars and operands.</summary>
    public static KernelDescriptor Make(string name, int inputs, int outputs = 1, bool epilogue = false)
    {
        var bindings = new List<KernelBinding> { new(0, "Parameters", BindingKind.UniformBuffer, false) };
        for (var i = 0; i < inputs; i++) bindings.Add(new KernelBinding(bindings.Count, $"Input{i}", BindingKind.StorageBuffer, false));
        for (var i = 0; i < outputs; i++) bindings.Add(new KernelBinding(bindings.Count, $"Output{i}", BindingKind.StorageBuffer, true));
        var constants = new List<KernelConstant>();
        if (epilogue)
        {
            for (var i = 0; i < 4; i++) bindings.Add(new KernelBinding(bindings.Count, $"Operand{i}", BindingKind.StorageBuffer, false));
            foreach (var constant in Enumerable.Range(0, 8).Select(i => $"Step{i}").Prepend("StepCount").Append("OperandModes"))
                constants.Add(new KernelConstant(constants.Count, constant, ScalarKind.UInt, 0));
        }
        return new KernelDescriptor("stub/" + name, "only", () => [])
        {
            Hash = "",
            Bindings = bindings,
            ParameterBytes = 80,
            Parameters = [new KernelParameter("Count", 0, ScalarKind.UInt, 1), new KernelParameter("StepScalars", 16, ScalarKind.Float, 16)],
            Constants = constants,
            LocalSize = new LocalSize(64),
            Requirements = new KernelRequirements { Invocations = 64 },
        };
    }
}
