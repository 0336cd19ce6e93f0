using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VkNet.Graphs;
using VkNet.Shaders;
using VkNet.Tensors;

namespace VkNet.Compilation;

/// <summary>Writes a pointwise program into a kernel call, in the one encoding that all kernel families share (common/epilogue.glsl).</summary>
internal static class EpilogueEncoding
{
    private static readonly ConditionalWeakTable<KernelDescriptor, Places> Known = [];

    internal static void Apply(DispatchBuilder dispatch, KernelDescriptor kernel, PointwiseProgram program, IReadOnlyList<EpilogueOperand> operands, bool primaryInteger, bool outputInteger, Span<byte> parameters)
    {
        var places = Known.GetValue(kernel, k => new Places(k));
        dispatch.Constant(places.Require(places.StepCount, "StepCount"), program.Steps.Count);
        for (var i = 0; i < program.Steps.Count; i++)
        {
            var step = program.Steps[i];
            dispatch.Constant(places.Require(places.Steps[i], "Step"), step.Opcode | step.A << 8 | step.B << 12 | step.C << 16);
        }
        long modes = 0, integers = 0;
        for (var i = 0; i < operands.Count; i++)
        {
            modes |= (long)operands[i].Mode << (4 * i);
            if (!operands[i].Tensor.Type.DataType.IsFloat()) integers |= 1L << i;
            dispatch.Bind(places.Require(places.Operands[i], "Operand"), operands[i].Tensor);
        }
        dispatch.Constant(places.Require(places.OperandModes, "OperandModes"), modes);
        if (places.OperandInteger is { } integerOperands) dispatch.Constant(integerOperands, integers);
        if (places.PrimaryInteger is { } integerPrimary) dispatch.Constant(integerPrimary, primaryInteger ? 1 : 0);
        if (places.OutputInteger is { } integerOutput) dispatch.Constant(integerOutput, outputInteger ? 1 : 0);
        if (program.Steps.Count == 0) return;
        var scalars = MemoryMarshal.Cast<byte, float>(parameters[places.Require(places.StepScalars, "StepScalars")..]);
        for (var i = 0; i < program.Steps.Count; i++)
        {
            scalars[2 * i] = program.Steps[i].Alpha;
            scalars[2 * i + 1] = program.Steps[i].Beta;
        }
    }

    /// <summary>Where a kernel takes the parts of a program: found by name, once.</summary>
    private sealed class Places(KernelDescriptor kernel)
    {
        internal int? StepCount { get; } = Constant(kernel, "StepCount");

        internal int?[] Steps { get; } = [.. Enumerable.Range(0, PointwiseProgram.MaximumSteps).Select(i => Constant(kernel, $"Step{i}"))];

        internal int?[] Operands { get; } = [.. Enumerable.Range(0, PointwiseProgram.MaximumOperands).Select(i => kernel.Bindings.Where(b => b.Name == $"Operand{i}").Select(b => (int?)b.Slot).FirstOrDefault())];

        internal int? OperandModes { get; } = Constant(kernel, "OperandModes");

        internal int? OperandInteger { get; } = Constant(kernel, "OperandInteger");

        internal int? PrimaryInteger { get; } = Constant(kernel, "PrimaryInteger");

        internal int? OutputInteger { get; } = Constant(kernel, "OutputInteger");

        internal int? StepScalars { get; } = kernel.Parameters.Where(f => f.Name == "StepScalars").Select(f => (int?)f.Offset).FirstOrDefault();

        internal int Require(int? place, string name) => place ?? throw new InvalidOperationException($"{kernel.Name} has no {name}");

        private static int? Constant(KernelDescriptor kernel, string name) => kernel.Constants.Where(c => c.Name == name).Select(c => (int?)c.Id).FirstOrDefault();
    }
}
