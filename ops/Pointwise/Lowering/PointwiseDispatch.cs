using VkNet.Compilation;
using VkNet.Shaders;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;
using OperandMode = VkNet.Compilation.OperandMode;

namespace VkNet.Operators.Pointwise.Lowering;

/// <summary>Chooses the pointwise kernel for a program and its tensors, and fills in its parameters.</summary>
internal static class PointwiseDispatch
{
    private const int GroupSize = 256;
    private const int MaximumAxes = 8;

    // A program of more steps than this is not repeated in a kernel.
    private const int LongProgram = 4;

    /// <summary>Writes the calls that store the program's result in <paramref name="output"/>.</summary>
    internal static void Run(LoweringContext context, ProgramBuilder program, DeviceTensor output)
    {
        List<DeviceTensor> tensors = [program.Primary, .. program.Operands];
        var axes = MergedAxes.Of(output, tensors);
        if (axes.Count > int.MaxValue / 2)
            throw new VkNetException("VKN4212", $"{context.Node.Operator.Name} '{context.Node.Name}': {output.Type} has more elements than a kernel can number", "split the tensor", context.Node.Location, ErrorKind.Device);
        var whole = IsWhole(program, output);
        if (!axes.IsPadded && Enumerable.Range(0, tensors.Count).All(t => axes.IsFull(t) || axes.IsScalar(t))) RunLinear(context, program, output, axes, tensors, whole);
        else RunStrided(context, program, output, axes, tensors, whole);
        AllowInPlace(context, output, axes, tensors);
    }

    // Whole numbers are computed exactly in registers of their own, unless a real takes part; truth values go with either.
    private static bool IsWhole(ProgramBuilder program, DeviceTensor output)
    {
        List<DeviceTensor> all = [program.Primary, .. program.Operands, output];
        if (all.Exists(t => t.Type.DataType.IsFloat())) return false;
        return all.Exists(t => t.Type.DataType.IsInteger()) || program.Program.Steps.Count == 0;
    }

    private static IReadOnlyList<KernelDescriptor> Variants(KernelFamily family, bool whole) =>
        [.. family.Variants.Where(v => v.Variant == "whole" == whole)];

    // Tensors beyond the device's binding limits are cut into ranges; single elements are bound whole.
    private static void RunLinear(LoweringContext context, ProgramBuilder program, DeviceTensor output, MergedAxes axes, List<DeviceTensor> tensors, bool whole)
    {
        DeviceTensor[] full = [.. tensors.Where((_, t) => !axes.IsScalar(t))];
        var kernel = context.Choose(Variants(PointwiseLinear.Family, whole), full);
        // A multiple of 64 KiB keeps every range aligned as any device wants it.
        var step = context.Profile.MaxStorageBufferRange / 65536 * 65536 / DeviceTensor.ElementBytes;
        for (long start = 0; start < axes.Count; start += step)
        {
            var count = Math.Min(step, axes.Count - start);
            var modes = tensors.Select((_, t) => axes.IsScalar(t) ? OperandMode.Scalar : OperandMode.Full).ToList();
            var dispatch = context.Dispatch(kernel).Parameters(new PointwiseLinear.Parameters { Elements = (int)count });
            Encode(dispatch, program, output, modes);
            for (var t = 0; t < tensors.Count; t++) dispatch.Bind(Slot(t), modes[t] == OperandMode.Scalar ? Whole(tensors[t]) : Range(tensors[t], start, count));
            dispatch.Constant(PointwiseLinear.Constants.InputMode, (long)modes[0])
                .Constant(PointwiseLinear.Constants.WholeGroups, count % 4 == 0 ? 1 : 0)
                .Bind(PointwiseLinear.Bindings.Target, Range(output, start, count))
                .Cost((double)count * program.Program.Steps.Count, 4.0 * count * (full.Length + 1))
                .RunLinear((count + 3) / 4, GroupSize);
        }
    }

    private static TensorSlice Whole(DeviceTensor tensor) => new(tensor.Buffer, tensor.Offset, tensor.Bytes);

    private static TensorSlice Range(DeviceTensor tensor, long start, long count) =>
        new(tensor.Buffer, tensor.Offset + start * DeviceTensor.ElementBytes, (count * DeviceTensor.ElementBytes + 15) / 16 * 16);

