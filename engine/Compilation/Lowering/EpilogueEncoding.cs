using System.Runtime.InteropServices;
using VkNet.Graphs;
using VkNet.Shaders;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>Writes a pointwise program into a kernel call, in the one encoding that all kernel families share (common/epilogue.glsl).</summary>
internal static class EpilogueEncoding
{
    internal static void Apply(DispatchBuilder dispatch, KernelDescriptor kernel, PointwiseProgram program, IReadOnlyList<EpilogueOperand> operands, bool primaryInteger, bool outputInteger, Span<byte> parameters)
    {
        dispatch.Constant(Constant("StepCount"), program.Steps.Count);
        for (var i = 0; i < program.Steps.Count; i++)
        {
            var step = program.Steps[i];
            dispatch.Constant(Constant($"Step{i}"), step.Opcode | step.A << 8 | step.B << 12 | step.C << 16);
        }
        long modes = 0, integers = 0;
        for (var i = 0; i < operands.Count; i++)
        {
            modes |= (long)operands[i].Mode << (4 * i);
            if (!operands[i].Tensor.Type.DataType.IsFloat()) integers |= 1L << i;
            dispatch.Bind(kernel.Bindings.First(b => b.Name == $"Operand{i}").Slot, operands[i].Tensor);
        }
        dispatch.Constant(Constant("OperandModes"), modes);
        if (Find("OperandInteger") is { } integerOperands) dispatch.Constant(integerOperands, integers);
        if (Find("PrimaryInteger") is { } integerPrimary) dispatch.Constant(integerPrimary, primaryInteger ? 1 : 0);
        if (Find("OutputInteger") is { } integerOutput) dispatch.Constant(integerOutput, outputInteger ? 1 : 0);
        if (program.Steps.Count == 0) return;
        var scalars = MemoryMarshal.Cast<byte, float>(parameters[kernel.Parameters.First(f => f.Name == "StepScalars").Offset..]);
        for (var i = 0; i < program.Steps.Count; i++)
        {
            scalars[2 * i] = program.Steps[i].Alpha;
            scalars[2 * i + 1] = program.Steps[i].Beta;
        }

        int Constant(string name) => Find(name) ?? throw new InvalidOperationException($"{kernel.Name} has no specialization constant {name}");
        int? Find(string name) => kernel.Constants.Where(c => c.Name == name).Select(c => (int?)c.Id).FirstOrDefault();
    }
}
