using VkNet.Graphs;
using VkNet.Operators.Bounded;
using VkNet.Operators.Convolution;
using VkNet.Operators.Gemm;
using VkNet.Operators.Layout;
using VkNet.Operators.Losses;
using VkNet.Operators.Normalization;
using VkNet.Operators.Optimizer;
using VkNet.Operators.Pointwise;
using VkNet.Operators.Pooling;
using VkNet.Operators.RandomNumbers;
using VkNet.Operators.Quantized;
using VkNet.Operators.Reduction;
using VkNet.Operators.Resampling;
using VkNet.Operators.Selection;

namespace VkNet.Operators;

/// <summary>The operators that come with VkNet. Adding one means a page and a line here.</summary>
public static class StandardOperators
{
    /// <summary>A registry of all of them; clone it to add your own.</summary>
    public static OperatorRegistry Registry { get; } = new OperatorRegistry()
        // Training
        .Register(new AdaDelta())
        .Register(new AdaGrad())
        .Register(new Adam(decoupled: false))
        .Register(new Adam(decoupled: true))
        .Register(new GradientNorm())
        .Register(new Momentum())
        .Register(new MovingAverage())
        .Register(new Nesterov())
        .Register(new RmsProp())
        .Register(new Sgd())
        // Pointwise
        .Register(new Abs())
        .Register(new Acos())
        .Register(new Acosh())
        .Register(new Add())
        .Register(new Affine())
        .Register(new And())
        .Register(new Asin())
        .Register(new Asinh())
        .Register(new Atan())
        .Register(new Atanh())
        .Register(new BitwiseAnd())
        .Register(new BitwiseNot())
        .Register(new BitwiseOr())
        .Register(new BitwiseXor())
        .Register(new Cast())
        .Register(new Ceil())
        .Register(new Celu())
        .Register(new Clip())
        .Register(new Cos())
        .Register(new Cosh())
        .Register(new Divide())
        .Register(new Dropout())
        .Register(new Elu())
        .Register(new Equal())
        .Register(new Erf())
        .Register(new Exp())
        .Register(new Expm1())
        .Register(new Floor())
        .Register(new Fmod())
        .Register(new Gelu())
        .Register(new Greater())
        .Register(new GreaterEqual())
        .Register(new HardSigmoid())
        .Register(new HardSwish())
        .Register(new Identity())
        .Register(new IsInf())
        .Register(new IsNan())
        .Register(new LeakyRelu())
        .Register(new Less())
        .Register(new LessEqual())
        .Register(new Log())
        .Register(new Log1p())
        .Register(new Max())
        .Register(new Min())
        .Register(new Mish())
        .Register(new Mod())
        .Register(new Multiply())
        .Register(new Neg())
        .Register(new Not())
        .Register(new NotEqual())
        .Register(new Or())
        .Register(new PRelu())
        .Register(new PositiveGate())
        .Register(new Pow())
        .Register(new Reciprocal())
        .Register(new Relu())
        .Register(new Round())
        .Register(new Rsqrt())
        .Register(new Selu())
        .Register(new ShiftLeft())
        .Register(new ShiftRight())
        .Register(new Shrink())
        .Register(new Sigmoid())
        .Register(new Sign())
        .Register(new Silu())
        .Register(new Sin())
        .Register(new Sinh())
        .Register(new Softplus())
        .Register(new Softsign())
        .Register(new Sqrt())
        .Register(new Square())
        .Register(new StopGradient())
        .Register(new Subtract())
        .Register(new Tan())
        .Register(new Tanh())
        .Register(new ThresholdedRelu())
        .Register(new Trunc())
        .Register(new Where())
        .Register(new Xor())
        // Reductions
        .Register(new ReduceL1())
        .Register(new ReduceL2())
        .Register(new ReduceLogSum())
        .Register(new ReduceLogSumExp())
        .Register(new ReduceMax())
        .Register(new ReduceMean())
        .Register(new ReduceMin())
        .Register(new ReduceProd())
        .Register(new ReduceSum())
        .Register(new ReduceSumSquare())
        // Views and movement
        .Register(new Reshape())
        .Register(new Expand())
        .Register(new Flatten())
        .Register(new Squeeze())
        .Register(new Unsqueeze())
        .Register(new Transpose())
        .Register(new Slice())
        .Register(new PutSlice())
        .Register(new Split())
        .Register(new Concat())
        .Register(new Pad())
        .Register(new Tile())
        .Register(new DepthToSpace())
        .Register(new SpaceToDepth())
        .Register(new Trilu())
        .Register(new Eye())
        .Register(new NumberRange())
        .Register(new Fill())
        .Register(new ConstantTensor())
        .Register(new ToChannelsLast())
        .Register(new FromChannelsLast())
        // Selection
        .Register(new ArgExtreme(smallest: false))
        .Register(new ArgExtreme(smallest: true))
        .Register(new Cumulative(product: false))
        .Register(new Cumulative(product: true))
        .Register(new Embedding())
        .Register(new Gather())
        .Register(new GatherElements())
        .Register(new GatherGradient())
        .Register(new GatherNd())
        .Register(new ScatterElements())
        .Register(new ScatterNd())
        .Register(new TensorScatter())
        .Register(new TopK())
        .Register(new OneHot())
        .Register(new ReverseSequence())
        // Softmax and losses
        .Register(new Softmax(logarithmic: false)).Register(new SoftmaxGradient(logarithmic: false))
        .Register(new Softmax(logarithmic: true)).Register(new SoftmaxGradient(logarithmic: true))
        .Register(new Hardmax())
        .Register(ClassLoss.SoftmaxCrossEntropy).Register(ClassLossGradient.All[0])
        .Register(ClassLoss.NegativeLogLikelihood).Register(ClassLossGradient.All[1])
        .Register(ClassLoss.Hinge).Register(ClassLossGradient.All[2])
        .Register(ClassLoss.SquaredHinge).Register(ClassLossGradient.All[3])
        .Register(new Accuracy())