    private static void RunStrided(LoweringContext context, ProgramBuilder program, DeviceTensor output, MergedAxes axes, List<DeviceTensor> tensors, bool whole)
    {
        if (axes.Sizes.Count > MaximumAxes)
            throw new VkNetException("VKN4213", $"{context.Node.Operator.Name} '{context.Node.Name}': broadcasting to {output.Type} needs {axes.Sizes.Count} axes that cannot be merged; kernels know {MaximumAxes}", null, context.Node.Location, ErrorKind.Device);
        var vectors = axes.Sizes[0] % 4 == 0;
        var modes = tensors.Select((_, t) => ModeOf(axes, t, vectors)).ToList();
        var run = vectors ? RunOf(context, axes.Sizes[0] / 4, program.Program.Steps.Count) : 1;
        var parameters = new PointwiseStrided.Parameters { Elements = (int)axes.Count, InnerCount = (int)axes.InnerCount };
        for (var axis = 0; axis < axes.Sizes.Count; axis++)
        {
            var groups = vectors && axis == 0 ? 4 * run : 1;
            var size = axes.Sizes[axis] / groups;
            parameters.Size[axis] = (int)size;
            var divisor = FastDivisor.Of(size);
            parameters.Multiplier[axis] = divisor.Multiplier;
            parameters.Shift[axis] = divisor.Shift;
            for (var t = 0; t < tensors.Count; t++) parameters.Stride[8 * t + axis] = checked((int)(axes.Strides[axis][t] * groups));
        }
        for (var t = 0; t < tensors.Count; t++)
        {
            if (t < 4) parameters.InnerStride[t] = checked((int)axes.Strides[0][t]);
            else parameters.InnerStrideOfOperand3 = checked((int)axes.Strides[0][t]);
        }
        var kernel = context.Choose(Variants(PointwiseStrided.Family, whole), [.. tensors]);
        var dispatch = context.Dispatch(kernel).Parameters(parameters);
        Encode(dispatch, program, output, modes);
        for (var t = 0; t < tensors.Count; t++) dispatch.Bind(Slot(t), tensors[t]);
        dispatch.Constant(PointwiseStrided.Constants.InputMode, (long)modes[0])
            .Constant(PointwiseStrided.Constants.Axes, axes.Sizes.Count)
            .Constant(PointwiseStrided.Constants.Vectors, vectors ? 1 : 0)
            .Constant(PointwiseStrided.Constants.Run, run)
            .Constant(PointwiseStrided.Constants.WholeGroups, axes.Count % 4 == 0 ? 1 : 0)
            .Bind(PointwiseStrided.Bindings.Target, output)
            .Cost((double)axes.Count * program.Program.Steps.Count, output.Bytes + tensors.Sum(t => (double)t.Bytes))
            .RunLinear((axes.Count + 3) / 4 / run, GroupSize);
    }

    // How many groups of four an invocation makes one after the other, so that their place is found once. Neighbouring invocations then
    // no longer read neighbouring groups, which suits a CPU driver only; and the program is compiled as many times.
    private static int RunOf(LoweringContext context, long groups, int steps)
    {
        if (!context.Profile.IsSoftware || steps > LongProgram) return 1;
        int[] sizes = [4, 8, 7, 6, 5, 3, 2];
        return sizes.FirstOrDefault(size => groups % size == 0, 1);
    }

    private static OperandMode ModeOf(MergedAxes axes, int tensor, bool vectors)
    {
        if (axes.IsScalar(tensor)) return OperandMode.Scalar;
        if (axes.IsFull(tensor)) return OperandMode.Full;
        if (!vectors) return OperandMode.Strided;
        var inner = axes.Strides[0][tensor];
        if (inner == 0) return OperandMode.Row;
        return inner == 1 && axes.Strides.Skip(1).All(s => s[tensor] % 4 == 0) ? OperandMode.Column : OperandMode.Strided;
    }

    private static void Encode(DispatchBuilder dispatch, ProgramBuilder program, DeviceTensor output, List<OperandMode> modes) =>
        dispatch.Epilogue(program.Program, [.. program.Operands.Select((t, i) => new EpilogueOperand(t, modes[i + 1]))],
            !program.Primary.Type.DataType.IsFloat(), !output.Type.DataType.IsFloat());

    private static int Slot(int tensor) => tensor switch
    {
        0 => PointwiseLinear.Bindings.Source,
        1 => PointwiseLinear.Bindings.Operand0,
        2 => PointwiseLinear.Bindings.Operand1,
        3 => PointwiseLinear.Bindings.Operand2,
        _ => PointwiseLinear.Bindings.Operand3,
    };

    // The result may take over the memory of a tensor that is read at the same places only, by nothing else in this call.
    private static void AllowInPlace(LoweringContext context, DeviceTensor output, MergedAxes axes, List<DeviceTensor> tensors)
    {
        if (context.Node.Outputs.Count != 1 || context.Output(0) != output) return;
        for (var t = 0; t < tensors.Count; t++)
            if (axes.IsFull(t) && tensors.TrueForAll(other => other == tensors[t] || other.Buffer != tensors[t].Buffer)) context.MayRunInPlace(0, tensors[t]);
    }
}
