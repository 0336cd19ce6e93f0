#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
// Makes every element a block of stride elements per axis, then runs an epilogue.
//
// Source [N, C, D, H, W] -> Result [N, C, D * strideDepth, H * strideHeight, W * strideWidth], both dense or both channels-last, or with
// DENSE_SOURCE = 1 from dense to channels-last. Channels-last an invocation makes a block of four channels, dense four neighbours along the width.
// A block repeats its element, or with NAILS = 1 holds it first and zeros behind. Cost: one store per element of Result, and
// one load dense; channels-last one per element of Source.
//!variant texels TEXELS
//!variant baseline
layout(local_size_x = 64) in;
layout(constant_id = 4) const int NAILS = 0;
layout(constant_id = 5) const int DENSE_SOURCE = 0;
layout(constant_id = 6) const int COLUMNS = 2; // strideWidth: known to the driver, which can unroll the loop

#include "pooling/windows.glsl"
#include "common/indexing.glsl"
#include "common/epilogue.glsl"

INPUT_TENSOR(1, Source, source);
OUTPUT_TENSOR(2, Result, result);

// A whole block of four channels.
void channelsLast(int item)
{
    Place place = placeOf(item, p.inputDepth, p.inputHeight, p.inputWidth);
    ivec4 channel = 4 * place.quad + ivec4(0, 1, 2, 3);
    bvec4 exists = lessThan(channel, ivec4(p.channels));
    vec4 value;
    if (DENSE_SOURCE != 0)
    {
        int size = p.inputDepth * p.inputHeight * p.inputWidth;
        ivec4 element = (place.image * p.channels + min(channel, p.channels - 1)) * size + (place.d * p.inputHeight + place.h) * p.inputWidth + place.w;
        value = vec4(LOAD1(source, element.x), LOAD1(source, element.y), LOAD1(source, element.z), LOAD1(source, element.w));
    }
    else value = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, place.d, place.h, ivec4(place.w));
    [[dont_unroll]] for (int line = 0; line < p.strideDepth * p.strideHeight; line++)
    {
        ivec2 row = divide(line, p.strideHeight);
        int position = ((place.image * p.outputDepth + place.d * p.strideDepth + row.x) * p.outputHeight + place.h * p.strideHeight + row.y) * p.outputWidth + place.w * p.strideWidth;
        for (int i = 0; i < COLUMNS; i++)
        {
            int texel = (position + i) * quads() + place.quad;
            vec4 own = NAILS != 0 && line + i > 0 ? vec4(0.0) : value;
            own = epilogue(own, OutputPlace(4 * texel, 0, 4 * place.quad, place.count));
            result[texel] = choose(exists, own, vec4(0.0));
        }
    }
}

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    if (CHANNELS_LAST != 0)
    {
        channelsLast(item);
        return;
    }
    Place place = placeOf(item, p.outputDepth, p.outputHeight, p.outputWidth);
    ivec2 plane = divide(place.d, p.strideDepth);
    ivec2 line = divide(place.h, p.strideHeight);
    bool isFirst = plane.y == 0 && line.y == 0;
    ivec4 columns = min(columnsOf(place), p.outputWidth - 1);
    ivec4 from = ivec4(divide(columns.x, p.strideWidth).x, divide(columns.y, p.strideWidth).x, divide(columns.z, p.strideWidth).x, divide(columns.w, p.strideWidth).x);
    vec4 value = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, plane.x, line.x, from);
    if (NAILS != 0) value = isFirst ? choose(equal(from * p.strideWidth, columns), value, vec4(0.0)) : vec4(0.0);
    int element = elementOf(place, p.outputDepth, p.outputHeight, p.outputWidth);
    value = epilogue(value, OutputPlace(element, place.image % p.channels, place.w, place.count));
    STORE_FOUR(result, element, place.count, value)
}
