#ifndef VKNET_POINTWISE
#define VKNET_POINTWISE
// One step of a pointwise program. With POINTWISE_ALL defined every opcode is known, else those of the epilogue tier.
// The steps are specialization constants. A step is known only after the driver has unrolled the loop over them, so each
// costly case first asks whether any step uses it at all: that is folded at once and keeps the loop small enough to unroll.
#include "common/opcodes.glsl"
#include "common/numbers.glsl"

layout(constant_id = 100) const uint STEP_COUNT = 0;
layout(constant_id = 101) const uint STEP_0 = 0;
layout(constant_id = 102) const uint STEP_1 = 0;
layout(constant_id = 103) const uint STEP_2 = 0;
layout(constant_id = 104) const uint STEP_3 = 0;
layout(constant_id = 105) const uint STEP_4 = 0;
layout(constant_id = 106) const uint STEP_5 = 0;
layout(constant_id = 107) const uint STEP_6 = 0;
layout(constant_id = 108) const uint STEP_7 = 0;

uint stepCode(uint i)
{
    return i == 0u ? STEP_0 : i == 1u ? STEP_1 : i == 2u ? STEP_2 : i == 3u ? STEP_3 : i == 4u ? STEP_4 : i == 5u ? STEP_5 : i == 6u ? STEP_6 : STEP_7;
}

// Bit c of word w: whether any step has the opcode 32 w + c. Specialization-constant expressions, so that even a driver that
// optimises nothing sees a number.
#define USED_IN(code, word) ((1u << ((code) & 31u)) * uint((((code) >> 5) & 7u) == word))
#define USED_OPCODES(word) (USED_IN(STEP_0, word) | USED_IN(STEP_1, word) | USED_IN(STEP_2, word) | USED_IN(STEP_3, word) \
    | USED_IN(STEP_4, word) | USED_IN(STEP_5, word) | USED_IN(STEP_6, word) | USED_IN(STEP_7, word))
const uint USED_0 = USED_OPCODES(0u);
const uint USED_1 = USED_OPCODES(1u);
const uint USED_2 = USED_OPCODES(2u);
const uint USED_3 = USED_OPCODES(3u);
const uint USED_4 = USED_OPCODES(4u);

#define USED_WORD(opcode_) ((opcode_) < 32 ? USED_0 : (opcode_) < 64 ? USED_1 : (opcode_) < 96 ? USED_2 : (opcode_) < 128 ? USED_3 : USED_4)
#define CASE(opcode_, expression) if ((USED_WORD(opcode_) & (1u << (uint(opcode_) & 31u))) != 0u) { if (opcode == uint(opcode_)) result = expression; }
#define TRUTH(condition) choose(condition, vec4(1.0), vec4(0.0))

vec4 pointwiseStep(uint opcode, vec4 a, vec4 b, vec4 c, float alpha, float beta)
{
    const vec4 zero = vec4(0.0);
    vec4 result = a;
    CASE(OP_ADD, a + b);
    CASE(OP_SUBTRACT, a - b);
    CASE(OP_MULTIPLY, a * b);
    CASE(OP_DIVIDE, a / b);
    CASE(OP_MAXIMUM, choose(isNan4(a), a, choose(isNan4(b), b, max(a, b))));
    CASE(OP_MINIMUM, choose(isNan4(a), a, choose(isNan4(b), b, min(a, b))));
    CASE(OP_NEGATE, -a);
    CASE(OP_ABSOLUTE, abs(a));
    CASE(OP_SQUARE, a * a);
    CASE(OP_SQUARE_ROOT, sqrt(a));
    CASE(OP_RECIPROCAL, 1.0 / a);
    CASE(OP_EXPONENTIAL, exponential(a));
    CASE(OP_AFFINE, alpha * a + beta);
    CASE(OP_CLIP, choose(isNan4(a), a, min(max(a, vec4(alpha)), vec4(beta))));
    CASE(OP_RELU, choose(isNan4(a), a, max(a, zero)));
    CASE(OP_LEAKY_RELU, choose(lessThan(a, zero), alpha * a, a));
    CASE(OP_PRELU, choose(lessThan(a, zero), a * b, a));
    CASE(OP_ELU, choose(lessThan(a, zero), alpha * exponentialMinusOne(a), a));
    CASE(OP_SIGMOID, sigmoid(a));
    CASE(OP_TANH, hyperbolicTangent(a));
    CASE(OP_GELU, gelu(a));
    CASE(OP_GELU_TANH, geluTanh(a));
    CASE(OP_SILU, choose(equal(alpha * a, vec4(-INFINITY)), zero, a * sigmoid(alpha * a)));
    CASE(OP_HARD_SIGMOID, choose(isNan4(a), a, clamp(alpha * a + beta, 0.0, 1.0)));
    CASE(OP_HARD_SWISH, choose(isNan4(a), a, choose(lessThanEqual(a, vec4(-3.0)), zero, a * clamp(a / 6.0 + 0.5, 0.0, 1.0))));
    CASE(OP_MISH, mish(a));
    CASE(OP_SOFTPLUS, choose(isNan4(a), a, softplus(a)));
    CASE(OP_ADD_SCALED, alpha * a + beta * b);
    CASE(OP_MULTIPLY_ADD, a * b + c);
    CASE(OP_POSITIVE_GATE, choose(greaterThan(a, zero), b, alpha * b));
#ifdef POINTWISE_ALL
    result = pointwiseStepOfKernel(opcode, result, a, b, c, alpha, beta);
#endif
    return result;
}
#endif
