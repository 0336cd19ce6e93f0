#version 450
#extension GL_GOOGLE_include_directive : require
// Adds up pairs: result = the sum of first numbers, divided by the sum of second ones if MEAN is 1.
//
// Pairs: count x 2. Result: 1. Parameters: count. One workgroup; the order of the additions depends on count only.
// Cost: 8 bytes and two additions per pair.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 256) in;

layout(constant_id = 0) const int MEAN = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int count;
} p;

#include "common/tensors.glsl"

INPUT_TENSOR(1, Pairs, pairs);
OUTPUT_TENSOR(2, Result, result);

shared vec2 totals[256];

void main()
{
    int own = int(gl_LocalInvocationID.x);
    vec2 total = vec2(0.0);
    for (int i = own; i < p.count; i += 256) total += vec2(LOAD1(pairs, 2 * i), LOAD1(pairs, 2 * i + 1));
    totals[own] = total;
    for (int distance = 128; distance > 0; distance /= 2)
    {
        barrier();
        if (own < distance) totals[own] += totals[own + distance];
    }
    if (own == 0) STORE1(result, 0, MEAN != 0 ? totals[0].x / totals[0].y : totals[0].x);
}
