using VkNet.Compilation;
using VkNet.Graphs;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Pointwise.Lowering;

/// <summary>Writes the kernel call of a pointwise node: its own step, the wrapping of narrow types, and the program fused behind it.</summary>
internal static class PointwiseLowering
{
    /// <summary>Lowers a node whose inputs are the registers of <paramref name="own"/>.</summary>
    /// <param name="context">The node.</param>
    /// <param name="own">Its own function; null where it is the identity (of possibly another type).</param>
    /// <param name="wrapBits">Bits that the own result is cut to: signed when negative, 0 for none.</param>
    /// <param name="ownResult">Type of the own result.</param>
    internal static void Lower(LoweringContext context, PointwiseStep? own, int wrapBits, DataType ownResult)
    {
        var node = context.Node;
        var output = context.Output(0);
        if (output.Shape.ElementCount == 0) return;
        var inputs = Enumerable.Range(0, Math.Min(node.OperatorInputCount, node.Inputs.Count)).Select(context.Input).ToList();
        var program = new ProgramBuilder(inputs[0]);
        var result = 0;
        if (own is { } step)
        {
            var registers = inputs.Select(program.Register).ToList();
            result = program.Add(step, registers[step.A], registers[step.B], registers[step.C]);
        }
        if (wrapBits != 0)
            result = program.Add(new PointwiseStep((int)PointwiseOpcode.Wrap, 0, Alpha: BitConverter.Int32BitsToSingle(wrapBits)), result, result, result);
        if (node.Epilogue is { } epilogue && epilogue.Steps.Count > 0)
        {
            var operands = Enumerable.Range(0, epilogue.OperandCount).Select(context.EpilogueInput).ToList();
            var combined = program.Clone();
            combined.Append(epilogue, result, operands);
            if (combined.Fits) program = combined;
            else
            {
                // Too long for one program: the node's own result goes through memory.
                var between = Between(context, output, ownResult);
                PointwiseDispatch.Run(context, program, between);
                program = new ProgramBuilder(between);
                program.Append(epilogue, 0, operands);
            }
        }
        PointwiseDispatch.Run(context, program, output);
    }

    private static DeviceTensor Between(LoweringContext context, DeviceTensor output, DataType type)
    {
        var places = output.Bytes / DeviceTensor.ElementBytes;
        var workspace = context.Workspace("unfused", new TensorType(type, [places]));
        return workspace with { Type = new TensorType(type, output.Shape), Layout = output.Layout };
    }
}
