#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Local response normalisation across channels: result = program(x / (bias + alpha / size * sum of squares of the channels
// c - before ... c + after)^beta).
//
// Source, Result [N, C, positions] dense, or [N, positions, quads] channels-last (CHANNELS_LAST = 1).
// Each invocation does four neighbours along the positions, or four channels of one position.
// Cost: 2 size + 20 FLOPs per element; every element is loaded size times when dense, (size + 6) / 4 times when channels-last.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 0) const int CHANNELS_LAST = 0;

layout(set = 0, binding = 0, std140) uniform Parameters
{
    int items; // invocations that do something: N * C * ceil(positions / 4), or N * positions * quads
    int channels;
    int positions;
    int before;
    int after;
    float share; // alpha / size
    float beta;
    float bias;
    vec4 stepScalars[4];
} p;

#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    int element, row = 0, column, count;
    vec4 value;
    vec4 total = vec4(0.0);
    if (CHANNELS_LAST != 0)
    {
        int quads = (p.channels + 3) >> 2;
        int quad = item % quads;
        element = 4 * item;
        column = 4 * quad;
        count = min(4, p.channels - column);
        value = LOAD4(source, item);
        // Pad channels hold zero and add nothing.
        int first = max(0, column - p.before) >> 2;
        int last = min(quads - 1, (column + 3 + p.after) >> 2);
        for (int q = first; q <= last; q++)
        {
            vec4 neighbour = LOAD4(source, item - quad + q);
            neighbour *= neighbour;
            for (int i = 0; i < 4; i++)
            {
                ivec4 distance = 4 * q + i - (column + ivec4(0, 1, 2, 3));
                bvec4 inside = bvec4(uvec4(greaterThanEqual(distance, ivec4(-p.before))) & uvec4(lessThanEqual(distance, ivec4(p.after))));
                total += choose(inside, vec4(neighbour[i]), vec4(0.0));
            }
        }
    }
    else
    {
        int columns = (p.positions + 3) >> 2;
        int plane = item / columns;
        row = plane % p.channels;
        column = 4 * (item - plane * columns);
        count = min(4, p.positions - column);
        element = plane * p.positions + column;
        for (int c = max(0, row - p.before); c <= min(p.channels - 1, row + p.after); c++)
        {
            vec4 neighbour;
            int from = element + (c - row) * p.positions;
            if (ALIGNED) neighbour = LOAD4(source, from >> 2);
            else for (int i = 0; i < 4; i++) neighbour[i] = LOAD1(source, from + min(i, count - 1));
            if (c == row) value = neighbour;
            total += neighbour * neighbour;
        }
    }
    value *= exponential(-p.beta * logarithm(p.bias + p.share * total));
    value = epilogue(value, OutputPlace(element, row, column, count));
    if (CHANNELS_LAST != 0) value = choose(lessThan(ivec4(0, 1, 2, 3), ivec4(count)), value, vec4(0.0));
    STORE_FOUR(result, element, count, value)
}
