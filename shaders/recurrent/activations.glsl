#ifndef VKNET_ACTIVATIONS
#define VKNET_ACTIVATIONS
// The activations of recurrent layers, as ONNX lists them, and their derivatives as functions of their results.
#include "common/numbers.glsl"

//!constants RecurrentActivation The activation of a gate of a recurrent layer.
#define RECURRENT_SIGMOID 0 // 1 / (1 + e^-x)
#define RECURRENT_TANH 1 // tanh x
#define RECURRENT_RELU 2 // max(x, 0)
#define RECURRENT_AFFINE 3 // alpha x + beta
#define RECURRENT_LEAKY_RELU 4 // x where x >= 0, else alpha x
#define RECURRENT_THRESHOLDED_RELU 5 // x where x >= alpha, else 0
#define RECURRENT_SCALED_TANH 6 // alpha tanh(beta x)
#define RECURRENT_HARD_SIGMOID 7 // alpha x + beta limited to 0 ... 1
#define RECURRENT_ELU 8 // x where x >= 0, else alpha (e^x - 1)
#define RECURRENT_SOFTSIGN 9 // x / (1 + |x|)
#define RECURRENT_SOFTPLUS 10 // log(1 + e^x)
//!end

vec4 activate(int code, vec4 x, float alpha, float beta)
{
    const vec4 zero = vec4(0.0);
    if (code == RECURRENT_SIGMOID) return sigmoid(x);
    if (code == RECURRENT_TANH) return hyperbolicTangent(x);
    if (code == RECURRENT_RELU) return choose(isNan4(x), x, max(x, zero));
    if (code == RECURRENT_AFFINE) return alpha * x + beta;
    if (code == RECURRENT_LEAKY_RELU) return choose(lessThan(x, zero), alpha * x, x);
    if (code == RECURRENT_THRESHOLDED_RELU) return choose(lessThan(x, vec4(alpha)), zero, x);
    if (code == RECURRENT_SCALED_TANH) return alpha * hyperbolicTangent(beta * x);
    if (code == RECURRENT_HARD_SIGMOID) return choose(isNan4(x), x, clamp(alpha * x + beta, 0.0, 1.0));
    if (code == RECURRENT_ELU) return choose(lessThan(x, zero), alpha * exponentialMinusOne(x), x);
    if (code == RECURRENT_SOFTSIGN) return x / (1.0 + abs(x));
    return choose(isNan4(x), x, softplus(x));
}

// The derivative where the result is y.
vec4 activationSlope(int code, vec4 y, float alpha, float beta)
{
    const vec4 zero = vec4(0.0);
    const vec4 one = vec4(1.0);
    if (code == RECURRENT_SIGMOID) return y * (1.0 - y);
    if (code == RECURRENT_TANH) return 1.0 - y * y;
    if (code == RECURRENT_RELU) return choose(greaterThan(y, zero), one, zero);
    if (code == RECURRENT_AFFINE) return vec4(alpha);
    if (code == RECURRENT_LEAKY_RELU) return choose(lessThan(y, zero), vec4(alpha), one);
    if (code == RECURRENT_THRESHOLDED_RELU) return choose(equal(y, zero), zero, one);
    if (code == RECURRENT_SCALED_TANH) return beta * (alpha - y * y / alpha);
    if (code == RECURRENT_HARD_SIGMOID) return choose(lessThan(abs(y - 0.5), vec4(0.5)), vec4(alpha), zero);
    if (code == RECURRENT_ELU) return choose(lessThan(y, zero), y + alpha, one);
    if (code == RECURRENT_SOFTSIGN) return (1.0 - abs(y)) * (1.0 - abs(y));
    return 1.0 - exponential(-y);
}

#endif
