#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Makes every element a block of stride elements per axis, then runs an epilogue.
//
// Source [N, C, D, H, W] -> Result [N, C, D * strideDepth, H * strideHeight, W * strideWidth], both dense or both channels-last.
// A block repeats its element, or with NAILS = 1 holds it first and zeros behind. Cost: one load and one store per element of Result.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 4) const int NAILS = 0;

#include "pooling/windows.glsl"
#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

const int RUN = 4;

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    // Channels-last four neighbours along the width, so that finding the place is paid for once.
    Place place = placeOf(item, p.outputDepth, p.outputHeight, CHANNELS_LAST != 0 ? (p.outputWidth + RUN - 1) / RUN : p.outputWidth);
    ivec2 plane = divide(place.d, p.strideDepth);
    ivec2 line = divide(place.h, p.strideHeight);
    bool isFirst = plane.y == 0 && line.y == 0;
    if (CHANNELS_LAST != 0)
    {
        place.w *= RUN;
        bvec4 exists = lessThan(ivec4(0, 1, 2, 3), ivec4(place.count));
        int first = elementOf(place, p.outputDepth, p.outputHeight, p.outputWidth);
        [[unroll]] for (int i = 0; i < STORE_CHUNK; i++)
        {
            if (place.w + i >= p.outputWidth) continue;
            ivec2 from = divide(place.w + i, p.strideWidth);
            vec4 value = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, plane.x, line.x, ivec4(from.x));
            if (NAILS != 0 && !(isFirst && from.y == 0)) value = vec4(0.0);
            int element = first + i * quads() * 4;
            value = epilogue(value, OutputPlace(element, 0, 4 * place.quad, place.count));
            result[element >> 2] = choose(exists, value, vec4(0.0));
        }
        return;
    }
    ivec4 columns = min(columnsOf(place), p.outputWidth - 1);
    ivec4 from = ivec4(divide(columns.x, p.strideWidth).x, divide(columns.y, p.strideWidth).x, divide(columns.z, p.strideWidth).x, divide(columns.w, p.strideWidth).x);
    vec4 value = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, plane.x, line.x, from);
    if (NAILS != 0) value = isFirst ? choose(equal(from * p.strideWidth, columns), value, vec4(0.0)) : vec4(0.0);
    int element = elementOf(place, p.outputDepth, p.outputHeight, p.outputWidth);
    value = epilogue(value, OutputPlace(element, place.image % p.channels, place.w, place.count));
    STORE_FOUR(result, element, place.count, value)
}