        // Resampling and regions of interest
        .Register(new AffineGrid())
        .Register(new Col2Im(1)).Register(new Col2Im(2)).Register(new Col2Im(3))
        .Register(new GridSample())
        .Register(new GridSampleGradient())
        .Register(new Im2Col(1)).Register(new Im2Col(2)).Register(new Im2Col(3))
        .Register(new Resize())
        .Register(new ResizeGradient())
        .Register(new RoiAlign())
        .Register(new RoiPool())

        // Recurrent cells

        // Attention

        // Control flow

        // Sizes that depend on data
        .Register(new Compress())
        .Register(new NonMaxSuppression())
        .Register(new NonZero())
        .Register(new Unique())

        // Quantised
        .Register(new ConvInteger())
        .Register(new DequantizeLinear())
        .Register(new DynamicQuantizeLinear())
        .Register(new MatMulInteger())
        .Register(new QLinearConv())
        .Register(new QLinearMatMul())
        .Register(new QuantizeLinear())

        // Random numbers
        .Register(new RandomFill(RandomKind.Uniform, like: false)).Register(new RandomFill(RandomKind.Uniform, like: true))
        .Register(new RandomFill(RandomKind.Normal, like: false)).Register(new RandomFill(RandomKind.Normal, like: true))
        .Register(new RandomFill(RandomKind.Integer, like: false)).Register(new RandomFill(RandomKind.Integer, like: true))
        .Register(new Bernoulli())
        .Register(new Multinomial())
        .Register(new RandomDropout())
        .Register(new GaussianNoise())

        // Matrix products and convolutions
        .Register(new MatMul())
        .Register(new Dense())
        .Register(new Einsum())
        .Register(new Conv(1)).Register(new Conv(2)).Register(new Conv(3))
        .Register(new ConvTranspose(1)).Register(new ConvTranspose(2)).Register(new ConvTranspose(3))
        .Register(new ConvWeightGradient(1)).Register(new ConvWeightGradient(2)).Register(new ConvWeightGradient(3))
        // Pooling
        .Register(new MaxPool(1)).Register(new MaxPool(2)).Register(new MaxPool(3))
        .Register(new AveragePool(1)).Register(new AveragePool(2)).Register(new AveragePool(3))
        .Register(new LpPool(1)).Register(new LpPool(2)).Register(new LpPool(3))
        .Register(new GlobalPool("avg", 1)).Register(new GlobalPool("avg", 2)).Register(new GlobalPool("avg", 3))
        .Register(new GlobalPool("max", 1)).Register(new GlobalPool("max", 2)).Register(new GlobalPool("max", 3))
        .Register(new GlobalPool("lp", 1)).Register(new GlobalPool("lp", 2)).Register(new GlobalPool("lp", 3))
        .Register(new AdaptivePool(false, 1)).Register(new AdaptivePool(false, 2)).Register(new AdaptivePool(false, 3))
        .Register(new AdaptivePool(true, 1)).Register(new AdaptivePool(true, 2)).Register(new AdaptivePool(true, 3))
        .Register(new PoolGradient(1)).Register(new PoolGradient(2)).Register(new PoolGradient(3))
        .Register(new MaxUnpool(1)).Register(new MaxUnpool(2)).Register(new MaxUnpool(3))
        .Register(new Unpool(1)).Register(new Unpool(2)).Register(new Unpool(3))
        // Normalisation
        .Register(new BatchNorm())
        .Register(new GroupNorm())
        .Register(new InstanceNorm())
        .Register(new LayerNorm(subtractsMean: true))
        .Register(new LayerNorm(subtractsMean: false))
        .Register(new LocalResponseNorm())
        .Register(new LpNorm())
        .Register(new MeanVarianceNorm());
}
