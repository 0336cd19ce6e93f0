using VkNet.Compilation;
using VkNet.Shaders.Kernels;
using VkNet.Tensors;

namespace VkNet.Operators.Optimizer;

/// <summary>Writes the calls of an optimizer: tensors that lie one after another in every role are updated by one dispatch.</summary>
internal static class UpdateLowering
{
    private const int GroupSize = 64;

    internal static void Lower(LoweringContext context, OptimizerOperator page)
    {
        var roles = 2 + page.StateNames.Count;
        var tensors = (context.Node.Inputs.Count - OptimizerOperator.FirstTensor) / roles;
        var slices = new List<TensorSlice[]>();
        for (var t = 0; t < tensors; t++)
        {
            var own = new TensorSlice[roles];
            for (var role = 0; role < roles; role++)
            {
                var input = OptimizerOperator.FirstTensor + role * tensors + t;
                // Output t is the parameter; those of the carried tensors follow in the order of the inputs, without the gradients.
                var tensor = role == 1 ? context.Input(input) : context.UpdateInPlace(role == 0 ? t : (role - 1) * tensors + t, input);
                own[role] = new TensorSlice(tensor.Buffer, tensor.Offset, tensor.Bytes);
            }
            if (context.Node.Outputs[t].Shape.ElementCount > 0) slices.Add(own);
        }
        foreach (var run in TensorRun.Of(slices, context.Profile.BufferAlignment)) Dispatch(context, page, run.Slices);
    }

    private static void Dispatch(LoweringContext context, OptimizerOperator page, TensorSlice[] run)
    {
        var rule = page.RuleOf(context.Node);
        var (parameter, gradient) = (run[0], run[1]);
        var (first, second) = (run.Length > 2 ? run[2] : parameter, run.Length > 3 ? run[3] : parameter);
        var rate = Scalar(context, OptimizerOperator.LearningRate) ?? gradient;
        var clip = context.Get(OptimizerOperator.ClipValue);
        var elements = parameter.Bytes / DeviceTensor.ElementBytes;
        // The padding between tensors is updated along with them: nobody reads it.
        context.Dispatch(context.Choose(OptimizerUpdate.Family.Variants, new DeviceTensor(parameter.Buffer, parameter.Offset, new TensorType(DataType.Float32, [elements]), Graphs.Layout.Dense)))
            .Parameters(new OptimizerUpdate.Parameters
            {
                Elements = checked((int)elements),
                RateScale = (float)context.Get(OptimizerOperator.RateScale),
                L1 = (float)context.Get(OptimizerOperator.L1),
                L2 = (float)context.Get(OptimizerOperator.L2),
                Clip = clip > 0 ? (float)clip : float.PositiveInfinity,
                MaximumNorm = (float)context.Get(OptimizerOperator.ClipNorm),
                A = (float)rule.A,
                B = (float)rule.B,
                C = (float)rule.C,
                Epsilon = (float)rule.Epsilon,
                LogarithmOfA = (float)Math.Log(rule.A),
                LogarithmOfB = (float)Math.Log(rule.B),
            })
            .Bind(OptimizerUpdate.Bindings.Gradient, gradient)
            .Bind(OptimizerUpdate.Bindings.Parameter, parameter)
            .Bind(OptimizerUpdate.Bindings.First, first)
            .Bind(OptimizerUpdate.Bindings.Second, second)
            .Bind(OptimizerUpdate.Bindings.LearningRate, rate)
            .Bind(OptimizerUpdate.Bindings.Step, Scalar(context, OptimizerOperator.Step) ?? rate)
            .Bind(OptimizerUpdate.Bindings.Guard, Scalar(context, OptimizerOperator.Guard) ?? rate)
            .Bind(OptimizerUpdate.Bindings.Norm, Scalar(context, OptimizerOperator.Norm) ?? rate)
            .Bind(OptimizerUpdate.Bindings.NewParameter, parameter)
            .Bind(OptimizerUpdate.Bindings.NewFirst, first)
            .Bind(OptimizerUpdate.Bindings.NewSecond, second)
            .Constant(OptimizerUpdate.Constants.Rule, (long)rule.Rule)
            .Constant(OptimizerUpdate.Constants.Guarded, context.Has(OptimizerOperator.Guard) ? 1 : 0)
            .Constant(OptimizerUpdate.Constants.Clipped, context.Get(OptimizerOperator.ClipNorm) > 0 ? 1 : 0)
            .Constant(OptimizerUpdate.Constants.Corrected, rule.Corrected ? 1 : 0)
            .Cost(8.0 * elements, run.Sum(r => 2.0 * r.Bytes) - gradient.Bytes)
            .RunLinear((elements + 3) / 4, GroupSize);
    }

    private static TensorSlice? Scalar(LoweringContext context, int index)
    {
        if (!context.Has(index)) return null;
        var tensor = context.Input(index);
        return new TensorSlice(tensor.Buffer, tensor.Offset, tensor.Bytes);
    }
}
