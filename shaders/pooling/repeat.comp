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

void main()
{
    int item = flatInvocation();
    if (item >= p.items) return;
    Place place = placeOf(item, p.outputDepth, p.outputHeight, p.outputWidth);
    ivec4 columns = min(columnsOf(place), p.outputWidth - 1);
    ivec4 from = ivec4(divide(columns.x, p.strideWidth).x);
    if (CHANNELS_LAST == 0) from.yzw = ivec3(divide(columns.y, p.strideWidth).x, divide(columns.z, p.strideWidth).x, divide(columns.w, p.strideWidth).x);
    ivec2 plane = divide(place.d, p.strideDepth);
    ivec2 line = divide(place.h, p.strideHeight);
    vec4 value = FETCH(source, place, p.inputDepth, p.inputHeight, p.inputWidth, plane.x, line.x, from);
    if (NAILS != 0)
    {
        bool isFirst = plane.y == 0 && line.y == 0;
        value = isFirst ? choose(equal(from * p.strideWidth, columns), value, vec4(0.0)) : vec4(0.0);
    }
    int element = elementOf(place, p.outputDepth, p.outputHeight, p.outputWidth);
    int row = CHANNELS_LAST != 0 ? 0 : place.image % p.channels;
    value = epilogue(value, OutputPlace(element, row, CHANNELS_LAST != 0 ? 4 * place.quad : place.w, place.count));
    if (CHANNELS_LAST != 0) value = choose(lessThan(ivec4(0, 1, 2, 3), ivec4(place.count)), value, vec4(0.0));
    STORE_FOUR(result, element, place.count, value)
}
