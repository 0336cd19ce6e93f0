#version 450
#extension GL_GOOGLE_include_directive : require
// A measure of every element x against its target t, or share times the sum of all measures.
//
// Bindings
//   source, target   of one shape
//   result           reduced = 0: of their shape. Else groups = 1: one number; groups > 1: a pair (sum, 0) per workgroup, for loss/totals.comp
// Parameters
//   count            elements
//   groups           workgroups; each goes through all groups of four elements whose number modulo this is its own
//   reduced, share
//   alpha            see MEASURE
// Specialization constants: MEASURE. Cost: 5 to 40 FLOPs and 8 bytes per element. Sums follow a fixed tree.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;

layout(constant_id = 0) const int MEASURE = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
    int groups;
    int reduced;
    float share;
    float alpha;
} p;

#include "common/indexing.glsl"
#include "common/tensors.glsl"
#include "common/numbers.glsl"
#include "loss/element_kinds.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Target, target);
OUTPUT_TENSOR(3, Result, result);

shared float partial[64];

vec4 positivePart(vec4 x) { return choose(isNan4(x), x, max(x, vec4(0.0))); }

vec4 measure(vec4 x, vec4 t)
{
    vec4 difference = x - t;
    if (MEASURE == ELEMENT_SQUARE) return difference * difference;
    if (MEASURE == ELEMENT_ABSOLUTE) return abs(difference);
    if (MEASURE == ELEMENT_HUBER)
    {
        vec4 size = abs(difference);
        return choose(lessThanEqual(size, vec4(p.alpha)), 0.5 * size * size, p.alpha * (size - 0.5 * p.alpha));
    }
    if (MEASURE == ELEMENT_LOGISTIC)
        return (1.0 - t) * x + (1.0 + (p.alpha - 1.0) * t) * (logarithmPlusOne(exponential(-abs(x))) + positivePart(-x));
    if (MEASURE == ELEMENT_DIVERGENCE) return choose(equal(t, vec4(0.0)), vec4(0.0), t * (logarithm(t) - x));
    return exponential(t) * difference * -1.0;
}

void main()
{
    int own = int(gl_LocalInvocationID.x);
    int group = flatWorkgroup();
    int steps = (p.count + 3) >> 2;
    float total = 0.0;
    for (int i = group * 64 + own; i < steps && group < p.groups; i += p.groups * 64)
    {
        vec4 value = measure(LOAD4(source, i), LOAD4(target, i));
        if (p.reduced == 0)
        {
            if (4 * i + 3 < p.count) result[i] = value;
            else for (int k = 0; k < 4; k++) if (4 * i + k < p.count) STORE1(result, 4 * i + k, value[k]);
        }
        value = choose(lessThan(ivec4(4 * i) + ivec4(0, 1, 2, 3), ivec4(p.count)), value, vec4(0.0));
        total += (value.x + value.y) + (value.z + value.w);
    }
    if (p.reduced == 0) return;
    partial[own] = total;
    for (int distance = 32; distance > 0; distance /= 2)
    {
        barrier();
        if (own < distance) partial[own] += partial[own + distance];
    }
    if (own != 0 || group >= p.groups) return;
    if (p.groups == 1) STORE1(result, 0, partial[0] * p.share);
    else
    {
        STORE1(result, 2 * group, partial[0] * p.share);
        STORE1(result, 2 * group + 1, 0.0);
    }
}
