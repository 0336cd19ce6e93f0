#version 450
#extension GL_GOOGLE_include_directive : require
// One step of a gradient-descent rule on tensors that lie one after another: parameters and what the rule carries, in place.
//
// Gradient, Parameter, First, Second: elements numbers each; NewParameter, NewFirst, NewSecond: the same memory as Parameter,
// First and Second. LearningRate, Step (from 1, a float), Guard, Norm: one float each. First and Second are bound to anything
// where the rule carries less.
// RULE: one of RULE_... of rules.glsl. GUARDED: nothing is changed where Guard is not finite. CLIPPED: gradients are scaled
// down where Norm is larger than maximumNorm, and nothing is changed where Norm is not finite. CORRECTED: Adam's averages are
// divided by 1 - a^t and 1 - b^t.
// Cost: 4 bytes per element for the gradient and 8 for the parameter and each carried tensor; 2 to 14 operations.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int RULE = 0;
layout(constant_id = 1) const bool GUARDED = false;
layout(constant_id = 2) const bool CLIPPED = false;
layout(constant_id = 3) const bool CORRECTED = false;

#include "optimizer/rules.glsl"
#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int elements;
    float rateScale; // factor on the learning rate
    float l1; // the gradient of the decay: l1 sign(x) + l2 x
    float l2;
    float clip; // gradients are cut to -clip ... clip first; infinity for none
    float maximumNorm;
    float a;
    float b;
    float c;
    float epsilon;
    float logarithmOfA; // natural logarithms, rounded once
    float logarithmOfB;
} p;

INPUT_TENSOR(1, Gradient, gradient);
INPUT_TENSOR(2, Parameter, parameter);
INPUT_TENSOR(3, First, first);
INPUT_TENSOR(4, Second, second);
INPUT_TENSOR(5, LearningRate, learningRate);
INPUT_TENSOR(6, Step, step);
INPUT_TENSOR(7, Guard, guard);
INPUT_TENSOR(8, Norm, norm);
OUTPUT_TENSOR(9, NewParameter, newParameter);
OUTPUT_TENSOR(10, NewFirst, newFirst);
OUTPUT_TENSOR(11, NewSecond, newSecond);

bool isFinite(float x) { return (floatBitsToUint(x) & 0x7F800000u) != 0x7F800000u; }

void main()
{
    int i = flatInvocation();
    if (4 * i >= p.elements) return;
    if (GUARDED && !isFinite(LOAD4(guard, 0).x)) return;
    float scale = 1.0;
    if (CLIPPED)
    {
        float length = LOAD4(norm, 0).x;
        if (!isFinite(length)) return;
        scale = length > p.maximumNorm ? p.maximumNorm / length : 1.0;
    }
    float r = LOAD4(learningRate, 0).x * p.rateScale;
    vec4 x = LOAD4(parameter, i);
    vec4 g = LOAD4(gradient, i) * scale;
    // The form of the comparison keeps NaN: a clipped NaN would go unnoticed.
    g = choose(greaterThan(g, vec4(p.clip)), vec4(p.clip), choose(lessThan(g, vec4(-p.clip)), vec4(-p.clip), g));
    g += p.l2 * x + p.l1 * sign(x);
    vec4 s = vec4(0.0);
    vec4 q = vec4(0.0);
    if (RULE != RULE_SGD) s = LOAD4(first, i);
    if (RULE == RULE_ADADELTA || RULE == RULE_ADAM) q = LOAD4(second, i);
    if (RULE == RULE_SGD) x -= r * g;
    if (RULE == RULE_MOMENTUM_VELOCITY || RULE == RULE_NESTEROV_VELOCITY)
    {
        s = p.a * s + p.b * g;
        x -= RULE == RULE_NESTEROV_VELOCITY ? r * (g + p.a * s) : r * s;
    }
    if (RULE == RULE_MOMENTUM_DISPLACEMENT || RULE == RULE_NESTEROV_DISPLACEMENT)
    {
        vec4 old = s;
        s = p.a * s - r * p.b * g;
        x += RULE == RULE_NESTEROV_DISPLACEMENT ? (1.0 + p.a) * s - p.a * old : s;
    }
    if (RULE == RULE_ADAGRAD)
    {
        s += g * g;
        x -= r * g / (sqrt(s) + p.epsilon);
    }
    if (RULE == RULE_RMSPROP)
    {
        s = p.a * s + (1.0 - p.a) * g * g;
        x -= r * g / (sqrt(s) + p.epsilon);
    }
    if (RULE == RULE_ADADELTA)
    {
        s = p.a * s + (1.0 - p.a) * g * g;
        vec4 d = sqrt(q + p.epsilon) / sqrt(s + p.epsilon) * g;
        q = p.a * q + (1.0 - p.a) * d * d;
        x -= r * d;
    }
    if (RULE == RULE_ADAM)
    {
        x -= r * p.c * x;
        s = p.a * s + (1.0 - p.a) * g;
        q = p.b * q + (1.0 - p.b) * g * g;
        vec2 correction = vec2(1.0);
        // 1 - a^t loses its digits where a^t is near 1; e^x - 1 does not.
        if (CORRECTED) correction = -exponentialMinusOne(LOAD4(step, 0).x * vec4(p.logarithmOfA, p.logarithmOfB, 0.0, 0.0)).xy;
        x -= r * (s / correction.x) / (sqrt(q / correction.y) + p.epsilon);
    }
    newParameter[i] = x;
    if (RULE != RULE_SGD) newFirst[i] = s;
    if (RULE == RULE_ADADELTA || RULE == RULE_ADAM) newSecond[i] = q;
}
