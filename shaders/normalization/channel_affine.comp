#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Normalises every channel by given statistics: result = program((x - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + shift[c]).
//
// Source, Result [N, C, positions] dense, or [N, positions, quads] channels-last (CHANNELS_LAST = 1); Mean, Variance, Scale, Shift [C].
// Each invocation does four neighbours along the positions, or four channels of one position. Cost: 2 FLOPs and 8 bytes per element.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int CHANNELS_LAST = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items; // invocations that do something: N * C * ceil(positions / 4), or N * positions * quads
    int channels;
    int positions;
    float epsilon;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
INPUT_TENSOR(2, Mean, mean);
INPUT_TENSOR(3, Variance, variance);
INPUT_TENSOR(4, Scale, scale);
INPUT_TENSOR(5, Shift, shift);
OUTPUT_TENSOR(6, Result, result);

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    int element, row = 0, column, count;
    vec4 value, average, spread, factor, summand;
    if (CHANNELS_LAST != 0)
    {
        int quad = item % ((p.channels + 3) >> 2);
        element = 4 * item;
        column = 4 * quad;
        count = min(4, p.channels - column);
        value = LOAD4(source, item);
        average = LOAD4(mean, quad);
        spread = LOAD4(variance, quad);
        factor = LOAD4(scale, quad);
        summand = LOAD4(shift, quad);
    }
    else
    {
        int columns = (p.positions + 3) >> 2;
        int plane = item / columns;
        row = plane % p.channels;
        column = 4 * (item - plane * columns);
        count = min(4, p.positions - column);
        element = plane * p.positions + column;
        if (ALIGNED) value = LOAD4(source, element >> 2);
        else for (int i = 0; i < 4; i++) value[i] = LOAD1(source, element + min(i, count - 1));
        average = vec4(LOAD1(mean, row));
        spread = vec4(LOAD1(variance, row));
        factor = vec4(LOAD1(scale, row));
        summand = vec4(LOAD1(shift, row));
    }
    value = (value - average) / sqrt(spread + p.epsilon) * factor + summand;
    value = epilogue(value, OutputPlace(element, row, column, count));
    if (CHANNELS_LAST != 0) value = choose(lessThan(ivec4(0, 1, 2, 3), ivec4(count)), value, vec4(0.0));
    STORE_FOUR(result, element, count, value)
}
