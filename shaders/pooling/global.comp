#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Pooling over all positions: one number per image and channel, then an epilogue.
//
// Source [N, C, positions] -> Result [N, C, 1...], dense; or [N, positions, quads] -> [N, 1..., quads], channels-last.
// ALIGNED must be 1 when channels-last, else 0. KIND is one of POOL_... of windows.glsl. LANES invocations (1 or 64) share a row and add up in a fixed order.
// Cost: one operation per input element, every one loaded once.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int CHANNELS_LAST = 0;
layout(constant_id = 1) const int KIND = 0;
layout(constant_id = 2) const int LANES = 1;

#include "pooling/kinds.glsl"

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int rows; // N * C, or N * quads
    int channels; // C
    int positions; // elements in a row
    float exponent; // p of POOL_NORM_P
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

shared vec4 partial[64];

vec4 combine(vec4 a, vec4 b)
{
    if (KIND != POOL_MAXIMUM) return a + b;
    return choose(isNan4(a), a, choose(isNan4(b), b, max(a, b)));
}

vec4 prepared(vec4 value)
{
    if (KIND == POOL_NORM_1) return abs(value);
    if (KIND == POOL_NORM_2) return value * value;
    if (KIND == POOL_NORM_P) return exponential(p.exponent * logarithm(abs(value)));
    return value;
}

void main()
{
    int quads = (p.channels + 3) >> 2;
    int lane = int(gl_LocalInvocationID.x) % LANES;
    int row = (flatWorkgroup() * 64 + int(gl_LocalInvocationID.x)) / LANES;
    vec4 total = vec4(KIND == POOL_MAXIMUM ? -INFINITY : 0.0);
    if (row < p.rows)
    {
        if (CHANNELS_LAST != 0)
        {
            int start = row / quads * p.positions * quads + row % quads;
            for (int i = lane; i < p.positions; i += LANES) total = combine(total, prepared(LOAD4(source, start + i * quads)));
        }
        else
        {
            int start = row * p.positions;
            for (int i = lane; i < p.positions; i += LANES) total = combine(total, prepared(vec4(LOAD1(source, start + i))));
        }
    }
    if (LANES > 1)
    {
        partial[gl_LocalInvocationID.x] = total;
        for (int distance = LANES / 2; distance > 0; distance /= 2)
        {
            barrier();
            if (lane < distance) partial[gl_LocalInvocationID.x] = combine(partial[gl_LocalInvocationID.x], partial[gl_LocalInvocationID.x + distance]);
        }
        total = partial[gl_LocalInvocationID.x];
    }
    if (lane != 0 || row >= p.rows) return;
    if (KIND == POOL_AVERAGE) total /= float(p.positions);
    if (KIND == POOL_NORM_2) total = sqrt(total);
    if (KIND == POOL_NORM_P) total = exponential(logarithm(total) / p.exponent);
    if (CHANNELS_LAST != 0)
    {
        int column = row % quads * 4;
        int count = min(4, p.channels - column);
        total = epilogue(total, OutputPlace(row * 4, 0, column, count));
        result[row] = choose(lessThan(ivec4(0, 1, 2, 3), ivec4(count)), total, vec4(0.0));
    }
    else
    {
        total = epilogue(total, OutputPlace(row, row % p.channels, 0, 1));
        STORE1(result, row, total.x);
    }
}
