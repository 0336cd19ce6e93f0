#ifndef VKNET_OPCODES
#define VKNET_OPCODES
// The numbers that a pointwise program is made of (see epilogue.glsl). C# sees them as enumerations of the same names.

//!constants PointwiseOpcode One step of a pointwise program: a, b and c are registers, alpha and beta the step's two numbers. Those below 64 are allowed in every epilogue, the others in the pointwise kernel only.
#define OP_COPY 0 // a
#define OP_ADD 1 // a + b
#define OP_SUBTRACT 2 // a - b
#define OP_MULTIPLY 3 // a * b
#define OP_DIVIDE 4 // a / b
#define OP_MAXIMUM 5 // the larger of a and b; NaN if either is NaN
#define OP_MINIMUM 6 // the smaller of a and b; NaN if either is NaN
#define OP_NEGATE 7 // -a
#define OP_ABSOLUTE 8 // |a|
#define OP_SQUARE 9 // a * a
#define OP_SQUARE_ROOT 10 // the square root of a
#define OP_RECIPROCAL 11 // 1 / a
#define OP_EXPONENTIAL 12 // e to the power a
#define OP_AFFINE 13 // alpha * a + beta
#define OP_CLIP 14 // a limited to alpha ... beta
#define OP_RELU 15 // max(a, 0)
#define OP_LEAKY_RELU 16 // a where a >= 0, else alpha * a
#define OP_PRELU 17 // a where a >= 0, else b * a
#define OP_ELU 18 // a where a >= 0, else alpha * (e^a - 1)
#define OP_SIGMOID 19 // 1 / (1 + e^-a)
#define OP_TANH 20 // the hyperbolic tangent of a
#define OP_GELU 21 // a * (1 + erf(a / sqrt 2)) / 2
#define OP_GELU_TANH 22 // a * (1 + tanh(sqrt(2 / pi) * (a + 0.044715 a^3))) / 2
#define OP_SILU 23 // a * sigmoid(alpha * a)
#define OP_HARD_SIGMOID 24 // alpha * a + beta, limited to 0 ... 1
#define OP_HARD_SWISH 25 // a * (a / 6 + 1/2 limited to 0 ... 1)
#define OP_MISH 26 // a * tanh(softplus(a))
#define OP_SOFTPLUS 27 // log(1 + e^a)
#define OP_ADD_SCALED 28 // alpha * a + beta * b
#define OP_MULTIPLY_ADD 29 // a * b + c
#define OP_POSITIVE_GATE 30 // b where a > 0, else alpha * b: the gradient of relu and leaky_relu
#define OP_POWER 64 // a to the power b
#define OP_LOGARITHM 65 // the natural logarithm of a
#define OP_RECIPROCAL_SQUARE_ROOT 66 // 1 / sqrt(a)
#define OP_FLOOR 67 // the largest whole number not above a
#define OP_CEILING 68 // the smallest whole number not below a
#define OP_ROUND 69 // the nearest whole number, halves to the even one
#define OP_TRUNCATE 70 // a without its fraction
#define OP_SIGN 71 // -1, 0 or 1; NaN of NaN
#define OP_ERROR_FUNCTION 72 // erf(a)
#define OP_SINE 73 // sin(a)
#define OP_COSINE 74 // cos(a)
#define OP_TANGENT 75 // tan(a)
#define OP_ARC_SINE 76 // asin(a)
#define OP_ARC_COSINE 77 // acos(a)
#define OP_ARC_TANGENT 78 // atan(a)
#define OP_HYPERBOLIC_SINE 79 // sinh(a)
#define OP_HYPERBOLIC_COSINE 80 // cosh(a)
#define OP_AREA_SINE 81 // asinh(a)
#define OP_AREA_COSINE 82 // acosh(a)
#define OP_AREA_TANGENT 83 // atanh(a)
#define OP_IS_NAN 84 // 1 where a is NaN, else 0
#define OP_IS_INFINITE 85 // 1 where a is -infinity (if alpha is not 0) or +infinity (if beta is not 0), else 0
#define OP_LOGICAL_NOT 86 // 1 where a is 0, else 0
#define OP_LOGICAL_AND 87 // 1 where neither a nor b is 0, else 0
#define OP_LOGICAL_OR 88 // 1 where a or b is not 0, else 0
#define OP_LOGICAL_XOR 89 // 1 where exactly one of a and b is 0, else 0
#define OP_EQUAL 90 // 1 where a = b, else 0
#define OP_NOT_EQUAL 91 // 1 where a and b differ or are unordered, else 0
#define OP_LESS 92 // 1 where a < b, else 0
#define OP_LESS_OR_EQUAL 93 // 1 where a <= b, else 0
#define OP_GREATER 94 // 1 where a > b, else 0
#define OP_GREATER_OR_EQUAL 95 // 1 where a >= b, else 0
#define OP_WHERE 96 // b where a is not 0, else c
#define OP_MODULO 97 // the remainder of a / b with the sign of b
#define OP_REMAINDER 98 // the remainder of a / b with the sign of a, exact
#define OP_SOFTSIGN 99 // a / (1 + |a|)
#define OP_SELU 100 // beta * (a where a > 0, else alpha * (e^a - 1))
#define OP_CELU 101 // a where a >= 0, else alpha * (e^(a / alpha) - 1)
#define OP_THRESHOLDED_RELU 102 // a where a > alpha, else 0
#define OP_SHRINK 103 // a + beta where a < -alpha, a - beta where a > alpha, else 0
#define OP_EXPONENTIAL_MINUS_ONE 104 // e^a - 1, accurate near 0
#define OP_LOGARITHM_PLUS_ONE 105 // log(1 + a), accurate near 0
#define OP_BITWISE_AND 128 // the bits set in a and in b; on whole numbers only, as all that follow
#define OP_BITWISE_OR 129 // the bits set in a or in b
#define OP_BITWISE_XOR 130 // the bits set in one of a and b
#define OP_BITWISE_NOT 131 // the bits not set in a
#define OP_SHIFT_LEFT 132 // a times 2 to the power b, wrapping
#define OP_SHIFT_RIGHT 133 // a divided by 2 to the power b, as an unsigned number
#define OP_WRAP 134 // the lowest alpha bits of a as an unsigned number, or the lowest -alpha bits as a signed one
//!end

//!constants OperandMode How an epilogue's tensor operand is read for an element of the output.
#define OPERAND_NONE 0 // not bound to anything that is read
#define OPERAND_FULL 1 // the element at the same place: the operand has the output's shape and layout
#define OPERAND_SCALAR 2 // its only element
#define OPERAND_COLUMN 3 // by the innermost axis: a GEMM's column, a channels-last tensor's channel
#define OPERAND_ROW 4 // by the axis that GEMM calls row: the channel of an NCHW tensor
#define OPERAND_STRIDED 5 // by strides of its own; in the pointwise kernel only
//!end

#endif
